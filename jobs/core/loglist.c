/*
 * loglist.c - see loglist.h.
 */
#include "loglist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
loglist_is_segment(const char *name)
{
	size_t n = strlen(name);

	if (strcmp(name, SEGMENT_LOG) == 0)
		return true;
	return strncmp(name, "output-", 7) == 0 && n > 11 &&
	    strcmp(name + n - 4, ".log") == 0;
}

/* True while the name leads to the open file. */
static bool
loglist_is_named(int dir, const char *name, int fd)
{
	struct stat named, open;

	return fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstat(fd, &open) == 0 && named.st_ino == open.st_ino;
}

/* A rotation renames the index, then the log, then makes new ones; that the
 * log has its name still when the index is open makes them a pair. */
static int
loglist_open_pair(int dir, const char *name, struct segment *segment)
{
	char index[NAME_MAX + 8];
	int log_fd, index_fd = -1, saved;

	snprintf(index, sizeof(index), "%s.idx", name);
	log_fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (log_fd != -1)
		index_fd = openat(dir, index, O_RDONLY | O_CLOEXEC);
	if (index_fd != -1 && !loglist_is_named(dir, name, log_fd))
		errno = ENOENT;
	else if (index_fd != -1 &&
	    segment_attach(segment, log_fd, index_fd) == 0)
		return 0;
	saved = errno;
	if (log_fd != -1)
		close(log_fd);
	if (index_fd != -1)
		close(index_fd);
	errno = saved;
	return -1;
}

static int
loglist_add(struct loglist *list, int dir, const char *name)
{
	struct loglist_entry *more;
	struct segment segment;

	/* Renamed or removed between the two looks: the next list has it. */
	if (loglist_open_pair(dir, name, &segment) == -1)
		return errno == ENOENT || errno == EBADMSG ? 0 : -1;
	more = realloc(list->entries, (list->count + 1) * sizeof(*more));
	if (more == NULL) {
		segment_release(&segment);
		return -1;
	}
	list->entries = more;
	more[list->count].base = segment.base;
	snprintf(more[list->count].name, sizeof(more->name), "%s", name);
	list->count++;
	segment_release(&segment);
	return 0;
}

static int
loglist_compare(const void *left, const void *right)
{
	const struct loglist_entry *a = left, *b = right;

	return a->base < b->base ? -1 : a->base > b->base;
}

int
loglist_read(struct loglist *list, int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (names == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	list->count = 0;
	while (result == 0 && (entry = readdir(names)) != NULL)
		if (loglist_is_segment(entry->d_name))
			result = loglist_add(list, dir, entry->d_name);
	closedir(names);
	if (list->count > 0)
		qsort(list->entries, list->count, sizeof(*list->entries),
		    loglist_compare);
	return result;
}

void
loglist_release(struct loglist *list)
{
	free(list->entries);
	*list = (struct loglist){ 0 };
}

size_t
loglist_find(const struct loglist *list, uint64_t offset)
{
	size_t low = 0, high = list->count;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (list->entries[middle].base <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int
loglist_open(const struct loglist *list, size_t entry, int dir,
    struct segment *segment)
{
	if (loglist_open_pair(dir, list->entries[entry].name, segment) == -1)
		return -1;
	if (segment->base == list->entries[entry].base)
		return 0;
	segment_release(segment); /* another one took the name */
	errno = ENOENT;
	return -1;
}

bool
loglist_is_active(const struct loglist *list, size_t entry, int dir, int fd)
{
	return entry + 1 == list->count &&
	    strcmp(list->entries[entry].name, SEGMENT_LOG) == 0 &&
	    loglist_is_named(dir, SEGMENT_LOG, fd);
}
