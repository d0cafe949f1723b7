/*
 * control.c - see control.h.
 */
#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "fnv.h"
#include "io.h"

#define CONTROL_BACKLOG 64
#define CONTROL_PATIENCE_S 15

/* A path of any length fits when it is reached through /proc. */
static void
control_address(struct sockaddr_un *address, int dir)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path),
	    "/proc/self/fd/%d/control", dir);
}

/* "\0jobwatch-UID-HASH" of home and id. Names of this kind can be taken by
 * anyone, so both ends look at the other's uid. */
static socklen_t
control_address_short(struct sockaddr_un *address, const char *home,
    const char *id)
{
	uint64_t hash = fnv_add(FNV_BASIS, home, strlen(home));
	int n;

	hash = fnv_add(hash, "\n", 1);
	hash = fnv_add(hash, id, strlen(id));
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
	    "jobwatch-%u-%016" PRIx64, getuid(), hash);
	return (
	    socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static int
control_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
control_bind(const struct sockaddr_un *address, socklen_t length)
{
	int fd = control_socket(), saved;

	if (fd == -1)
		return -1;
	if (bind(fd, (const struct sockaddr *)address, length) == 0 &&
	    listen(fd, CONTROL_BACKLOG) == 0 && io_nonblock(fd, true) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
control_listen(int dir)
{
	struct sockaddr_un address;

	if (unlinkat(dir, "control", 0) == -1 && errno != ENOENT)
		return -1;
	control_address(&address, dir);
	return control_bind(&address, sizeof(address));
}

int
control_listen_short(const char *home, const char *id)
{
	struct sockaddr_un address;
	socklen_t length = control_address_short(&address, home, id);
	int fd = control_bind(&address, length);

	if (fd != -1 || errno != EADDRINUSE)
		return fd;
	/* Taken, by whomever: then this door has a name that nobody knows,
	 * and the one in the directory must do. */
	return control_bind(&address, sizeof(address.sun_family));
}

/* --- the client --------------------------------------------------------- */

static int
control_same_user(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == -1)
		return -1;
	if (peer.uid == geteuid())
		return 0;
	errno = EPERM;
	return -1;
}

static int
control_try(const struct sockaddr_un *address, socklen_t length)
{
	const struct timeval patience = { .tv_sec = CONTROL_PATIENCE_S };
	int fd = control_socket(), result, saved;

	if (fd == -1)
		return -1;
	/* A full backlog makes connect wait; not for ever. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	do
		result = connect(fd, (const struct sockaddr *)address, length);
	while (result == -1 && errno == EINTR);
	if (result == 0 && control_same_user(fd) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
control_connect(struct control *control, int dir, const char *home,
    const char *id, struct why *why)
{
	struct sockaddr_un address;
	socklen_t length = control_address_short(&address, home, id);

	control->have = 0;
	control->fd = control_try(&address, length);
	if (control->fd == -1 && dir != -1) {
		control_address(&address, dir);
		control->fd = control_try(&address, sizeof(address));
	}
	if (control->fd == -1)
		return why_errno(why, "cannot reach job %s", id);
	return 0;
}

void
control_close(struct control *control)
{
	if (control->fd != -1)
		close(control->fd);
	control->fd = -1;
}

int
control_send(struct control *control, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	int result = -1;

	if (text == NULL)
		return -1;
	if (send(control->fd, text, strlen(text), MSG_NOSIGNAL) ==
		(ssize_t)strlen(text) &&
	    send(control->fd, "\n", 1, MSG_NOSIGNAL) == 1)
		result = 0;
	free(text);
	return result;
}

/* A whole line out of the buffer as an object; NULL with EAGAIN: none. */
static json_t *
control_take(struct control *control)
{
	char *end = memchr(control->line, '\n', control->have);
	size_t used;
	json_t *object;

	if (end == NULL) {
		errno = control->have == CONTROL_LINE_MAX ? EBADMSG : EAGAIN;
		return NULL;
	}
	used = (size_t)(end - control->line) + 1;
	object = json_loadb(control->line, used - 1, 0, NULL);
	memmove(control->line, control->line + used, control->have - used);
	control->have -= used;
	if (object == NULL)
		errno = EBADMSG;
	return object;
}

static int
control_wait(int fd, int64_t deadline_us)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left = -1;
	int n;

	if (deadline_us >= 0) {
		left = (deadline_us - clock_mono_us() + 999) / 1000;
		left = left < 0 ? 0 : left;
	}
	n = poll(&p, 1, (int)left);
	if (n == 0)
		errno = ETIMEDOUT;
	return n == 1 ? 0 : -1;
}

json_t *
control_recv(struct control *control, int timeout_ms)
{
	int64_t deadline = timeout_ms < 0
	    ? -1
	    : clock_mono_us() + timeout_ms * INT64_C(1000);
	json_t *object;
	ssize_t n;

	while ((object = control_take(control)) == NULL && errno == EAGAIN) {
		if (control_wait(control->fd, deadline) == -1) {
			if (errno == EINTR)
				continue;
			return NULL;
		}
		n = read(control->fd, control->line + control->have,
		    CONTROL_LINE_MAX - control->have);
		if (n == -1 && !io_again(errno))
			return NULL;
		if (n == 0) {
			errno = EPIPE;
			return NULL;
		}
		control->have += n > 0 ? (size_t)n : 0;
	}
	return object;
}

json_t *
control_ask(int dir, const char *home, const char *id, json_t *request,
    int timeout_ms, struct why *why)
{
	struct control *control = malloc(sizeof(*control));
	json_t *answer = NULL;

	if (control == NULL) {
		why_errno(why, "cannot ask job %s", id);
		return NULL;
	}
	if (control_connect(control, dir, home, id, why) == -1)
		goto out;
	if (control_send(control, request) == 0)
		answer = control_recv(control, timeout_ms);
	if (answer == NULL && errno == ETIMEDOUT)
		why_set(why,
		    "job %s does not answer: its supervisor may be "
		    "stopped; it is replaced within seconds, try again",
		    id);
	else if (answer == NULL)
		why_errno(why, "cannot ask job %s", id);
	else if (!json_is_true(json_object_get(answer, "ok"))) {
		const char *error = json_string_value(
		    json_object_get(answer, "error"));

		why_set(why, "%s", error == NULL ? "refused" : error);
		json_decref(answer);
		answer = NULL;
		errno = EINVAL;
	}
	control_close(control);
out:
	free(control);
	return answer;
}
