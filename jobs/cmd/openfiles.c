/*
 * openfiles.c - see openfiles.h.
 */
#include "openfiles.h"

#include <sys/resource.h>

#define OPENFILES_LEAST 64   /* a family's fixed numbers, and a few clients */
#define OPENFILES_USUAL 1024 /* many segments that wait for the classifier */

int
openfiles_raise(uint64_t *job_soft, struct why *why)
{
	struct rlimit limit;
	rlim_t soft;

	*job_soft = 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return why_errno(why, "cannot read the limit of open files");
	if (limit.rlim_max < OPENFILES_LEAST)
		return why_set(why,
		    "the limit of open files is %llu, and jobwatch needs %d: "
		    "raise the hard limit (ulimit -Hn)",
		    (unsigned long long)limit.rlim_max, OPENFILES_LEAST);
	soft = limit.rlim_cur;
	if (soft >= OPENFILES_USUAL || soft == limit.rlim_max)
		return 0;
	limit.rlim_cur = limit.rlim_max < OPENFILES_USUAL ? limit.rlim_max
							  : OPENFILES_USUAL;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		return why_errno(why, "cannot raise the limit of open files");
	*job_soft = soft;
	return 0;
}
