/*
 * siphon.c - see siphon.h.
 */
#include "siphon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define MOVE_MAX (1u << 20)

/*
 * splice's stand-in where a terminal has none (Linux 5.10): who is killed
 * between the two calls loses what it has read, PIPE_BUF bytes at most. A
 * pipe that is ready has room for as many, so that nothing is ever read for
 * which there is no place.
 */
static ssize_t
siphon_copy(const struct siphon *siphon)
{
	struct pollfd room = { .fd = siphon->to, .events = POLLOUT };
	char piece[PIPE_BUF];
	ssize_t n;

	if (poll(&room, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	n = read(siphon->from, piece, sizeof(piece));
	return n <= 0 ? n : write(siphon->to, piece, (size_t)n);
}

/* From a pipe, pages change their owner; from a terminal, the kernel copies
 * into new ones. Either is one call, which a signal does not cut in two. */
ssize_t
siphon_move(struct siphon *siphon)
{
	ssize_t n = -1;

	if (!siphon->copies)
		n = splice(siphon->from, NULL, siphon->to, NULL, MOVE_MAX,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n == -1 && !siphon->copies && errno == EINVAL)
		siphon->copies = true;
	return siphon->copies ? siphon_copy(siphon) : n;
}
