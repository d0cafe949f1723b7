/*
 * follower.h - what is written to the file of a name, whichever file that is.
 *
 * When the name comes to mean another file, the old one is read to its end
 * first, and is read on for a while: its writer may not have heard.
 */
#ifndef FEEDER_FOLLOWER_H
#define FEEDER_FOLLOWER_H

#include <stdint.h>
#include <sys/types.h>

#include "source.h"
#include "trail.h"

#define FOLLOWER_FILES 8 /* that are read, one after the other */
#define FOLLOWER_KNOWN 8 /* whose place is remembered */

struct follower {
	const char *path; /* absolute, borrowed */
	struct trail trail;
	struct source files[FOLLOWER_FILES]; /* the name meant the last one */
	unsigned count;
	bool due;	  /* it means another one, for which is no room */
	int64_t until_us; /* when to let go of the others; 0: not yet */
	struct source known[FOLLOWER_KNOWN]; /* let go; a ring */
	unsigned forgotten;		     /* so many, so far */
	int error; /* why the name cannot be read, as it was said; 0: it can */
};

/* Starts at the place where fd stands, if that is a regular file (taken),
 * else with whatever comes. */
void follower_init(struct follower *follower, const char *path, int fd);
void follower_release(struct follower *follower);
/* Looks whether the name means another file by now; to be called whenever
 * follower_fd is readable, whether there is room for more bytes or not. */
void follower_step(struct follower *follower);
/* Up to n bytes of what comes next; 0: nothing there now. */
size_t follower_read(struct follower *follower, char *bytes, size_t n);
/* To poll for POLLIN; -1: none. And for how long; -1: for ever. */
int follower_fd(const struct follower *follower);
int follower_wait_ms(const struct follower *follower);

#endif
