/*
 * upkeep.c - see upkeep.h. One row of upkeep_kinds for each kind of task.
 *
 * The children are forked from a process with threads: up to their exec they
 * make system calls only.
 */
#include "upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "family.h"
#include "jsonw.h"
#include "log.h"
#include "supervisor.h"
#include "units.h"

#define RETRY_FIRST_S 5
#define RETRY_MAX_S 600
#define TRIES_AT_END 4 /* after the job's end nobody waits longer */

/* --- the children ------------------------------------------------------- */

/* The user's command, with the segment's path behind it. */
static void
upkeep_become_hook(const struct upkeep *upkeep)
{
	const struct supervisor *supervisor = upkeep->supervisor;
	const char *command = policy_str(&supervisor->policy, "log.on_rotate");
	char script[4096], path[8192];
	char *argv[] = { (char *)"sh", (char *)"-c", script, (char *)"sh", path,
		NULL };

	if (snprintf(script, sizeof(script), "%s \"$@\"", command) >=
		(int)sizeof(script) ||
	    snprintf(path, sizeof(path), "%s/%s", supervisor->dir_path,
		upkeep->task.name) >= (int)sizeof(path))
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	execve("/bin/sh", argv, environ);
	_exit(127);
}

/* Where every session has its share of the processors (sched(7): autogroup),
 * nice counts only within one: without this the job would give half of its
 * own away. Only a wish, too: the kernel may have none, or no time. */
static void
upkeep_lower_session(void)
{
	int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, "19", 2) == -1)
		return;
	close(fd);
}

static void
upkeep_become_compressor(const struct upkeep *upkeep)
{
	const char *codec = policy_str(&upkeep->supervisor->policy,
	    "log.compress");
	char *argv[] = { (char *)"jobwatch-compressor", (char *)codec, NULL };
	int exe = fcntl(FAMILY_FD_COMPRESSOR_EXE, F_DUPFD_CLOEXEC,
	    FAMILY_FD_COUNT);
	int moved[TASK_FDS];

	for (int i = 0; i < TASK_FDS; i++)
		moved[i] = fcntl(upkeep->task.fds[i], F_DUPFD_CLOEXEC,
		    FAMILY_FD_COUNT);
	for (int i = 0; i < TASK_FDS; i++)
		dup2(moved[i], COMPRESSOR_FD_LOG + i);
	upkeep_lower_session();
	execveat(exe, "", argv, environ, AT_EMPTY_PATH);
	_exit(127);
}

static void
upkeep_become_archiver(const struct upkeep *upkeep)
{
	const struct supervisor *supervisor = upkeep->supervisor;
	const char *path = policy_str(&supervisor->policy, "log.archive");

	if (archive_copy(FAMILY_FD_DIR, upkeep->task.name, path,
		supervisor->identity.id) == 0)
		_exit(0);
	log_divert(NULL, NULL);
	log_warn("cannot copy %s to %s: %s", upkeep->task.name, path,
	    strerror(errno));
	_exit(1);
}

static const struct upkeep_kind {
	const char *what; /* failed, in words */
	int limit_s;	  /* 0: as the policy says */
	void (*become)(const struct upkeep *upkeep);
	bool gives_up; /* one try: a command need not be fit for a second */
} upkeep_kinds[TASK_COUNT] = {
	[TASK_HOOK] = { "on_rotate", 0, upkeep_become_hook, true },
	[TASK_COMPRESS] = { "compression", 1800, upkeep_become_compressor,
	    false },
	[TASK_ARCHIVE] = { "archive", 1800, upkeep_become_archiver, false },
};

/* Never returns. A session of its own, so that all of it can be killed, and
 * takes no part of the family's share. */
static void
upkeep_become(const struct upkeep *upkeep, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	upkeep_kinds[upkeep->task.kind].become(upkeep);
	_exit(1);
}

/* --- starting them ------------------------------------------------------ */

static void
upkeep_close_fds(struct upkeep *upkeep)
{
	for (int i = 0; i < TASK_FDS; i++)
		if (upkeep->task.fds[i] != -1)
			close(upkeep->task.fds[i]);
}

static void
upkeep_retry_later(struct upkeep *upkeep)
{
	struct timeval time = { .tv_sec = RETRY_MAX_S };

	if (upkeep->failures < 8 &&
	    RETRY_FIRST_S << upkeep->failures < RETRY_MAX_S)
		time.tv_sec = RETRY_FIRST_S << upkeep->failures;
	upkeep->failures++;
	evtimer_add(upkeep->retry, &time);
}

static int64_t
upkeep_limit_ms(const struct upkeep *upkeep)
{
	int seconds = upkeep_kinds[upkeep->task.kind].limit_s;

	return seconds > 0
	    ? seconds * INT64_C(1000)
	    : policy_ms(&upkeep->supervisor->policy, "log.on_rotate_timeout");
}

static void
upkeep_start(struct upkeep *upkeep)
{
	int64_t ms = upkeep_limit_ms(upkeep);
	const struct timeval limit = { ms / 1000, ms % 1000 * 1000 };
	pid_t self = getpid();

	upkeep->overdue = false;
	upkeep->pid = fork();
	if (upkeep->pid == 0)
		upkeep_become(upkeep, self);
	upkeep_close_fds(upkeep);
	if (upkeep->pid == -1) {
		upkeep->pid = 0;
		writer_end_task(upkeep->supervisor->writer, false);
		upkeep_retry_later(upkeep);
		return;
	}
	evtimer_add(upkeep->limit, &limit);
}

void
upkeep_step(struct upkeep *upkeep)
{
	int64_t ms = upkeep->supervisor->progress.look_ms;
	const struct timeval later = { ms / 1000, ms % 1000 * 1000 };

	if (ms > 0 && !evtimer_pending(upkeep->look, NULL))
		evtimer_add(upkeep->look, &later);
	if (upkeep->pid == 0 && !evtimer_pending(upkeep->retry, NULL) &&
	    writer_take_task(upkeep->supervisor->writer, &upkeep->task) == 1)
		upkeep_start(upkeep);
}

/* One that only captures leaves the segments to whoever recovers the job. */
bool
upkeep_is_busy(const struct upkeep *upkeep)
{
	bool more = evtimer_pending(upkeep->retry, NULL) ||
	    writer_has_task(upkeep->supervisor->writer);

	if (upkeep->supervisor->capture_only)
		return upkeep->pid != 0;
	return upkeep->pid != 0 || (more && upkeep->failures < TRIES_AT_END);
}

/* --- how they ended ----------------------------------------------------- */

static void
upkeep_tell_failure(struct upkeep *upkeep, int status)
{
	struct supervisor *supervisor = upkeep->supervisor;
	const char *what = upkeep_kinds[upkeep->task.kind].what;
	char data[256], how[64], limit[UNITS_TEXT];

	if (upkeep->overdue)
		snprintf(how, sizeof(how), "it took more than %s",
		    duration_format(upkeep_limit_ms(upkeep), limit));
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "exit code %d", WEXITSTATUS(status));
	snprintf(data, sizeof(data),
	    "{\"segment\":\"%s\",\"step\":\"%s\",\"error\":\"%s\"}",
	    upkeep->task.name, what, how);
	journal_event(supervisor->journal, EVENT_LOG_ROTATE, SEVERITY_MEDIUM,
	    "job", data, "%s of %s failed: %s", what, upkeep->task.name, how);
	supervisor_noted(supervisor);
}

/* One failure of a streak is told; a command is not run a second time. */
void
upkeep_reaped(struct upkeep *upkeep, int status)
{
	struct supervisor *supervisor = upkeep->supervisor;
	bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool gives_up = upkeep_kinds[upkeep->task.kind].gives_up;

	upkeep->pid = 0;
	evtimer_del(upkeep->limit);
	if (!ok && (upkeep->failures == 0 || gives_up))
		upkeep_tell_failure(upkeep, status);
	if (ok)
		upkeep->failures = 0;
	else if (!gives_up)
		upkeep_retry_later(upkeep);
	writer_end_task(supervisor->writer, ok || gives_up);
	life_step(&supervisor->life);
}

static void
upkeep_limit_cb(evutil_socket_t fd, short what, void *arg)
{
	struct upkeep *upkeep = arg;

	(void)fd;
	(void)what;
	upkeep->overdue = true;
	kill(-upkeep->pid, SIGKILL);
	kill(upkeep->pid, SIGKILL); /* before its setsid */
}

static void
upkeep_look_cb(evutil_socket_t fd, short what, void *arg)
{
	struct upkeep *upkeep = arg;

	(void)fd;
	(void)what;
	writer_want_upkeep(upkeep->supervisor->writer);
}

static void
upkeep_retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct upkeep *upkeep = arg;

	(void)fd;
	(void)what;
	writer_want_upkeep(upkeep->supervisor->writer);
	life_step(&upkeep->supervisor->life);
}

/* --- life --------------------------------------------------------------- */

int
upkeep_init(struct upkeep *upkeep, struct supervisor *supervisor,
    struct why *why)
{
	upkeep->supervisor = supervisor;
	upkeep->limit = evtimer_new(supervisor->base, upkeep_limit_cb, upkeep);
	upkeep->retry = evtimer_new(supervisor->base, upkeep_retry_cb, upkeep);
	upkeep->look = evtimer_new(supervisor->base, upkeep_look_cb, upkeep);
	return upkeep->limit == NULL || upkeep->retry == NULL ||
		upkeep->look == NULL
	    ? why_errno(why, "cannot look after closed segments")
	    : 0;
}

void
upkeep_release(struct upkeep *upkeep)
{
	if (upkeep->pid != 0)
		kill(-upkeep->pid, SIGKILL);
	if (upkeep->limit != NULL)
		event_free(upkeep->limit);
	if (upkeep->retry != NULL)
		event_free(upkeep->retry);
	if (upkeep->look != NULL)
		event_free(upkeep->look);
}
