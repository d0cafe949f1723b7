/*
 * pager.h - what is long is shown a screen at a time, as git does it:
 * $JOBWATCH_PAGER, else $PAGER, else less(1).
 */
#ifndef JOBS_CMD_PAGER_H
#define JOBS_CMD_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

struct pager {
	pid_t pid;
	int out; /* what stdout was, owned */
	int err; /* and stderr; -1: it was no terminal, and stays */
};

/*
 * Starts it, and stdout leads there from now on. False: none is wanted, or
 * it is not to be had; then all is as it was. Ctrl-C is the pager's until
 * pager_end: who only writes notices by EPIPE that it left.
 */
bool pager_start(struct pager *pager);
/* Ends its input, waits until the person has seen enough, and undoes all.
 * False: there was no such pager after all, and nothing has been seen. */
bool pager_end(struct pager *pager);

#endif
