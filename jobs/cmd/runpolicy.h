/*
 * runpolicy.h - the policy of a run: the file, --set, and the short cuts,
 * which are assignments like any other.
 */
#ifndef JOBS_CMD_RUNPOLICY_H
#define JOBS_CMD_RUNPOLICY_H

#include <stdbool.h>

#include "policy.h"

/* Assignments in the order of the command line; to be released. */
struct runpolicy {
	const char *file;		/* NULL: none */
	struct policy_assignment *sets; /* owned, and so is their text */
	int count;
	char **urls; /* of --notify, borrowed strings */
	int url_count;
	bool local;
};

void runpolicy_release(struct runpolicy *run);
/* "KEY=VALUE" of --set. 0, or -1: out of memory. */
int runpolicy_set(struct runpolicy *run, const char *assignment);
/* KEY = "TEXT", whatever the text, for a flag ("--stall", to be kept by the
 * caller), by which errors call it. */
int runpolicy_set_text(struct runpolicy *run, const char *flag, const char *key,
    const char *text);
/* KEY = ["A", "B"] from "A, B". */
int runpolicy_set_words(struct runpolicy *run, const char *flag,
    const char *key, const char *words);
int runpolicy_notify(struct runpolicy *run, char *url);
/* Loads and checks; says all that is wrong on stderr. An exit code. */
int runpolicy_load(struct runpolicy *run, struct policy *policy);

#endif
