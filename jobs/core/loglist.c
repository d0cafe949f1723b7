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
#include <time.h>
#include <unistd.h>

#include "loglist_open.h"

#define LOGLIST_TRIES 100 /* reading the names is short */

/* True for "output-STAMP-SEQ.log", also with what a codec adds, which is cut
 * off, or ".idx": a log that is half closed has no more of its name yet. SEQ is
 * there for the taking: rotation counts it up. */
static bool
loglist_parse(char *name, uint64_t *sequence)
{
	char *dash = strrchr(name, '-'), *end;

	if (strncmp(name, "output-", 7) != 0 || dash < name + 7 ||
	    dash[1] < '0' || dash[1] > '9')
		return false;
	*sequence = strtoull(dash + 1, &end, 10);
	if (strncmp(end, ".log", 4) != 0)
		return false;
	end += 4;
	if (strcmp(end, ".idx") == 0) {
		*end = '\0';
		return true;
	}
	for (int codec = 0; codec < CODEC_COUNT; codec++)
		if (strcmp(end, codec_suffix(codec)) == 0) {
			*end = '\0';
			return true;
		}
	return false;
}

static int
loglist_add(struct loglist *list, const char *name, uint64_t sequence)
{
	struct loglist_entry *more = list->entries;

	if (list->count == list->room)
		more = realloc(more, (2 * list->count + 16) * sizeof(*more));
	if (more == NULL)
		return -1;
	if (list->count == list->room)
		list->room = 2 * list->count + 16;
	list->entries = more;
	more += list->count++;
	more->sequence = sequence;
	more->known = false;
	snprintf(more->name, sizeof(more->name), "%s", name);
	return 0;
}

/* Rotation counts up, and so do the offsets at which segments begin. */
static int
loglist_compare(const void *left, const void *right)
{
	const struct loglist_entry *a = left, *b = right;

	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Sorts; a segment that is there twice, plain and compressed, is one. */
static void
loglist_order(struct loglist *list)
{
	struct loglist_entry *entries = list->entries;
	size_t kept = 0;

	if (list->count > 0)
		qsort(entries, list->count, sizeof(*entries), loglist_compare);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 ||
		    strcmp(entries[i].name, entries[kept - 1].name) != 0)
			entries[kept++] = entries[i];
	list->count = kept;
}

/* Adds the names of all closed segments that it comes by. */
static int
loglist_scan(struct loglist *list)
{
	int fd = openat(list->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t sequence;
	int result = 0;

	if (names == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(names)) != NULL)
		if (loglist_parse(entry->d_name, &sequence))
			result = loglist_add(list, entry->d_name, sequence);
	closedir(names);
	return result;
}

/* False only when no name has changed in the directory from then on: files
 * are stamped by the coarse clock. */
static bool
loglist_may_differ(const struct loglist *list, const struct timespec *then)
{
	struct stat st;

	return fstat(list->dir, &st) == -1 ||
	    st.st_mtim.tv_sec > then->tv_sec ||
	    (st.st_mtim.tv_sec == then->tv_sec &&
		st.st_mtim.tv_nsec >= then->tv_nsec);
}

/*
 * The names of all closed segments; nothing is opened. One that gets its
 * compressed name and then loses the plain one may slip through a scan, by
 * having each of them behind the scan's back; a second one sees it.
 */
static int
loglist_names(struct loglist *list)
{
	struct timespec then;

	list->count = 0;
	clock_gettime(CLOCK_REALTIME_COARSE, &then);
	if (loglist_scan(list) == -1 ||
	    (loglist_may_differ(list, &then) && loglist_scan(list) == -1))
		return -1;
	loglist_order(list);
	return 0;
}

/*
 * The names, read between two looks at which the same segment was active: so
 * none was renamed meanwhile, to be seen under neither name and to look lost.
 * 1: *active is open; 0: there is none; -1: errno.
 */
static int
loglist_look(struct loglist *list, struct segment *active)
{
	int dir = list->dir;

	for (int i = 0;; i++) {
		bool steady;
		int open = loglist_open_as(dir, SEGMENT_LOG, CODEC_NONE,
		    active);

		if (open == -1 && !loglist_is_absent(errno))
			return -1;
		if (loglist_names(list) == -1) {
			if (open == 0)
				segment_release(active);
			return -1;
		}
		steady = open == 0
		    ? loglist_is_named(dir, SEGMENT_INDEX, active->index_fd)
		    : faccessat(dir, SEGMENT_INDEX, F_OK, 0) == -1;
		if (steady || i == LOGLIST_TRIES)
			return open == 0;
		if (open == 0)
			segment_release(active);
	}
}

/* It is the last one, whatever names say. */
static int
loglist_add_active(struct loglist *list, const struct segment *active)
{
	if (loglist_add(list, SEGMENT_LOG, active->sequence) == -1)
		return -1;
	list->entries[list->count - 1].base = active->base;
	list->entries[list->count - 1].known = true;
	return 0;
}

int
loglist_read(struct loglist *list, int dir)
{
	struct segment active;
	int found, result = 0;

	list->dir = dir;
	found = loglist_look(list, &active);
	if (found == 1) {
		result = loglist_add_active(list, &active);
		segment_release(&active);
	}
	return found == -1 ? -1 : result;
}

void
loglist_release(struct loglist *list)
{
	free(list->entries);
	*list = (struct loglist){ 0 };
}

/* --- searching ---------------------------------------------------------- */

/* 1; 0: it was no segment, and is off the list; -1: errno. */
static int
loglist_ask(struct loglist *list, size_t number)
{
	struct loglist_entry *entry = &list->entries[number];
	struct segment segment;

	if (entry->known)
		return 1;
	if (loglist_open_any(list->dir, entry->name, &segment) == 0) {
		entry->base = segment.base;
		entry->known = true;
		segment_release(&segment);
		return 1;
	}
	if (errno != ENOENT)
		return -1;
	memmove(entry, entry + 1, (--list->count - number) * sizeof(*entry));
	return 0;
}

int
loglist_base(struct loglist *list, size_t entry, uint64_t *base)
{
	while (entry < list->count) {
		int known = loglist_ask(list, entry);

		if (known == -1)
			return -1;
		if (known == 0)
			continue;
		*base = list->entries[entry].base;
		return 1;
	}
	return 0;
}

int
loglist_find(struct loglist *list, uint64_t offset, size_t *entry)
{
	size_t low = 0, high = list->count;
	const struct loglist_entry *last;
	uint64_t base;

	/* The active one is known, and the most asked for. */
	last = high == 0 ? NULL : &list->entries[high - 1];
	if (last != NULL && last->known && last->base <= offset)
		low = high - 1;
	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;
		int known = loglist_ask(list, middle);

		if (known == -1)
			return -1;
		if (known == 0)
			high--;
		else if (list->entries[middle].base <= offset)
			low = middle;
		else
			high = middle;
	}
	*entry = low;
	return loglist_base(list, low, &base);
}

int
loglist_open(const struct loglist *list, size_t entry, struct segment *segment)
{
	const struct loglist_entry *wanted = &list->entries[entry];

	if (loglist_open_any(list->dir, wanted->name, segment) == -1)
		return -1;
	if (!wanted->known || segment->base == wanted->base)
		return 0;
	segment_release(segment); /* another one took the name */
	errno = ENOENT;
	return -1;
}

bool
loglist_is_active(const struct loglist *list, size_t entry,
    const struct segment *segment)
{
	return entry + 1 == list->count &&
	    strcmp(list->entries[entry].name, SEGMENT_LOG) == 0 &&
	    loglist_is_named(list->dir, SEGMENT_INDEX, segment->index_fd);
}
