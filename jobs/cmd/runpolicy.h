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
	const char *file; /* NULL: none */
	char **sets;	  /* owned strings */
	int count;
	char **urls; /* of --notify, borrowed strings */
	int url_count;
	bool local;
};

void runpolicy_release(struct runpolicy *run);
/* "KEY=VALUE" as given. 0, or -1: out of memory. */
int runpolicy_set(struct runpolicy *run, const char *assignment);
/* KEY = "TEXT", whatever the text. */
int runpolicy_set_text(struct runpolicy *run, const char *key,
    const char *text);
/* KEY = ["A", "B"] from "A, B". */
int runpolicy_set_words(struct runpolicy *run, const char *key,
    const char *words);
int runpolicy_notify(struct runpolicy *run, char *url);
/* Loads and checks; says all that is wrong on stderr. An exit code. */
int runpolicy_load(struct runpolicy *run, struct policy *policy);

#endif
