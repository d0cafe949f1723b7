/*
 * source.h - one file as far as it was read, and what becomes of it.
 *
 * A file that others write may be cut off at any time (truncate, logrotate's
 * copytruncate) and be written anew. That it has become shorter tells; where
 * it has grown beyond our place again, the bytes before that place do.
 */
#ifndef FEEDER_SOURCE_H
#define FEEDER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SOURCE_WINDOW 256 /* bytes by which a file is known again */

struct source {
	int fd; /* owned; -1: closed, only its place is remembered */
	dev_t dev;
	ino_t ino;
	off_t at;   /* all before it was read */
	off_t size; /* as of the last look */
	size_t have;
	char window[SOURCE_WINDOW]; /* the `have` bytes before at */
};

enum source_change {
	SOURCE_SAME,
	SOURCE_CUT,  /* it is shorter than what was read of it */
	SOURCE_ANEW, /* it is as long, and says something else */
	SOURCE_CHANGES
};

/* What a look at a file has found: lost is what had been seen to be there and
 * was not read. */
struct source_news {
	enum source_change change;
	off_t was_at;
	off_t lost;
};

/* Takes fd, a regular file of which all before `at` is not wanted. 0, or -1
 * with errno; fd is the caller's then. */
int source_open(struct source *source, int fd, off_t at);
void source_close(struct source *source);
/* True when fd is the file that source is, or was before it was closed. */
bool source_is(const struct source *source, int fd);
/* True when nothing is there that was not read. */
bool source_is_read(const struct source *source);
/* Looks what has become of the file; one that was cut off or written anew is
 * read from its start, or from where what was never written ends. 0, or -1
 * with errno. */
int source_look(struct source *source, struct source_news *news);
/* Up to n bytes of what comes next. 0: nothing there now; -1: errno. */
ssize_t source_read(struct source *source, char *bytes, size_t n);

#endif
