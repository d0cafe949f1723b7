/*
 * logfile_rotation.c - the active segment is set aside, and the next begins.
 *
 * Rotation is a row of steps, each of which may be the last before a crash:
 * logfile_make_index goes on from whichever it was. A step that fails has the
 * ones before it undone, last first, through the same states: what output
 * goes on into is the active segment, by its names too, or a reader would
 * miss it and the compressor take it for closed. What needs room on the disk
 * comes first: on a full one nothing is renamed. Nothing is synced: the kernel
 * writes when it likes, the job would wait for it (for the beginning of a
 * write, too), and whoever replaces or copies a segment syncs what he has
 * made.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "logfile.h"
#include "logread.h"

#define INDEX_NEXT SEGMENT_INDEX ".next" /* of the segment to come */

/* --- after a crash ------------------------------------------------------ */

/* "output-….log.idx" whose log is missing: the rotation stopped between the
 * two. The name is cut to that of the log. */
static bool
logfile_is_half_closed(int dir, char *name)
{
	size_t n = strlen(name);

	if (strncmp(name, "output-", 7) != 0 || n < 8 ||
	    strcmp(name + n - 8, ".log.idx") != 0)
		return false;
	name[n - 4] = '\0';
	return faccessat(dir, name, F_OK, 0) == -1 && errno == ENOENT;
}

/* SEQ of "output-STAMP-SEQ.log", which rotation counts up. */
static uint64_t
logfile_name_sequence(const char *name)
{
	const char *dash = strrchr(name, '-');

	if (strncmp(name, "output-", 7) != 0 || dash == NULL)
		return 0;
	return strtoull(dash + 1, NULL, 10);
}

/* Learns the last segment's number, and gives output.log the name that its
 * index already has: the last one, for somebody may have removed older logs
 * and left theirs. */
static int
logfile_finish_rotation(struct logfile *log)
{
	int fd = openat(log->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	char half[NAME_MAX + 1] = "";
	uint64_t last = 0;
	struct dirent *entry;

	if (list == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	while ((entry = readdir(list)) != NULL) {
		uint64_t sequence = logfile_name_sequence(entry->d_name);

		if (sequence > log->sequence)
			log->sequence = sequence;
		if (sequence < last ||
		    !logfile_is_half_closed(log->dir, entry->d_name))
			continue;
		last = sequence;
		snprintf(half, sizeof(half), "%s", entry->d_name);
	}
	closedir(list);
	if (half[0] == '\0' ||
	    renameat(log->dir, SEGMENT_LOG, log->dir, half) == 0)
		return 0;
	return errno == ENOENT ? 0 : -1;
}

static int
logfile_write_index(int dir, const char *name, uint64_t base, uint64_t sequence)
{
	struct segment_header header = {
		.magic = SEGMENT_MAGIC,
		.base = base,
		.created_us = clock_real_us(),
		.sequence = sequence,
	};

	return io_replace(dir, name, &header, sizeof(header), false);
}

/* True when nothing is in the active log, or there is none. */
static bool
logfile_is_empty(int dir)
{
	struct stat st;

	if (fstatat(dir, SEGMENT_LOG, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT;
	return st.st_size == 0;
}

/* The index that a rotation had prepared before it was cut short: its base
 * knows of lost bytes, which nothing else in the directory does. 1, 0, -1. */
static int
logfile_adopt_next(struct logfile *log, uint64_t end)
{
	struct segment_header header = { .base = 0 };
	int fd = openat(log->dir, INDEX_NEXT, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	n = io_pread_full(fd, &header, sizeof(header), 0);
	close(fd);
	if (n != sizeof(header) || header.base < end ||
	    header.sequence <= log->sequence || !logfile_is_empty(log->dir))
		return 0; /* of another rotation */
	return renameat(log->dir, INDEX_NEXT, log->dir, SEGMENT_INDEX) == -1
	    ? -1
	    : 1;
}

/* A new segment begins behind all that are there. */
int
logfile_make_index(struct logfile *log)
{
	struct logread *reader;
	struct why why;
	uint64_t end;
	int adopted, error;

	if (logfile_finish_rotation(log) == -1)
		return -1;
	reader = logread_open(log->dir, &why);
	if (reader == NULL)
		return -1;
	errno = 0;
	end = logread_end(reader);
	error = errno;
	logread_close(reader);
	if (end == 0 && error != 0 && error != ENOENT) {
		errno = error; /* not known is not none */
		return -1;
	}
	adopted = logfile_adopt_next(log, end);
	if (adopted != 0)
		return adopted == 1 ? 0 : -1;
	return logfile_write_index(log->dir, SEGMENT_INDEX, end,
	    log->sequence + 1);
}

void
logfile_sweep(int dir)
{
	static const char *const names[] = { INDEX_NEXT, INDEX_NEXT ".tmp",
		SEGMENT_INDEX ".tmp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(dir, names[i], 0); /* else the next one sweeps */
}

/* --- the steps ---------------------------------------------------------- */

struct logfile_turn {
	struct logfile *log;
	uint64_t gap;
	const char *name; /* of the closed log */
	char index[NAME_MAX];
};

static int
turn_prepare(struct logfile_turn *turn)
{
	return logfile_write_index(turn->log->dir, INDEX_NEXT,
	    turn->log->end + turn->gap, turn->log->sequence + 1);
}

static int
turn_discard(struct logfile_turn *turn)
{
	logfile_sweep(turn->log->dir);
	return 0;
}

/* Done already, by a try that could not be undone, is fine. */
static int
turn_rename(const struct logfile_turn *turn, const char *from, const char *to)
{
	int dir = turn->log->dir;

	if (faccessat(dir, to, F_OK, 0) == 0)
		return 0;
	return renameat(dir, from, dir, to);
}

/* The index goes first: it carries the name. */
static int
turn_close_index(struct logfile_turn *turn)
{
	return turn_rename(turn, SEGMENT_INDEX, turn->index);
}

static int
turn_reopen_index(struct logfile_turn *turn)
{
	int dir = turn->log->dir;

	return renameat(dir, turn->index, dir, SEGMENT_INDEX);
}

static int
turn_close_log(struct logfile_turn *turn)
{
	return turn_rename(turn, SEGMENT_LOG, turn->name);
}

/* In the place of the next one, which is empty. */
static int
turn_reopen_log(struct logfile_turn *turn)
{
	int dir = turn->log->dir;

	return renameat(dir, turn->name, dir, SEGMENT_LOG);
}

static int
turn_begin(struct logfile_turn *turn)
{
	int dir = turn->log->dir;

	return renameat(dir, INDEX_NEXT, dir, SEGMENT_INDEX);
}

/* An index that says where the new segment begins must not stay. */
static int
turn_unbegin(struct logfile_turn *turn)
{
	return unlinkat(turn->log->dir, SEGMENT_INDEX, 0);
}

static int
turn_open(struct logfile_turn *turn)
{
	struct logfile next;
	struct why why;

	if (logfile_init(&next, turn->log->dir, &why) == -1)
		return -1;
	logfile_release(turn->log);
	*turn->log = next;
	return 0;
}

static const struct {
	int (*step)(struct logfile_turn *);
	int (*undo)(struct logfile_turn *); /* when a later one has failed */
} turn_steps[] = {
	{ turn_prepare, turn_discard }, { turn_close_index, turn_reopen_index },
	{ turn_close_log, turn_reopen_log }, { turn_begin, turn_unbegin },
	{ turn_open, turn_discard }, /* the last: nothing undoes it */
};
#define TURN_STEPS (sizeof(turn_steps) / sizeof(turn_steps[0]))

/* All steps, or none. What cannot be undone now is so by the next try. */
static int
turn_run(struct logfile_turn *turn)
{
	size_t done = 0;
	int saved;

	while (done < TURN_STEPS && turn_steps[done].step(turn) == 0)
		done++;
	if (done == TURN_STEPS)
		return 0;
	saved = errno;
	while (done > 0 && turn_steps[done - 1].undo(turn) == 0)
		done--;
	errno = saved;
	return -1;
}

void
logfile_closed_name(const struct logfile *log, char *name, size_t cap)
{
	char stamp[CLOCK_TEXT];

	snprintf(name, cap, "output-%s-%06llu.log",
	    clock_stamp(log->created_us, stamp),
	    (unsigned long long)log->sequence);
}

int
logfile_rotate(struct logfile *log, uint64_t gap, char *name, size_t cap)
{
	struct logfile_turn turn = { .log = log, .gap = gap, .name = name };

	logfile_closed_name(log, name, cap);
	snprintf(turn.index, sizeof(turn.index), "%s.idx", name);
	return turn_run(&turn);
}

/* --- without a segment to set aside ------------------------------------- */

/* The index that the open, empty log is to have from now on. Its descriptor,
 * or -1 with errno: the old one holds. */
static int
logfile_exchange_index(const struct logfile *log, uint64_t base)
{
	int dir = log->dir, fd, saved;

	if (logfile_write_index(dir, INDEX_NEXT, base, log->sequence) == -1)
		return -1;
	fd = openat(dir, INDEX_NEXT, O_RDWR | O_CLOEXEC);
	if (fd != -1 && renameat(dir, INDEX_NEXT, dir, SEGMENT_INDEX) == 0)
		return fd;
	saved = errno;
	if (fd != -1)
		close(fd);
	logfile_sweep(dir);
	errno = saved;
	return -1;
}

int
logfile_skip(struct logfile *log, uint64_t gap)
{
	int fd = logfile_exchange_index(log, log->end + gap);

	if (fd == -1)
		return -1;
	close(log->index_fd);
	log->index_fd = fd;
	log->base = log->end = log->end + gap;
	log->records = 0;
	log->last = (struct segment_record){ .offset = log->base };
	return 0;
}
