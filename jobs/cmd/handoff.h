/*
 * handoff.h - a command that another program of the house carries out: what
 * belongs to the command line is done here, then that program takes over
 * this process, with its arguments and descriptors.
 */
#ifndef JOBS_CMD_HANDOFF_H
#define JOBS_CMD_HANDOFF_H

#include "policy.h"

#define HANDOFF_ARGS_MAX 12
#define HANDOFF_NUMBERS_MAX 2

/* A command line, growing; text borrowed or in `numbers`. */
struct handoff {
	const char *argv[HANDOFF_ARGS_MAX + 1];
	int argc;
	char numbers[HANDOFF_NUMBERS_MAX][16];
	int number_count;
};

/* The first one is the program's name, "jobwatch-notifier". */
void handoff_add(struct handoff *handoff, const char *text);
/* "NAME FD", with a descriptor that stays open over the exec. 0, or -1 with
 * errno. */
int handoff_add_fd(struct handoff *handoff, const char *name, int fd);
/* The resolved policy as an anonymous file, the caller's; -1 with errno. */
int handoff_policy_fd(const struct policy *policy);
/* Returns only when it fails: an exit code, and what is wrong was said. */
int handoff_exec(struct handoff *handoff);

#endif
