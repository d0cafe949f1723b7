/*
 * io.c - see io.h.
 */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
io_again(int error)
{
	return error == EAGAIN || error == EINTR;
}

int
io_write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int
io_pwrite_all(int fd, const void *bytes, size_t n, off_t offset)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = pwrite(fd, p, n, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		offset += done;
		n -= (size_t)done;
	}
	return 0;
}

ssize_t
io_read_full(int fd, void *bytes, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t done = read(fd, (char *)bytes + have, n - have);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		if (done == 0)
			break;
		have += (size_t)done;
	}
	return (ssize_t)have;
}

ssize_t
io_pread_full(int fd, void *bytes, size_t n, off_t offset)
{
	size_t have = 0;

	while (have < n) {
		ssize_t done = pread(fd, (char *)bytes + have, n - have,
		    offset + (off_t)have);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		if (done == 0)
			break;
		have += (size_t)done;
	}
	return (ssize_t)have;
}

/* Reads on until end of file: /proc and pipes have no size to trust. */
static char *
io_load_fd(int fd, size_t max, size_t *len)
{
	size_t cap = 4096, have = 0;
	char *text = NULL;

	for (;;) {
		char *more = realloc(text, cap + 1);
		ssize_t n;

		if (more == NULL)
			break;
		text = more;
		if ((n = io_read_full(fd, text + have, cap - have)) == -1)
			break;
		have += (size_t)n;
		if (have < cap) {
			text[have] = '\0';
			if (len != NULL)
				*len = have;
			return text;
		}
		if (cap > max) {
			errno = EFBIG;
			break;
		}
		cap *= 2;
	}
	free(text);
	return NULL;
}

char *
io_load(int dirfd, const char *name, size_t max, size_t *len)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	char *text;
	int saved;

	if (fd == -1)
		return NULL;
	text = io_load_fd(fd, max, len);
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}

int
io_replace(int dirfd, const char *name, const void *bytes, size_t n, bool sync)
{
	char temporary[NAME_MAX + 1];
	int fd, saved;

	snprintf(temporary, sizeof(temporary), "%s.tmp", name);
	fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	if (fd == -1)
		return -1;
	if (io_write_all(fd, bytes, n) == -1 || (sync && fsync(fd) == -1))
		goto fail;
	close(fd);
	fd = -1;
	if (renameat(dirfd, temporary, dirfd, name) == -1)
		goto fail;
	if (sync && fsync(dirfd) == -1 && errno != EINVAL && errno != EBADF)
		return -1;
	return 0;
fail:
	saved = errno;
	if (fd != -1)
		close(fd);
	unlinkat(dirfd, temporary, 0);
	errno = saved;
	return -1;
}

int
io_mkdirs(const char *path)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (size_t i = 1; i <= strlen(path); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) == -1 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int
io_flag(int fd, int get, int set, int flag, bool on)
{
	int flags = fcntl(fd, get);

	if (flags == -1)
		return -1;
	return fcntl(fd, set, on ? flags | flag : flags & ~flag);
}

int
io_nonblock(int fd, bool on)
{
	return io_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int
io_cloexec(int fd, bool on)
{
	return io_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}
