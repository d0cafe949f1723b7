/*
 * verdict.c - see verdict.h. Standard Webhooks asks to take 410 for the end
 * of an endpoint; 401 and 404 will not mend themselves during a job either.
 * A redirect is never followed, but may be a hotel's log-in page: later.
 */
#include "verdict.h"

#include <stddef.h>

struct verdict_row {
	long from;
	long to;
	enum verdict verdict;
};

/* The first row that has the status counts. */
static const struct verdict_row verdict_rows[] = {
	{ 200, 299, VERDICT_SENT },
	{ 401, 401, VERDICT_CLOSED },
	{ 404, 404, VERDICT_CLOSED },
	{ 410, 410, VERDICT_CLOSED },
	{ 408, 408, VERDICT_RETRY },
	{ 425, 425, VERDICT_RETRY },
	{ 429, 429, VERDICT_RETRY },
	{ 400, 499, VERDICT_REFUSED },
};

enum verdict
verdict_of(long status)
{
	size_t count = sizeof(verdict_rows) / sizeof(verdict_rows[0]);

	for (size_t i = 0; i < count; i++)
		if (status >= verdict_rows[i].from &&
		    status <= verdict_rows[i].to)
			return verdict_rows[i].verdict;
	return VERDICT_RETRY;
}
