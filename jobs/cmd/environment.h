/*
 * environment.h - what the job finds in its environment.
 *
 * Ours, without the variables that hold secrets of the policy; what policy
 * and --env add; and the few that jobwatch gives to every job.
 */
#ifndef JOBS_CMD_ENVIRONMENT_H
#define JOBS_CMD_ENVIRONMENT_H

#include <jansson.h>

#include "policy.h"
#include "why.h"

#define ENVIRONMENT_ATTEMPT "JOBWATCH_ATTEMPT"

/* A list of "NAME=value", each name once; grows by itself. */
struct environment {
	char **list; /* NULL-terminated */
	size_t count;
};

/* Copies environ, without the env: references of the secrets object. 0, or
 * -1: out of memory. */
int environment_init(struct environment *env, const json_t *secrets);
/* A copy of another. 0, or -1. */
int environment_copy(struct environment *env, const struct environment *from);
void environment_release(struct environment *env);
/* Sets or replaces a variable. 0, or -1. */
int environment_set(struct environment *env, const char *name,
    const char *value);
void environment_unset(struct environment *env, const char *name);
/* The value, or NULL. */
const char *environment_get(const struct environment *env, const char *name);
/* [job] env and python_buffering of the policy. 0, or -1. */
int environment_apply(struct environment *env, const struct policy *policy);

#endif
