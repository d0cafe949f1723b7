/*
 * plan.h - the memory file from which the keeper starts the job.
 */
#ifndef JOBS_CMD_PLAN_H
#define JOBS_CMD_PLAN_H

#include "environment.h"

struct launch;

/*
 * A memfd with struct family_plan (family.h) for the launch's program, cwd,
 * terminal and limit of open files, and what [job] says of umask, nice and
 * merge. env is
 * the job's; it must hold ENVIRONMENT_ATTEMPT, whose place is made wide enough
 * for any attempt. -1: errno.
 */
int plan_open(const struct launch *launch, const struct environment *env);

#endif
