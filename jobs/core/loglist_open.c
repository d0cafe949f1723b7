/*
 * loglist_open.c - see loglist_open.h.
 */
#include "loglist_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGLIST_OPEN (O_RDONLY | O_NONBLOCK | O_CLOEXEC) /* FIFOs are odd */

/* True while the name leads to the open file, and it is one. */
bool
loglist_is_named(int dir, const char *name, int fd)
{
	struct stat named, open;

	return fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstat(fd, &open) == 0 && named.st_ino == open.st_ino &&
	    S_ISREG(open.st_mode);
}

/* Takes both descriptors, or closes what is open: errno stays. */
static int
loglist_attach(struct segment *segment, int log_fd, int index_fd,
    enum codec codec)
{
	int saved;

	if (index_fd != -1 && segment_attach(segment, log_fd, index_fd) == 0) {
		if (segment->codec == codec)
			return 0;
		errno = EBADMSG;
	}
	saved = errno;
	if (log_fd != -1)
		close(log_fd);
	if (index_fd != -1)
		close(index_fd);
	errno = saved;
	return -1;
}

/* A rotation renames the index, then the log, then makes new ones; that the
 * log has its name still when the index is open makes them a pair. */
int
loglist_open_as(int dir, const char *plain, enum codec codec,
    struct segment *segment)
{
	char name[NAME_MAX + 8], index[NAME_MAX + 16];
	int log_fd, index_fd = -1;

	snprintf(name, sizeof(name), "%s%s", plain, codec_suffix(codec));
	snprintf(index, sizeof(index), "%s.idx", name);
	log_fd = openat(dir, name, LOGLIST_OPEN);
	if (log_fd != -1)
		index_fd = openat(dir, index, LOGLIST_OPEN);
	if (index_fd != -1 && !loglist_is_named(dir, name, log_fd)) {
		close(index_fd);
		index_fd = -1;
		errno = ENOENT;
	}
	return loglist_attach(segment, log_fd, index_fd, codec);
}

/* The index has its new name, and the log has not: a rotation is between the
 * two, or stopped there. Once the log has got it, output.log is another; and
 * while output.log has an index of its own, this one's log was removed. */
static int
loglist_open_half(int dir, const char *plain, struct segment *segment)
{
	char index[NAME_MAX + 8];
	int index_fd, log_fd = openat(dir, SEGMENT_LOG, LOGLIST_OPEN);

	snprintf(index, sizeof(index), "%s.idx", plain);
	index_fd = log_fd == -1 ? -1 : openat(dir, index, LOGLIST_OPEN);
	if (index_fd != -1 &&
	    (faccessat(dir, SEGMENT_INDEX, F_OK, 0) == 0 ||
		faccessat(dir, plain, F_OK, 0) == 0)) {
		close(index_fd);
		index_fd = -1;
		errno = ENOENT;
	}
	return loglist_attach(segment, log_fd, index_fd, CODEC_NONE);
}

/* True for what a name that is no segment's leads to, too. */
bool
loglist_is_absent(int error)
{
	return error == ENOENT || error == EBADMSG || error == ENAMETOOLONG ||
	    error == EISDIR || error == ESPIPE || error == ELOOP;
}

/* Whichever there is, plain first. Who compresses removes the plain one when
 * the other is in its place, so that one of them is found always. */
static int
loglist_open_closed(int dir, const char *plain, struct segment *segment)
{
	for (int codec = 0; codec < CODEC_COUNT; codec++) {
		if (loglist_open_as(dir, plain, codec, segment) == 0)
			return 0;
		if (!loglist_is_absent(errno))
			return -1;
	}
	errno = ENOENT;
	return -1;
}

/* The last try is for one that was half closed a moment ago. */
int
loglist_open_any(int dir, const char *plain, struct segment *segment)
{
	if (loglist_open_closed(dir, plain, segment) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	if (loglist_open_half(dir, plain, segment) == 0)
		return 0;
	return loglist_open_closed(dir, plain, segment);
}
