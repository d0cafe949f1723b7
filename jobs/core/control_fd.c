/*
 * control_fd.c - an answer that brings a descriptor along; see control.h.
 */
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "passing.h"

#define ANSWER_MAX 512

int
control_answer_fd(int socket, int fd)
{
	static const char line[] = "{\"ok\":true}\n";
	struct iovec part = { (void *)line, sizeof(line) - 1 };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	union passing_room room;
	ssize_t n;

	passing_attach(&msg, &room, &fd, 1);
	do
		n = sendmsg(socket, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(line) - 1 ? 0 : -1;
}

/* Why the family does not give it, in its own words. */
static int
control_refused(const char *line, size_t n, struct why *why)
{
	json_t *answer = json_loadb(line, n, JSON_DISABLE_EOF_CHECK, NULL);
	const char *error = json_string_value(json_object_get(answer, "error"));

	why_set(why, "%s", error == NULL ? "refused" : error);
	json_decref(answer);
	errno = EINVAL;
	return -1;
}

/* The answer is one line, and the descriptor comes with its first byte. */
static int
control_recv_fd(int socket, int timeout_ms, struct why *why)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	char line[ANSWER_MAX];
	struct iovec part = { line, sizeof(line) };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	union passing_room room;
	int fds[PASSING_MAX];
	ssize_t n = -1;

	passing_expect(&msg, &room);
	if (poll(&p, 1, timeout_ms) == 1)
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	else
		errno = ETIMEDOUT;
	if (n == 0)
		errno = EPIPE;
	if (n <= 0)
		return why_errno(why, "no answer");
	if (passing_take(&msg, fds) == 1)
		return fds[0];
	return control_refused(line, (size_t)n, why);
}

int
control_ask_fd(int dir, const char *home, const char *id, json_t *request,
    int timeout_ms, struct why *why)
{
	struct control *control = malloc(sizeof(*control));
	int fd = -1, saved;

	if (control == NULL)
		return why_errno(why, "cannot ask job %s", id);
	if (control_connect(control, dir, home, id, why) == -1)
		goto out;
	if (control_send(control, request) == 0)
		fd = control_recv_fd(control->fd, timeout_ms, why);
	else
		why_errno(why, "cannot ask job %s", id);
	saved = errno;
	control_close(control);
	errno = saved;
out:
	free(control);
	return fd;
}
