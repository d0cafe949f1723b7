/*
 * runoptions.h - the command lines of `jobwatch run` and `watch`: what is to
 * be started or watched, and what was said about it.
 */
#ifndef JOBS_CMD_RUNOPTIONS_H
#define JOBS_CMD_RUNOPTIONS_H

#include <stdbool.h>

#include "cmd.h"
#include "runpolicy.h"

/* Text is borrowed from argv; NULL where nothing was said. */
struct runoptions {
	struct runpolicy policy;
	const char **given; /* --env, each NAME=VALUE; the list is owned */
	int given_count;
	const char *name;
	const char *cwd;
	bool detach;
	bool quiet;
	bool takes_input; /* --stdin */
	bool from_start;  /* --from-start */
	bool json;
	char **argv; /* of the job; its first word is not empty */
};

/* Reads argv, whose first word is the command's name, into zeroed options,
 * which are to be released whatever comes of it. An exit code; what is wrong
 * has been said. */
int runoptions_parse(const struct cmd *cmd, struct runoptions *options,
    int argc, char **argv);
/* The same for `watch`, where argv is the one operand. */
int runoptions_parse_watch(const struct cmd *cmd, struct runoptions *options,
    int argc, char **argv);
void runoptions_release(struct runoptions *options);

#endif
