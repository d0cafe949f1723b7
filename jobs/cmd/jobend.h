/*
 * jobend.h - do a job's events say that it is over?
 */
#ifndef JOBS_CMD_JOBEND_H
#define JOBS_CMD_JOBEND_H

#include <stdbool.h>

/* What is so after an event of this name: it may say that the job ended, or
 * that it began (once more); else nothing changes. */
bool jobend_after(const char *name, bool over);
/* True when the last word in the directory's events is the job's end. Reads
 * from the end, so that a long file costs no more than a short one. */
bool jobend_is_recorded(int dir);

#endif
