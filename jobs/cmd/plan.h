/*
 * plan.h - the memory file from which the keeper starts the job.
 */
#ifndef JOBS_CMD_PLAN_H
#define JOBS_CMD_PLAN_H

#include "environment.h"
#include "policy.h"

/*
 * A memfd with struct family_plan (family.h) for argv, env, cwd and what
 * [job] says of umask, nice and merge. env must hold ENVIRONMENT_ATTEMPT;
 * its place is made wide enough for any attempt. -1: errno.
 */
int plan_open(char **argv, const struct environment *env, const char *cwd,
    const struct policy *policy);

#endif
