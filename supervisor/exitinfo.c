/*
 * exitinfo.c - see exitinfo.h.
 *
 * The struct and the numbers are those of include/uapi/linux/pidfd.h; Debian
 * bookworm's headers are older than the call. The kernel takes the struct's
 * first published size (64 bytes) from any caller.
 */
#include "exitinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io.h"

#define EXITINFO_WANTED (UINT64_C(1) << 3) /* PIDFD_INFO_EXIT */
#define STAT_STATE 3 /* fields of proc_pid_stat(5), from 1 */
#define STAT_EXIT_CODE 52

struct exitinfo {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t ids[11]; /* pid, tgid, ppid, and eight of users and groups */
	int32_t exit_code;
};

_Static_assert(sizeof(struct exitinfo) == 64, "PIDFD_INFO_SIZE_VER0");

#define EXITINFO_GET _IOWR(0xff, 11, struct exitinfo)

static int
exitinfo_of_reaped(int pidfd, int *status)
{
	struct exitinfo info = { .mask = EXITINFO_WANTED };

	if (ioctl(pidfd, EXITINFO_GET, &info) == -1)
		return -1;
	if ((info.mask & EXITINFO_WANTED) == 0)
		return 0;
	*status = info.exit_code;
	return 1;
}

/* Field n of a stat line; those after the second are counted from the last
 * parenthesis, for a command's name may hold anything. */
static const char *
stat_field(const char *line, int n)
{
	const char *p = strrchr(line, ')');

	for (int i = 2; p != NULL && i < n; i++)
		if ((p = strchr(p, ' ')) != NULL)
			p++;
	return p;
}

/* 1: pid is a zombie, and *status how it ended. */
static int
exitinfo_of_zombie(int pid, int *status)
{
	char path[32], line[2048];
	const char *state, *code;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = io_read_full(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	line[n] = '\0';
	state = stat_field(line, STAT_STATE);
	code = stat_field(line, STAT_EXIT_CODE);
	if (state == NULL || code == NULL || *state != 'Z')
		return 0;
	*status = (int)strtol(code, NULL, 10);
	return 1;
}

int
exitinfo_get(int pidfd, int pid, int *status)
{
	int found = exitinfo_of_reaped(pidfd, status);
	int zombie;

	if (found != 0)
		return found;
	/* Not reaped before and not after: so pid was still its own. */
	if (exitinfo_of_zombie(pid, &zombie) == 1 &&
	    exitinfo_of_reaped(pidfd, status) == 0) {
		*status = zombie;
		return 1;
	}
	return exitinfo_of_reaped(pidfd, status);
}
