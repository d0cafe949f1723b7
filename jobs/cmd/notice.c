/*
 * notice.c - see notice.h.
 */
#include "notice.h"

#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

int
notice_open(int dir)
{
	char path[32];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd == -1)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (inotify_add_watch(fd, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO) !=
	    -1)
		return fd;
	close(fd);
	return -1;
}

void
notice_drain(int fd)
{
	char events[4096];

	while (fd != -1 && read(fd, events, sizeof(events)) > 0)
		;
}
