/*
 * fate.h - what becomes of a letter after an attempt.
 */
#ifndef NOTIFY_FATE_H
#define NOTIFY_FATE_H

#include "courier.h"
#include "verdict.h"

struct fate {
	enum verdict verdict;
	const char *error;     /* "" for VERDICT_SENT; borrowed */
	int64_t retry_after_s; /* what the receiver asked for; 0: nothing */
};

/* Settles the letter, which may be gone afterwards, as may be others of its
 * channel. */
void fate_settle(struct courier *courier, struct letter *letter,
    const struct fate *fate);
/* The event of a letter, with its line in *line, to be freed. 0, or -1: it
 * is not where it was. */
int fate_read_event(const struct courier *courier, const struct letter *letter,
    struct occurrence *occurrence, char **line);

#endif
