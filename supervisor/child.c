/*
 * child.c - see child.h. Between fork and exec only system calls are made.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "family.h"
#include "io.h"
#include "log.h"

#define BACKOFF_FIRST_MS 20
#define BACKOFF_MAX_MS 10000
#define QUICK_US 10000000 /* one that was well for longer starts afresh */

static int
child_open(int fd)
{
	if (fd != CHILD_FD_POLICY)
		return fd;
	return openat(FAMILY_FD_DIR, "policy.json", O_RDONLY);
}

/* Never returns. Moves its descriptors into place: all are copied above the
 * fixed numbers first, so that no move overwrites one still to come. */
static void
child_become(const struct child_type *type, int socket, pid_t parent)
{
	char *argv[] = { (char *)type->name, NULL };
	int exe = fcntl(type->exe_fd, F_DUPFD_CLOEXEC, FAMILY_FD_COUNT);
	int moved[8], count = 0;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	socket = fcntl(socket, F_DUPFD_CLOEXEC, FAMILY_FD_COUNT);
	for (const int *p = type->fds; *p != -1; p += 2)
		moved[count++] = fcntl(child_open(p[0]), F_DUPFD_CLOEXEC,
		    FAMILY_FD_COUNT);
	for (int i = 0; i < count; i++)
		dup2(moved[i], type->fds[2 * i + 1]);
	dup2(socket, FAMILY_FD_PEER);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execveat(exe, "", argv, environ, AT_EMPTY_PATH);
	_exit(127);
}

static void
child_drop_channel(struct child *child)
{
	child_excuse(child);
	if (child->fd == -1)
		return;
	if (child->readable != NULL)
		event_free(child->readable);
	if (child->writeable != NULL)
		event_free(child->writeable);
	child->readable = child->writeable = NULL;
	close(child->fd);
	child->fd = -1;
}

/* One that cannot be talked to any more is of no use, alive or not. */
static void
child_hang_up(struct child *child)
{
	child_drop_channel(child);
	if (child->pid > 0)
		kill(child->pid, SIGKILL);
}

/* A peer that cannot be understood is not to be trusted either. */
static void
child_refuse(struct child *child)
{
	log_warn("%s: bad message: %s", child->type->name, strerror(errno));
	child_hang_up(child);
}

static void
child_readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	int n = message_recv(fd, PROC_SUPERVISOR, &child->in);

	(void)what;
	if (n == -1 && io_again(errno))
		return;
	if (n == 0)
		child_hang_up(child); /* waitpid says the rest */
	else if (n == -1 ||
	    message_rows[child->in.type].from != child->type->proc)
		child_refuse(child);
	else
		child->type->message(&child->in, child->arg);
}

static void
child_writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd;
	(void)what;
	child->type->writable(child->arg);
}

/* --- answers that are owed ---------------------------------------------- */

/* "12 (name) D 1 …", proc_pid_stat(5), which is read without waiting. In
 * state D it waits for the disk: a replacement would wait beside it. */
static bool
child_waits_for_disk(pid_t pid)
{
	char path[32], line[512];
	const char *name_end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = io_read_full(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return false;
	line[n] = '\0';
	name_end = strrchr(line, ')');
	return name_end != NULL && strncmp(name_end, ") D", 3) == 0;
}

static void
child_patience_cb(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd;
	(void)what;
	child->due_us = 0;
	if (child_waits_for_disk(child->pid)) {
		child_expect(child, CHILD_PATIENCE_MS);
		return;
	}
	log_warn("%s gives no answer; it is replaced", child->type->name);
	child->hangs = true;
	child_stop(child);
}

void
child_expect(struct child *child, int64_t ms)
{
	const struct timeval wait = { ms / 1000, ms % 1000 * 1000 };
	int64_t now = clock_mono_us(), due = now + ms * 1000;

	if (child->fd == -1 || (child->due_us != 0 && child->due_us <= due))
		return;
	if (child->due_us == 0)
		child->owed_us = now;
	child->due_us = due;
	evtimer_add(child->patience, &wait);
}

void
child_excuse(struct child *child)
{
	if (child->due_us != 0)
		evtimer_del(child->patience);
	child->due_us = 0;
}

/* --- life --------------------------------------------------------------- */

static int
child_listen(struct child *child, int fd)
{
	io_nonblock(fd, true);
	child->fd = fd;
	child->readable = event_new(child->base, fd, EV_READ | EV_PERSIST,
	    child_readable_cb, child);
	child->writeable = event_new(child->base, fd, EV_WRITE,
	    child_writable_cb, child);
	if (child->readable == NULL || child->writeable == NULL)
		return -1;
	return event_add(child->readable, NULL);
}

/* Nothing was started: the next try comes when its backoff is over. */
static void
child_put_off(struct child *child)
{
	log_warn("cannot start %s: %s", child->type->name, strerror(errno));
	child->pid = 0;
	child->quick_deaths++;
	child_start(child);
}

static void
child_launch(struct child *child)
{
	pid_t self = getpid();
	int ends[2];

	if (message_pair(ends) == -1) {
		child_put_off(child);
		return;
	}
	child->pid = fork();
	if (child->pid == 0)
		child_become(child->type, ends[1], self);
	close(ends[1]);
	child->started_us = clock_mono_us();
	if (child->pid == -1) {
		child_put_off(child);
		close(ends[0]);
	} else if (child_listen(child, ends[0]) == -1) {
		child_hang_up(child);
	} else {
		child->type->started(child->arg);
	}
}

static void
child_retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd;
	(void)what;
	if (child->wanted && child->pid == 0)
		child_launch(child);
}

int
child_init(struct child *child, const struct child_type *type,
    struct event_base *base, void *arg)
{
	*child = (struct child){ .type = type,
		.arg = arg,
		.base = base,
		.fd = -1 };
	child->retry = evtimer_new(base, child_retry_cb, child);
	child->patience = evtimer_new(base, child_patience_cb, child);
	return child->retry == NULL || child->patience == NULL ? -1 : 0;
}

void
child_release(struct child *child)
{
	child_stop(child);
	child_drop_channel(child);
	if (child->retry != NULL)
		event_free(child->retry);
	if (child->patience != NULL)
		event_free(child->patience);
}

void
child_start(struct child *child)
{
	int64_t ms = 0;
	struct timeval delay;

	child->wanted = true;
	if (child->pid != 0 || evtimer_pending(child->retry, NULL))
		return;
	if (child->quick_deaths > 0)
		ms = BACKOFF_FIRST_MS
		    << (child->quick_deaths > 10 ? 9 : child->quick_deaths - 1);
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	delay = (struct timeval){ ms / 1000, ms % 1000 * 1000 };
	if (ms == 0)
		child_launch(child);
	else
		evtimer_add(child->retry, &delay);
}

void
child_stop(struct child *child)
{
	child->wanted = false;
	if (child->pid > 0)
		kill(child->pid, SIGKILL);
	/* What it said before must not be heard out of turn. */
	child_drop_channel(child);
}

bool
child_is_up(const struct child *child)
{
	return child->fd != -1;
}

int
child_send(struct child *child, enum message_type type, const void *body,
    size_t length, const int *fds, unsigned fd_count)
{
	if (child->fd == -1) {
		errno = ENOTCONN;
		return -1;
	}
	return message_send(child->fd, type, body, length, NULL, 0, fds,
	    fd_count);
}

void
child_want_write(struct child *child)
{
	if (child->fd != -1)
		event_add(child->writeable, NULL);
}

void
child_reaped(struct child *child, int status)
{
	bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	bool crashed = !good && (child->hangs || !killed);
	int64_t well_until = child->hangs ? child->owed_us : clock_mono_us();

	child_drop_channel(child);
	child->pid = 0;
	child->hangs = false;
	if (well_until - child->started_us > QUICK_US || good)
		child->quick_deaths = 0;
	else
		child->quick_deaths++;
	if (!good && child->wanted)
		log_warn("%s ended: %s %d", child->type->name,
		    WIFSIGNALED(status) ? "signal" : "exit code",
		    WIFSIGNALED(status) ? WTERMSIG(status)
					: WEXITSTATUS(status));
	child->type->ended(crashed, child->arg);
}
