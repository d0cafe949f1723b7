/*
 * message.c - see message.h.
 */
#include "message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "passing.h"

_Static_assert(MESSAGE_FDS_MAX <= PASSING_MAX, "they have room");

#define PLAIN(type) sizeof(type), sizeof(type), 0
#define WITH_FDS(type, n) sizeof(type), sizeof(type), (n)
#define WITH_TEXT(type) sizeof(type), sizeof(type) + MESSAGE_TEXT_MAX, 0

const struct message_row message_rows[MESSAGE_COUNT] = {
	[MESSAGE_JOB] = { "job", PROC_KEEPER, PROC_SUPERVISOR,
	    WITH_FDS(struct message_job, 1) },
	[MESSAGE_PING] = { "ping", PROC_KEEPER, PROC_SUPERVISOR, 0, 0, 0 },
	[MESSAGE_PONG] = { "pong", PROC_SUPERVISOR, PROC_KEEPER, 0, 0, 0 },
	[MESSAGE_SPAWN] = { "spawn", PROC_SUPERVISOR, PROC_KEEPER,
	    PLAIN(struct message_spawn) },
	[MESSAGE_DONE] = { "done", PROC_SUPERVISOR, PROC_KEEPER, 0, 0, 0 },
	[MESSAGE_RESUME] = { "resume", PROC_SUPERVISOR, PROC_CLASSIFIER,
	    PLAIN(struct message_resume) },
	[MESSAGE_SEGMENT] = { "segment", PROC_SUPERVISOR, PROC_CLASSIFIER,
	    WITH_FDS(struct message_segment, 2) },
	[MESSAGE_GROWN] = { "grown", PROC_SUPERVISOR, PROC_CLASSIFIER,
	    PLAIN(struct message_grown) },
	[MESSAGE_CURSOR] = { "cursor", PROC_CLASSIFIER, PROC_SUPERVISOR,
	    PLAIN(struct message_cursor) },
	[MESSAGE_FINDING] = { "finding", PROC_CLASSIFIER, PROC_SUPERVISOR,
	    WITH_TEXT(struct message_finding) },
	[MESSAGE_NOTE] = { "note", PROC_CLASSIFIER, PROC_SUPERVISOR, 1,
	    MESSAGE_TEXT_MAX, 0 },
	[MESSAGE_EVENTS] = { "events", PROC_SUPERVISOR, PROC_NOTIFIER,
	    PLAIN(struct message_events) },
	[MESSAGE_DELIVERY] = { "delivery", PROC_NOTIFIER, PROC_SUPERVISOR,
	    WITH_TEXT(struct message_delivery) },
	[MESSAGE_OUTBOX] = { "outbox", PROC_NOTIFIER, PROC_SUPERVISOR,
	    PLAIN(struct message_outbox) },
	[MESSAGE_SURVEY] = { "survey", PROC_SUPERVISOR, PROC_CLASSIFIER, 0, 0,
	    0 },
	[MESSAGE_TEMPLATES] = { "templates", PROC_CLASSIFIER, PROC_SUPERVISOR,
	    PLAIN(struct message_templates) },
};

int
message_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int
message_fits(uint32_t type, size_t length, unsigned fd_count)
{
	const struct message_row *row;

	if (type >= MESSAGE_COUNT)
		return 0;
	row = &message_rows[type];
	return length >= row->min && length <= row->max && fd_count <= row->fds;
}

int
message_send(int fd, enum message_type type, const void *body,
    size_t body_length, const void *tail, size_t tail_length, const int *fds,
    unsigned fd_count)
{
	uint32_t head = type;
	struct iovec parts[] = {
		{ &head, sizeof(head) },
		{ (void *)body, body_length },
		{ (void *)tail, tail_length },
	};
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 3 };
	union passing_room room;
	ssize_t n;

	if (!message_fits(type, body_length + tail_length, fd_count)) {
		errno = EINVAL;
		return -1;
	}
	passing_attach(&msg, &room, fds, fd_count);
	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

static int
message_refuse(struct message *message)
{
	for (unsigned i = 0; i < message->fd_count; i++)
		close(message->fds[i]);
	message->fd_count = 0;
	errno = EBADMSG;
	return -1;
}

int
message_recv(int fd, enum proc self, struct message *message)
{
	uint32_t head = MESSAGE_COUNT;
	struct iovec parts[] = {
		{ &head, sizeof(head) },
		{ message->body, sizeof(message->body) },
	};
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
	union passing_room room;
	ssize_t n;

	passing_expect(&msg, &room);
	do
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return (int)n;
	message->fd_count = passing_take(&msg, message->fds);
	message->type = head;
	message->length = (size_t)n - sizeof(head);
	if ((size_t)n < sizeof(head) ||
	    (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
	    !message_fits(head, message->length, message->fd_count) ||
	    message_rows[head].to != self)
		return message_refuse(message);
	return 1;
}
