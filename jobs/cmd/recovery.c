/*
 * recovery.c - see recovery.h.
 */
#include "recovery.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "control.h"
#include "jobend.h"
#include "launch.h"
#include "notice.h"

#define RECOVERY_PATIENCE_US (30 * INT64_C(1000000)) /* for a slow disk */

/* A job whose end is being written down. */
struct recovery_job {
	char id[JOB_ID_MAX];
	pid_t pid; /* of the supervisor; 0: it is somebody else's child */
};

struct recovery {
	int home_fd;
	const struct jobref *home; /* NULL: in passing */
	const char *except;	   /* NULL: none */
	void (*tell)(const char *id);
	struct recovery_job *jobs; /* owned */
	size_t count;
	bool failed;
};

/* --- how a job stands --------------------------------------------------- */

static bool
recovery_is_here(int dir)
{
	struct why why;
	json_t *identity = jobdir_identity(dir, &why);
	bool here = identity == NULL || status_is_here(identity);

	json_decref(identity);
	return here;
}

/* A family can be asked as long as any of it lives; a supervisor that settles
 * what is left of one cannot. */
static bool
recovery_answers(int dir, const char *path, const char *id)
{
	struct control control;
	struct why why;

	if (control_connect(&control, dir, path, id, &why) == -1)
		return false;
	control_close(&control);
	return true;
}

/* How the job ended can be read, by whatever means. */
static bool
recovery_is_told(int dir)
{
	return status_is_final(dir) && jobend_is_recorded(dir);
}

/* --- until it is told --------------------------------------------------- */

/* True while there is hope. */
static bool
recovery_goes_on(const struct jobref *ref, pid_t pid)
{
	if (pid > 0)
		return waitpid(pid, NULL, WNOHANG) == 0;
	return jobdir_alive(ref->dir) == 1;
}

/* 0; -1: whoever was to write it down is gone, or takes too long. */
static int
recovery_await(const struct jobref *ref, pid_t pid)
{
	int64_t deadline = clock_mono_us() + RECOVERY_PATIENCE_US;
	struct pollfd p = { .fd = notice_open(ref->dir), .events = POLLIN };
	bool told, hope = true;

	for (;;) {
		notice_drain(p.fd);
		told = recovery_is_told(ref->dir) ||
		    (pid == 0 &&
			recovery_answers(ref->dir, ref->path, ref->id));
		if (told || !hope || clock_mono_us() > deadline)
			break;
		poll(&p, 1, NOTICE_BLIND_MS);
		/* What it wrote before it went is seen in one more round. */
		hope = recovery_goes_on(ref, pid);
	}
	if (p.fd != -1)
		close(p.fd);
	return told ? 0 : -1;
}

static int
recovery_untold(const char *id, struct why *why)
{
	return why_set(why,
	    "cannot settle %s: how it ended is not in its files (its "
	    "family.log may say why)",
	    id);
}

int
recovery_of(const struct jobref *ref, struct why *why)
{
	pid_t pid;

	if (!jobdir_is_marked(ref->home, ref->id) ||
	    recovery_is_told(ref->dir) || !recovery_is_here(ref->dir))
		return 0;
	pid = launch_recovery(ref->home, ref->id, why);
	if (pid == -1)
		return -1;
	return recovery_await(ref, pid) == 0 ? 0
					     : recovery_untold(ref->id, why);
}

/* --- all jobs of a home ------------------------------------------------- */

static int
recovery_keep(struct recovery *recovery, const char *id, pid_t pid)
{
	struct recovery_job *more;

	if (recovery->home == NULL)
		return 0;
	more = realloc(recovery->jobs, (recovery->count + 1) * sizeof(*more));
	if (more == NULL)
		return -1;
	recovery->jobs = more;
	more += recovery->count++;
	more->pid = pid;
	snprintf(more->id, sizeof(more->id), "%s", id);
	return 0;
}

/* A job of this host that nobody holds the lock of. */
static int
recovery_start(struct recovery *recovery, const char *id)
{
	struct why why;
	pid_t pid = launch_recovery(recovery->home_fd, id, &why);

	if (pid == -1) {
		recovery->failed = true;
		if (recovery->home != NULL)
			cmd_error(CMD_FAILED, "%s", why.text);
		return 0;
	}
	if (pid > 0 && recovery->tell != NULL)
		recovery->tell(id);
	return recovery_keep(recovery, id, pid);
}

/* A mark whose directory is gone is taken away. */
static int
recovery_visit(const char *id, void *arg)
{
	struct recovery *recovery = arg;
	int dir, alive, result = 0;

	if (recovery->except != NULL && strcmp(id, recovery->except) == 0)
		return 0;
	dir = jobdir_open(recovery->home_fd, id);
	if (dir == -1) {
		if (errno == ENOENT)
			jobdir_unmark(recovery->home_fd, id);
		return 0;
	}
	alive = jobdir_alive(dir);
	if (alive == 0 && recovery_is_here(dir))
		result = recovery_start(recovery, id);
	else if (alive == 1 && recovery->home != NULL &&
	    !recovery_answers(dir, recovery->home->path, id))
		result = recovery_keep(recovery, id, 0);
	close(dir);
	return result;
}

void
recovery_in_passing(int home_fd, const char *except)
{
	struct recovery recovery = { .home_fd = home_fd, .except = except };

	jobdir_each(home_fd, true, recovery_visit, &recovery);
}

static void
recovery_await_all(struct recovery *recovery)
{
	for (size_t i = 0; i < recovery->count; i++) {
		const struct recovery_job *job = &recovery->jobs[i];
		struct jobref ref = *recovery->home;
		struct why why;

		ref.dir = jobdir_open(ref.home, job->id);
		if (ref.dir == -1) /* removed since */
			continue;
		memcpy(ref.id, job->id, sizeof(ref.id));
		if (recovery_await(&ref, job->pid) == -1) {
			recovery_untold(job->id, &why);
			cmd_error(CMD_FAILED, "%s", why.text);
			recovery->failed = true;
		}
		close(ref.dir);
	}
}

int
recovery_all(const struct jobref *home, bool wait, void (*tell)(const char *id))
{
	struct recovery recovery = { .home_fd = home->home,
		.home = home,
		.tell = tell };
	int result = jobdir_each(home->home, true, recovery_visit, &recovery);

	if (result == -1)
		cmd_error(CMD_FAILED, "cannot list the jobs: %s",
		    strerror(errno));
	recovery_await_all(&recovery);
	while (wait && waitpid(-1, NULL, 0) > 0)
		;
	free(recovery.jobs);
	return result == -1 || recovery.failed ? CMD_FAILED : CMD_OK;
}
