/*
 * siphon.h - moves what the job has printed into a staging pipe, so that no
 * instant is left in which it is nowhere but in our memory.
 */
#ifndef SUPERVISOR_SIPHON_H
#define SUPERVISOR_SIPHON_H

#include <stdbool.h>
#include <sys/types.h>

struct siphon {
	int from;    /* a pipe, or the master of a terminal; non-blocking */
	int to;	     /* a pipe */
	bool copies; /* learned: this terminal cannot be spliced from */
};

/*
 * Moves some of what there is, at once. Bytes moved; 0 at the end of a pipe;
 * -1: errno, which is EAGAIN where nothing is there or there is no room, and
 * EIO at the end of a terminal.
 */
ssize_t siphon_move(struct siphon *siphon);

#endif
