/*
 * passing.c - see passing.h.
 */
#include "passing.h"

#include <string.h>

void
passing_attach(struct msghdr *msg, union passing_room *room, const int *fds,
    unsigned count)
{
	struct cmsghdr *header;

	if (count == 0)
		return;
	memset(room, 0, sizeof(*room));
	msg->msg_control = room->bytes;
	msg->msg_controllen = CMSG_SPACE(sizeof(int) * count);
	header = CMSG_FIRSTHDR(msg);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
}

void
passing_expect(struct msghdr *msg, union passing_room *room)
{
	msg->msg_control = room->bytes;
	msg->msg_controllen = sizeof(room->bytes);
}

unsigned
passing_take(struct msghdr *msg, int fds[PASSING_MAX])
{
	struct cmsghdr *header = CMSG_FIRSTHDR(msg);
	size_t length;

	if (header == NULL || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS)
		return 0;
	length = header->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(header), length);
	return (unsigned)(length / sizeof(int));
}
