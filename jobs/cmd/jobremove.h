/*
 * jobremove.h - taking away the directory of a job that is over.
 */
#ifndef JOBS_CMD_JOBREMOVE_H
#define JOBS_CMD_JOBREMOVE_H

#include <stdint.h>

#include "jobref.h"

/*
 * Removes the job, unless it runs, may run elsewhere, or its family still has
 * alerts to deliver after patience_ms. CMD_OK; CMD_NO and why: it stays;
 * CMD_FAILED and why.
 */
int jobremove(const struct jobref *ref, int64_t patience_ms, struct why *why);
/* Bytes of all files in the directory. */
int64_t jobremove_size(int dir);

#endif
