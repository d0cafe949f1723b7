/*
 * jobremove.c - see jobremove.h.
 */
#include "jobremove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"

#define REMOVE_LOOK_MS 10 /* a lock tells nobody that it was let go */

/* The lock, held from here on, so that no family can begin meanwhile. -1:
 * errno, EAGAIN when it is held still. */
static int
jobremove_lock(int dir, int64_t patience_ms)
{
	int64_t deadline = clock_mono_us() + patience_ms * 1000;
	int lock;

	while ((lock = jobdir_lock(dir)) == -1 && errno == EAGAIN &&
	    clock_mono_us() < deadline)
		poll(NULL, 0, REMOVE_LOOK_MS);
	return lock;
}

/* CMD_OK: it may go, as far as its state tells. */
static int
jobremove_allowed(const struct jobref *ref, struct why *why)
{
	json_t *status = status_load(ref->dir, ref->path, ref->id, false, why);
	enum job_state state = jobref_state(status);

	/* A directory without job.json is the wreck of a start. */
	if (status == NULL)
		return faccessat(ref->dir, "job.json", F_OK, 0) == -1 &&
			errno == ENOENT
		    ? CMD_OK
		    : CMD_FAILED;
	json_decref(status);
	if (job_state_ended(state))
		return CMD_OK;
	if (state == JOB_UNKNOWN)
		why_set(why,
		    "it belongs to another host, where it may run; "
		    "remove it there");
	else
		why_set(why, "it is running; end it first (jobwatch stop %s)",
		    ref->id);
	return CMD_NO;
}

int
jobremove(const struct jobref *ref, int64_t patience_ms, struct why *why)
{
	int code = jobremove_allowed(ref, why);
	int lock;

	if (code != CMD_OK)
		return code;
	lock = jobremove_lock(ref->dir, patience_ms);
	if (lock == -1 && errno == EAGAIN) {
		why_set(why,
		    "it has ended, but its alerts are still being "
		    "delivered (jobwatch notify status)");
		return CMD_NO;
	}
	if (lock == -1) {
		why_errno(why, "cannot take its lock");
		return CMD_FAILED;
	}
	if (jobdir_remove(ref->home, ref->id) == -1) {
		why_errno(why, "cannot remove its directory");
		code = CMD_FAILED;
	}
	if (code == CMD_OK && jobdir_unmark(ref->home, ref->id) == -1 &&
	    errno != ENOENT) {
		why_errno(why, "cannot take it off the running list");
		code = CMD_FAILED;
	}
	close(lock);
	return code;
}

int64_t
jobremove_size(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int64_t bytes = 0;
	struct stat st;

	if (list == NULL) {
		if (fd != -1)
			close(fd);
		return 0;
	}
	while ((entry = readdir(list)) != NULL)
		if (fstatat(dirfd(list), entry->d_name, &st,
			AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			bytes += st.st_size;
	closedir(list);
	return bytes;
}
