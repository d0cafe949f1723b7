/*
 * runjob.h - what `run` and `watch` have in common: a job is put together
 * from a command line and a policy, launched, and followed.
 */
#ifndef JOBS_CMD_RUNJOB_H
#define JOBS_CMD_RUNJOB_H

#include <jansson.h>
#include <limits.h>

#include "environment.h"
#include "identity.h"
#include "jobdir.h"
#include "policy.h"
#include "runoptions.h"

/* All that a job is started with; owned, where it does not say otherwise. */
struct runjob {
	struct runoptions options;
	struct policy policy;
	json_t *secrets;
	struct environment own_env; /* the family's */
	struct environment env;	    /* the job's */
	struct identity identity;
	char *policy_text;
	char *home;
	int home_fd;
	const char *name; /* of the options, the policy, or name_text */
	char name_text[JOB_NAME_MAX + 1]; /* "": made of the command's */
	char cwd[PATH_MAX];
	char **program;	     /* as in struct launch, borrowed */
	const char *watched; /* the same */
	int input;	     /* what the job reads, borrowed; -1: nothing */
	int terminal;	     /* master of its terminal; -1: none */
};

/* Nothing yet; to be released whatever comes of it. */
void runjob_init(struct runjob *run);
void runjob_release(struct runjob *run);
/* The options are there: loads and checks all that can be wrong. An exit code;
 * what is wrong has been said. */
int runjob_prepare(struct runjob *run);
/* Whether the job may read our standard input, as `what` asks for. An exit
 * code. */
int runjob_check_input(const struct runjob *run, const char *what);
/* Launches the job and, unless detached, follows it to its end. An exit
 * code. */
int runjob_start(struct runjob *run);

#endif
