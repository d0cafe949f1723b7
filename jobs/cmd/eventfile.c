/*
 * eventfile.c - see eventfile.h.
 */
#include "eventfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void
eventfile_init(struct eventfile *file, int dir)
{
	*file = (struct eventfile){ .dir = dir, .fd = -1 };
}

void
eventfile_release(struct eventfile *file)
{
	if (file->fd == -1)
		return;
	event_reader_release(&file->reader);
	close(file->fd);
	file->fd = -1;
}

/* 1, 0: not there yet, or -1. */
static int
eventfile_open(struct eventfile *file)
{
	if (file->fd != -1)
		return 1;
	file->fd = openat(file->dir, EVENTS_FILE, O_RDONLY | O_CLOEXEC);
	if (file->fd == -1)
		return errno == ENOENT ? 0 : -1;
	return event_reader_init(&file->reader, file->fd, 0) == 0 ? 1 : -1;
}

int
eventfile_next(struct eventfile *file, char **line, size_t *n)
{
	int found = eventfile_open(file);

	while (found == 1) {
		found = event_reader_next(&file->reader, line, n);
		if (found != -1 || errno != EMSGSIZE)
			break;
		found = 1;
	}
	return found;
}
