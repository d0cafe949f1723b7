/*
 * identity.h - who a job is: job.json, its first status, and what the job
 * itself is told in its environment.
 */
#ifndef JOBS_CMD_IDENTITY_H
#define JOBS_CMD_IDENTITY_H

#include "environment.h"
#include "launch.h"
#include "why.h"

/* What ties a job to others, and its own random name. */
struct identity {
	char correlation_id[128];
	char trace_id[33];
	char traceparent[56];
	char uid[33];
};

/* Inherits from policy and environment, or makes new ones. */
void identity_choose(struct identity *identity, const struct policy *policy,
    const struct environment *env);

/* Writes job.json, policy.toml, policy.json and a first status.json. 0, or
 * -1 with why. */
int identity_write(const struct launch *launch, int dir, const char *id,
    struct why *why);
/* Sets JOBWATCH_* and TRACEPARENT for the job. 0, or -1. */
int identity_environment(const struct launch *launch, const char *id,
    struct environment *env);

#endif
