/*
 * passing.h - descriptors that travel with a message over a Unix socket.
 */
#ifndef JOBS_CORE_PASSING_H
#define JOBS_CORE_PASSING_H

#include <sys/socket.h>

#define PASSING_MAX 2

/* Room for the descriptors of one message, aligned as cmsg(3) asks. */
union passing_room {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * PASSING_MAX)];
};

/* Makes count descriptors (0: none) part of msg; room must outlive it. */
void passing_attach(struct msghdr *msg, union passing_room *room,
    const int *fds, unsigned count);
/* Before recvmsg: there is room for what may come. */
void passing_expect(struct msghdr *msg, union passing_room *room);
/* After it: those that came, which the caller owns. How many. */
unsigned passing_take(struct msghdr *msg, int fds[PASSING_MAX]);

#endif
