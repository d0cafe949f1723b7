/*
 * outlet.h - one of our output descriptors, written without being stuck.
 *
 * A pager that is not read, a terminal stopped by Ctrl-S or a full pipe must
 * not keep a client from its signals. The descriptor's own flags stay as
 * they are: whoever shares it (the shell, the job's neighbours in a
 * pipeline) would be surprised by O_NONBLOCK.
 */
#ifndef JOBS_CMD_OUTLET_H
#define JOBS_CMD_OUTLET_H

#include <stdbool.h>
#include <sys/types.h>

struct outlet {
	int fd;	 /* borrowed: what we were given */
	int own; /* the same file, non-blocking; -1: could not */
	bool is_socket;
	bool may_block;	  /* and then only by the disk: a plain file */
	bool by_copy;	  /* sendfile(2) does not work here */
	bool closed;	  /* nothing can be written any more */
	const char *name; /* for messages, borrowed */
};

void outlet_init(struct outlet *outlet, int fd, const char *name);
void outlet_release(struct outlet *outlet);
/* The descriptor to poll for POLLOUT after a 0 from outlet_send. */
int outlet_poll_fd(const struct outlet *outlet);
/*
 * Sends up to n bytes of the file `from` at *at, which moves on. Bytes sent;
 * 0: full, poll; -1: the outlet is closed now, and errno says why.
 */
ssize_t outlet_send(struct outlet *outlet, int from, off_t *at, size_t n);
/* The same from memory; n is not 0. */
ssize_t outlet_put(struct outlet *outlet, const char *bytes, size_t n);

#endif
