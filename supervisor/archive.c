/*
 * archive.c - see archive.h.
 */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

#define BLOCK (64 << 10)

static int
archive_bytes(int from, int to)
{
	char block[BLOCK];
	ssize_t n;

	while ((n = io_read_full(from, block, sizeof(block))) > 0)
		if (io_write_all(to, block, (size_t)n) == -1)
			return -1;
	return n == -1 ? -1 : fsync(to);
}

static int
archive_file(int dir, const char *name, int target)
{
	char fresh[NAME_MAX + 16];
	int from, to, saved, result = -1;

	snprintf(fresh, sizeof(fresh), "%s.tmp", name);
	from = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (from == -1)
		return -1;
	to = openat(target, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	if (to != -1 && archive_bytes(from, to) == 0)
		result = renameat(target, fresh, target, name);
	saved = errno;
	if (to != -1)
		close(to);
	close(from);
	if (result == -1)
		unlinkat(target, fresh, 0);
	errno = saved;
	return result;
}

static int
archive_open(const char *path, const char *job)
{
	int parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), target;

	if (parent == -1)
		return -1;
	if (mkdirat(parent, job, 0700) == -1 && errno != EEXIST)
		return -1;
	target = openat(parent, job, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(parent);
	return target;
}

int
archive_copy(int dir, const char *name, const char *path, const char *job)
{
	char index[NAME_MAX + 8];
	int target = archive_open(path, job);

	if (target == -1)
		return -1;
	snprintf(index, sizeof(index), "%s.idx", name);
	/* The log last: who sees it finds its index. */
	if (archive_file(dir, index, target) == -1 ||
	    archive_file(dir, name, target) == -1 || fsync(target) == -1)
		return -1;
	close(target);
	return 0;
}
