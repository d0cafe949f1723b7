/*
 * shelf.c - see shelf.h.
 *
 * Of a pair, the index goes first and the log last: what is left after a
 * crash is then never an index without its log, which would look like a
 * rotation that was cut short.
 */
#include "shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec.h"
#include "io.h"
#include "segment.h"

#define BLOCK 512 /* what st_blocks counts, inode(7) */

/* --- names -------------------------------------------------------------- */

/* "output-STAMP-SEQ.log", or that with .zst or .gz; fills in number and
 * kind. */
static bool
shelf_parse(const char *name, struct shelf_segment *segment)
{
	const char *dash = strrchr(name, '-');
	char *rest;

	if (strncmp(name, "output-", 7) != 0 || dash <= name + 7 ||
	    strlen(name) >= sizeof(segment->name))
		return false;
	segment->sequence = strtoull(dash + 1, &rest, 10);
	if (rest == dash + 1 || strncmp(rest, ".log", 4) != 0)
		return false;
	rest += 4;
	segment->compressed = strcmp(rest, ".zst") == 0 ||
	    strcmp(rest, ".gz") == 0;
	if (*rest != '\0' && !segment->compressed)
		return false;
	snprintf(segment->name, sizeof(segment->name), "%s", name);
	return true;
}

static void
shelf_index_name(const char *name, char index[SHELF_NAME + 16])
{
	stpcpy(stpcpy(index, name), ".idx"); /* names are SHELF_NAME at most */
}

static int
shelf_unlink(int dir, const char *name)
{
	return unlinkat(dir, name, 0) == -1 && errno != ENOENT ? -1 : 0;
}

static int
shelf_remove(int dir, const char *name)
{
	char index[SHELF_NAME + 16];

	shelf_index_name(name, index);
	return shelf_unlink(dir, index) == -1 ? -1 : shelf_unlink(dir, name);
}

/* --- reading ------------------------------------------------------------ */

static int
shelf_compare(const void *left, const void *right)
{
	const struct shelf_segment *a = left, *b = right;

	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	return b->compressed - a->compressed; /* the compressed twin first */
}

/* When all places are taken, a younger one makes place. */
static void
shelf_add(struct shelf *shelf, const struct shelf_segment *segment)
{
	struct shelf_segment *youngest = &shelf->segments[0];

	if (shelf->count < SHELF_MAX) {
		shelf->segments[shelf->count++] = *segment;
		return;
	}
	for (unsigned i = 1; i < SHELF_MAX; i++)
		if (shelf->segments[i].sequence > youngest->sequence)
			youngest = &shelf->segments[i];
	if (segment->sequence < youngest->sequence)
		*youngest = *segment;
}

static int
shelf_list(struct shelf *shelf, int dir, uint64_t active)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd == -1 ? NULL : fdopendir(fd);
	struct shelf_segment segment;
	struct dirent *entry;

	shelf->count = 0;
	if (names == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	while ((entry = readdir(names)) != NULL)
		if (shelf_parse(entry->d_name, &segment) &&
		    segment.sequence < active)
			shelf_add(shelf, &segment);
	closedir(names);
	qsort(shelf->segments, shelf->count, sizeof(shelf->segments[0]),
	    shelf_compare);
	return 0;
}

/* Fills in sizes and time. 1; 0: a log without index, or gone; -1. */
static int
shelf_measure(struct shelf_segment *segment, int dir)
{
	char index[SHELF_NAME + 16];
	struct stat log, idx;

	shelf_index_name(segment->name, index);
	if (fstatat(dir, segment->name, &log, AT_SYMLINK_NOFOLLOW) == -1 ||
	    fstatat(dir, index, &idx, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : -1;
	segment->bytes = (int64_t)(log.st_blocks + idx.st_blocks) * BLOCK;
	segment->closed_us = idx.st_mtim.tv_sec * INT64_C(1000000) +
	    idx.st_mtim.tv_nsec / 1000;
	return 1;
}

/* Keeps segment i if it is one; removes it when it is what a crash has left. */
static int
shelf_settle(struct shelf *shelf, int dir, unsigned i, unsigned *kept)
{
	struct shelf_segment *segment = &shelf->segments[i];
	bool twin = *kept > 0 &&
	    shelf->segments[*kept - 1].sequence == segment->sequence;
	int found = shelf_measure(segment, dir);

	if (found == -1)
		return -1;
	if (twin || (found == 0 && *kept == 0))
		return shelf_remove(dir, segment->name);
	if (found == 0)
		return 0;
	shelf->bytes += segment->bytes;
	shelf->segments[(*kept)++] = *segment;
	return 0;
}

int
shelf_read(struct shelf *shelf, int dir, uint64_t active)
{
	unsigned kept = 0;

	if (shelf_list(shelf, dir, active) == -1)
		return -1;
	shelf->bytes = 0;
	for (unsigned i = 0; i < shelf->count; i++)
		if (shelf_settle(shelf, dir, i, &kept) == -1)
			return -1;
	shelf->count = kept;
	return 0;
}

/* --- retention ---------------------------------------------------------- */

bool
shelf_is_over(const struct shelf *shelf, const struct shelf_limits *limits,
    int64_t now_us)
{
	const struct shelf_segment *first = &shelf->segments[0];

	if (shelf->count == 0)
		return false;
	if (limits->keep > 0 && shelf->count > limits->keep)
		return true;
	if (limits->total_size > 0 &&
	    shelf->bytes + limits->active_size > limits->total_size)
		return true;
	return limits->max_age_us >= 0 &&
	    now_us - first->closed_us > limits->max_age_us;
}

/* The index that shelf_replace has put in place, when it was cut short there
 * and the compression was not done again. */
static int
shelf_remove_stray(int dir, const char *name)
{
	char index[SHELF_NAME + 16];

	for (int codec = CODEC_NONE + 1; codec < CODEC_COUNT; codec++) {
		snprintf(index, sizeof(index), "%s%s.idx", name,
		    codec_suffix((enum codec)codec));
		if (shelf_unlink(dir, index) == -1)
			return -1;
	}
	return 0;
}

void
shelf_forget_first(struct shelf *shelf)
{
	shelf->bytes -= shelf->segments[0].bytes;
	shelf->count--;
	memmove(shelf->segments, shelf->segments + 1,
	    shelf->count * sizeof(shelf->segments[0]));
}

int
shelf_remove_first(struct shelf *shelf, int dir)
{
	const struct shelf_segment *first = &shelf->segments[0];

	if (!first->compressed && shelf_remove_stray(dir, first->name) == -1)
		return -1;
	if (shelf_remove(dir, first->name) == -1)
		return -1;
	shelf_forget_first(shelf);
	return 0;
}

int
shelf_first_end(const struct shelf *shelf, int dir, uint64_t active,
    uint64_t *end)
{
	struct segment_header header;
	char index[SHELF_NAME + 16];
	ssize_t n;
	int fd;

	*end = active;
	if (shelf->count < 2)
		return 0;
	shelf_index_name(shelf->segments[1].name, index);
	fd = openat(dir, index, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = io_pread_full(fd, &header, sizeof(header), 0);
	close(fd);
	if (n == sizeof(header))
		*end = header.base;
	else
		errno = EBADMSG;
	return n == sizeof(header) ? 0 : -1;
}

/* --- compression, archive ----------------------------------------------- */

const struct shelf_segment *
shelf_to_compress(const struct shelf *shelf, unsigned spared)
{
	for (unsigned i = 0; i + spared < shelf->count; i++)
		if (!shelf->segments[i].compressed)
			return &shelf->segments[i];
	return NULL;
}

const struct shelf_segment *
shelf_after(const struct shelf *shelf, uint64_t sequence)
{
	for (unsigned i = 0; i < shelf->count; i++)
		if (shelf->segments[i].sequence > sequence)
			return &shelf->segments[i];
	return NULL;
}

/* A rename that a try before has done is fine. */
static int
shelf_rename(int dir, const char *from, const char *to)
{
	if (renameat(dir, from, dir, to) == 0)
		return 0;
	return errno == ENOENT && faccessat(dir, to, F_OK, 0) == 0 ? 0 : -1;
}

/* The index's time says when the segment was closed. */
static void
shelf_keep_time(int dir, const char *from, const char *to)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct stat st;

	if (fstatat(dir, from, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return;
	times[1] = st.st_mtim;
	utimensat(dir, to, times, AT_SYMLINK_NOFOLLOW);
}

int
shelf_discard(int dir, const char *fresh)
{
	return shelf_remove(dir, fresh);
}

static bool
shelf_has(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, 0) == 0 || errno != ENOENT;
}

int
shelf_replace(int dir, const char *name, const char *fresh, const char *suffix)
{
	char to[SHELF_NAME + 16], to_index[SHELF_NAME + 16],
	    from_index[SHELF_NAME + 16];
	char index[SHELF_NAME + 16];

	snprintf(to, sizeof(to), "%s%s", name, suffix);
	if (!shelf_has(dir, name) && !shelf_has(dir, to))
		return shelf_discard(dir, fresh); /* retention was quicker */
	shelf_index_name(name, index);
	shelf_index_name(to, to_index);
	shelf_index_name(fresh, from_index);
	shelf_keep_time(dir, index, from_index);
	if (shelf_rename(dir, from_index, to_index) == -1 ||
	    shelf_rename(dir, fresh, to) == -1)
		return -1;
	/* The names are on the disk before the old ones go. */
	if (fsync(dir) == -1 && errno != EINVAL && errno != EBADF)
		return -1;
	return shelf_remove(dir, name);
}
