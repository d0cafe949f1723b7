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

#define LOGLIST_TRIES 100 /* reading the names is short */

/* A closed one: "output-STAMP-SEQ.log". */
static bool
loglist_is_closed(const char *name)
{
	size_t n = strlen(name);

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
loglist_add(struct loglist *list, const char *name)
{
	struct loglist_entry *more = realloc(list->entries,
	    (list->count + 1) * sizeof(*more));

	if (more == NULL)
		return -1;
	list->entries = more;
	more += list->count++;
	*more = (struct loglist_entry){ 0 };
	snprintf(more->name, sizeof(more->name), "%s", name);
	return 0;
}

/* By base; an empty segment and the next have the same. */
static int
loglist_compare(const void *left, const void *right)
{
	const struct loglist_entry *a = left, *b = right;

	if (a->base != b->base)
		return a->base < b->base ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* The names of all closed segments; nothing is opened. */
static int
loglist_names(struct loglist *list, int dir)
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
		if (loglist_is_closed(entry->d_name))
			result = loglist_add(list, entry->d_name);
	closedir(names);
	return result;
}

/* Asks each for its base. What is no segment, or was removed since, goes. */
static int
loglist_fill(struct loglist *list, int dir)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct loglist_entry *entry = &list->entries[i];
		struct segment segment;

		if (loglist_open_pair(dir, entry->name, &segment) == -1) {
			if (errno != ENOENT && errno != EBADMSG)
				return -1;
			continue;
		}
		entry->base = segment.base;
		entry->sequence = segment.sequence;
		segment_release(&segment);
		list->entries[kept++] = *entry;
	}
	list->count = kept;
	return 0;
}

/*
 * The names, read between two looks at which the same segment was active: so
 * none was renamed meanwhile, to be seen under neither name and to look lost.
 * 1: *active is open; 0: there is none; -1: errno.
 */
static int
loglist_look(struct loglist *list, int dir, struct segment *active)
{
	for (int i = 0;; i++) {
		bool steady;
		int open = loglist_open_pair(dir, SEGMENT_LOG, active);

		if (open == -1 && errno != ENOENT && errno != EBADMSG)
			return -1;
		if (loglist_names(list, dir) == -1) {
			if (open == 0)
				segment_release(active);
			return -1;
		}
		steady = open == 0
		    ? loglist_is_named(dir, SEGMENT_LOG, active->log_fd)
		    : faccessat(dir, SEGMENT_INDEX, F_OK, 0) == -1;
		if (steady || i == LOGLIST_TRIES)
			return open == 0;
		if (open == 0)
			segment_release(active);
	}
}

int
loglist_read(struct loglist *list, int dir)
{
	struct segment active;
	int found = loglist_look(list, dir, &active), result;

	if (found == -1)
		return -1;
	result = loglist_fill(list, dir);
	if (result == 0 && found == 1 &&
	    (result = loglist_add(list, SEGMENT_LOG)) == 0) {
		list->entries[list->count - 1].base = active.base;
		list->entries[list->count - 1].sequence = active.sequence;
	}
	if (found == 1)
		segment_release(&active);
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
