/*
 * recovery.c - see recovery.h.
 */
#include "recovery.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "launch.h"
#include "status.h"

struct recovery {
	int home_fd;
	const char *except;
	bool in_passing;
	void (*tell)(const char *id);
	int count;
	int failed;
};

/* 1: its mark is there, it is of this host, and nobody holds its lock. A mark
 * whose directory is gone is taken away. */
static int
recovery_is_due(const struct recovery *recovery, const char *id)
{
	struct why why;
	json_t *identity;
	bool here;
	int dir, alive;

	if (recovery->except != NULL && strcmp(id, recovery->except) == 0)
		return 0;
	dir = jobdir_open(recovery->home_fd, id);
	if (dir == -1) {
		if (errno == ENOENT)
			jobdir_unmark(recovery->home_fd, id);
		return 0;
	}
	alive = jobdir_alive(dir);
	identity = jobdir_identity(dir, &why);
	here = identity == NULL || status_is_here(identity);
	json_decref(identity);
	close(dir);
	return alive == 0 && here;
}

static int
recovery_visit(const char *id, void *arg)
{
	struct recovery *recovery = arg;
	struct why why;
	pid_t pid;

	if (!recovery_is_due(recovery, id))
		return 0;
	pid = launch_recovery(recovery->home_fd, id, &why);
	if (pid == -1) {
		recovery->failed++;
		if (!recovery->in_passing)
			cmd_error(CMD_FAILED, "%s", why.text);
	} else if (pid > 0) {
		recovery->count++;
		if (recovery->tell != NULL)
			recovery->tell(id);
	}
	return 0;
}

void
recovery_in_passing(int home_fd, const char *except)
{
	struct recovery recovery = { .home_fd = home_fd,
		.except = except,
		.in_passing = true };

	jobdir_each(home_fd, true, recovery_visit, &recovery);
}

int
recovery_all(int home_fd, bool wait, void (*tell)(const char *id))
{
	struct recovery recovery = { .home_fd = home_fd, .tell = tell };

	if (jobdir_each(home_fd, true, recovery_visit, &recovery) == -1)
		return -1;
	while (wait && waitpid(-1, NULL, 0) > 0)
		;
	return recovery.failed > 0 ? -1 : recovery.count;
}
