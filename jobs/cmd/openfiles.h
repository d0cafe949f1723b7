/*
 * openfiles.h - the limit of open files, where it is too low for a family.
 */
#ifndef JOBS_CMD_OPENFILES_H
#define JOBS_CMD_OPENFILES_H

#include <stdint.h>

#include "why.h"

/*
 * Raises the soft limit of this process, which the family inherits, to what
 * jobwatch itself needs; *job_soft is what the job is to get back, 0 when
 * nothing was changed. 0, or -1 with why: the hard limit is too low.
 */
int openfiles_raise(uint64_t *job_soft, struct why *why);

#endif
