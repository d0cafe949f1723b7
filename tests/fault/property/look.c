/*
 * look.c - see look.h.
 */
#include "look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loglist.h"

#define SCAN_MAX (STREAM_COUNT * SAID_MAX)
#define PIECES_MAX 65536
#define PIECE_MAX 65536
#define COALESCE_US 1000 /* records share a time within this */

/* A run of bytes of one stream, as it was read. */
struct piece {
	uint64_t offset;
	size_t length;
	size_t at; /* of its bytes in the scan */
	int64_t time_us;
	enum stream stream;
};

struct scan {
	char bytes[SCAN_MAX];
	size_t size;
	struct piece pieces[PIECES_MAX];
	unsigned count;
	uint64_t begin, end; /* offsets */
};

static struct scan scan; /* large, and one at a time */

/* --- reading ------------------------------------------------------------ */

static struct logread *
look_open(struct world *world, int dir)
{
	struct why why;
	struct logread *reader = logread_open(dir, &why);

	if (reader == NULL)
		world_fail(world, "%s", why.text);
	return reader;
}

static void
scan_take(struct world *world, const struct segment_chunk *chunk, size_t n)
{
	if (scan.count == PIECES_MAX)
		world_fail(world, "more pieces than the test has room for");
	scan.pieces[scan.count++] = (struct piece){
		.offset = chunk->offset,
		.length = n,
		.at = scan.size,
		.time_us = chunk->time_us,
		.stream = chunk->stream,
	};
	scan.size += n;
	scan.end = chunk->offset + n;
}

static void
scan_read(struct world *world, struct logread *reader)
{
	struct segment_chunk chunk;
	size_t room;
	ssize_t n;

	scan.count = 0;
	scan.size = 0;
	scan.begin = scan.end = 0;
	for (;;) {
		room = SCAN_MAX - scan.size;
		n = logread_get(reader, scan.end, scan.bytes + scan.size,
		    room < PIECE_MAX ? room : PIECE_MAX, &chunk);
		if (n == -1)
			world_fail(world, "cannot read at %" PRIu64 ": %s",
			    scan.end, segment_strerror(errno));
		if (n == 0)
			break;
		if (scan.count == 0)
			scan.begin = chunk.offset;
		scan_take(world, &chunk, (size_t)n);
	}
	if (scan.count == 0)
		scan.begin = scan.end = logread_begin(reader);
}

/* --- bytes -------------------------------------------------------------- */

/* Where a stream's bytes of the scan begin, counted back from its end: what
 * has left staging is in the log, or was dropped. */
static size_t
scan_start(const struct world *world, enum stream stream)
{
	size_t left = world->said_count[stream] - world_staged(world, stream);

	if (scan.begin == 0)
		return 0;
	for (unsigned i = 0; i < scan.count; i++)
		if (scan.pieces[i].stream == stream)
			left -= scan.pieces[i].length;
	for (unsigned i = 0; i < world->drop_count; i++)
		if (world->drops[i].stream == stream &&
		    world->drops[i].at >= scan.begin)
			left -= world->drops[i].count;
	return left;
}

/* The same of an archive, which has all from the first byte on that was not
 * dropped, and not yet the last ones. */
static size_t
scan_archive_start(const struct world *world, enum stream stream)
{
	size_t start = 0;

	for (unsigned i = 0; i < world->drop_count; i++)
		if (world->drops[i].stream == stream &&
		    world->drops[i].at < scan.begin)
			start += world->drops[i].count;
	return start;
}

/* When the byte at this place of its stream was said. */
static int64_t
said_at(const struct world *world, enum stream stream, size_t at)
{
	unsigned low = 0, high = world->stamp_count[stream];

	while (low + 1 < high) {
		unsigned middle = low + (high - low) / 2;

		if (world->stamps[stream][middle - 1].end <= at)
			low = middle;
		else
			high = middle;
	}
	return world->stamps[stream][low].us;
}

static void
expect_bytes(struct world *world, const struct piece *piece, size_t at)
{
	const char *said = world->said[piece->stream] + at;
	const char *read = scan.bytes + piece->at;
	int64_t us = said_at(world, piece->stream, at);

	if (at + piece->length > world->said_count[piece->stream])
		world_fail(world, "%" PRIu64 ": more than was said",
		    piece->offset);
	for (size_t i = 0; i < piece->length; i++)
		if (said[i] != read[i])
			world_fail(world,
			    "%" PRIu64 ": is '%.12s', stream %d has '%.12s' "
			    "at %zu",
			    piece->offset + i, read + i, piece->stream,
			    said + i, at + i);
	if ((piece->time_us < us - COALESCE_US && !world->vague) ||
	    piece->time_us > world->now_us)
		world_fail(world,
		    "%" PRIu64 ": time %" PRId64 ", it was said at %" PRId64
		    ", now is "
		    "%" PRId64,
		    piece->offset, piece->time_us, us, world->now_us);
}

/* How many bytes a piece has before the next place where some were dropped;
 * drops that lie before it are stepped over. */
static size_t
scan_advance(const struct world *world, unsigned *drop, uint64_t offset,
    size_t length, size_t at[STREAM_COUNT])
{
	for (; *drop < world->drop_count; (*drop)++) {
		const struct drop *next = &world->drops[*drop];

		if (next->at > offset)
			return next->at - offset < length ? next->at - offset
							  : length;
		if (next->at >= scan.begin)
			at[next->stream] += next->count;
	}
	return length;
}

static void
scan_compare(struct world *world,
    size_t (*start)(const struct world *world, enum stream stream))
{
	size_t at[STREAM_COUNT] = { start(world, STREAM_STDOUT),
		start(world, STREAM_STDERR) };
	unsigned drop = 0;

	for (unsigned i = 0; i < scan.count; i++) {
		struct piece part = scan.pieces[i];
		size_t left = part.length;

		while (left > 0) {
			part.length = scan_advance(world, &drop, part.offset,
			    left, at);
			expect_bytes(world, &part, at[part.stream]);
			at[part.stream] += part.length;
			part.offset += part.length;
			part.at += part.length;
			left -= part.length;
		}
	}
}

/* True when all of a range was told of as lost. */
static bool
is_told(const struct world *world, uint64_t begin, uint64_t end)
{
	for (unsigned i = 0; i < world->told_count && begin < end; i++)
		if (world->told[i].begin <= begin && begin < world->told[i].end)
			begin = world->told[i].end;
	return begin >= end;
}

/* All that was dropped was told of, unless that could not even be noted. */
static void
scan_expect_told(struct world *world)
{
	uint64_t told = 0, dropped = 0;

	for (unsigned i = 0; i < world->drop_count; i++)
		dropped += world->drops[i].count;
	for (unsigned i = 0; i < world->told_count; i++)
		told += world->told[i].end - world->told[i].begin;
	if (told < dropped && !world->unnoted)
		world_fail(world,
		    "%" PRIu64 " bytes were dropped, %" PRIu64 " were told of",
		    dropped, told);
}

/* All that has left staging is accounted for. */
static void
scan_expect_all(struct world *world)
{
	uint64_t there = 0, gone = 0, dropped = 0;

	for (int s = 0; s < STREAM_COUNT; s++)
		gone += world->said_count[s] -
		    world_staged(world, (enum stream)s);
	for (unsigned i = 0; i < scan.count; i++)
		there += scan.pieces[i].length;
	for (unsigned i = 0; i < world->drop_count; i++)
		dropped += world->drops[i].count;
	if (scan.begin == 0 && there + dropped != gone)
		world_fail(world,
		    "%" PRIu64 " bytes left staging, %" PRIu64
		    " are in the log, %" PRIu64 " were dropped",
		    gone, there, dropped);
	if (scan.begin > 0 && world->rules.keep == 0 &&
	    world->rules.total_size == 0 && !world->short_of_room &&
	    !world->unnoted && !is_told(world, 0, scan.begin))
		world_fail(world, "the oldest %" PRIu64 " bytes are gone",
		    scan.begin);
}

/* --- gaps and times ----------------------------------------------------- */

static void
scan_expect_gaps(struct world *world)
{
	for (unsigned i = 1; i < scan.count; i++) {
		const struct piece *piece = &scan.pieces[i];
		uint64_t end = piece[-1].offset + piece[-1].length;

		if (piece->offset < end)
			world_fail(world, "%" PRIu64 " is there twice",
			    piece->offset);
		if (piece->offset > end && !world->unnoted &&
		    !is_told(world, end, piece->offset))
			world_fail(world,
			    "from %" PRIu64 " to %" PRIu64 ": gone, and not "
			    "told of",
			    end, piece->offset);
		if (piece->time_us < piece[-1].time_us)
			world_fail(world,
			    "%" PRIu64 " came before what is "
			    "before it",
			    piece->offset);
	}
}

/* What is read from an offset on: behind a gap where it lies in one. */
static uint64_t
scan_next(uint64_t offset)
{
	for (unsigned i = 0; i < scan.count; i++)
		if (scan.pieces[i].offset + scan.pieces[i].length > offset)
			return scan.pieces[i].offset > offset
			    ? scan.pieces[i].offset
			    : offset;
	return scan.end;
}

static void
scan_find_time(struct world *world, struct logread *reader)
{
	int64_t first = scan.pieces[0].time_us - 10;
	int64_t span = scan.pieces[scan.count - 1].time_us + 20 - first;
	int64_t us = first + (int64_t)world_roll(world, (uint64_t)span);
	uint64_t found, expected = scan.end;

	for (unsigned i = scan.count; i-- > 0;)
		if (scan.pieces[i].time_us >= us)
			expected = scan.pieces[i].offset;
	if (logread_find_time(reader, us, &found) == -1)
		world_fail(world, "cannot find a time: %s", strerror(errno));
	if (scan_next(found) != expected)
		world_fail(world,
		    "time %" PRId64 " is at %" PRIu64 ", found %" PRIu64, us,
		    expected, found);
}

/* --- views -------------------------------------------------------------- */

/* The offset of a byte of the scan; of the first behind it, the end. */
static uint64_t
scan_offset(size_t at)
{
	for (unsigned i = 0; i < scan.count; i++)
		if (at - scan.pieces[i].at < scan.pieces[i].length)
			return scan.pieces[i].offset + at - scan.pieces[i].at;
	return scan.end;
}

static void
scan_find_tail(struct world *world, struct logread *reader)
{
	unsigned long lines = 1 + world_roll(world, 30), left = lines;
	size_t at = scan.size;
	uint64_t found;

	if (at > 0 && scan.bytes[at - 1] == '\n')
		at--;
	while (at > 0 && (scan.bytes[at - 1] != '\n' || --left > 0))
		at--;
	if (logread_find_tail(reader, lines, &found) == -1)
		world_fail(world, "cannot find the tail: %s", strerror(errno));
	if (scan_next(found) != scan_offset(at) && scan.size > 0)
		world_fail(world,
		    "the last %lu lines are at %" PRIu64 ", found %" PRIu64,
		    lines, scan_offset(at), found);
}

/* What is read from an offset on is what the scan has there. Before its begin
 * a reader may have a segment open that nobody else can see any more. */
static void
scan_read_some(struct world *world, struct logread *reader)
{
	static char bytes[PIECE_MAX];
	uint64_t offset = scan.begin +
	    world_roll(world, scan.end - scan.begin + 10);
	size_t n = 1 + world_roll(world, sizeof(bytes) - 1);
	struct segment_chunk chunk;
	ssize_t got = logread_get(reader, offset, bytes, n, &chunk);
	const struct piece *piece = scan.pieces;

	while (piece < scan.pieces + scan.count &&
	    piece->offset + piece->length <= offset)
		piece++;
	if (got == -1)
		world_fail(world, "cannot read at %" PRIu64 ": %s", offset,
		    segment_strerror(errno));
	if ((got == 0) != (piece == scan.pieces + scan.count))
		world_fail(world, "%zd bytes at %" PRIu64 " of %" PRIu64, got,
		    offset, scan.end);
	if (got == 0)
		return;
	if (offset < piece->offset)
		offset = piece->offset;
	if (chunk.offset != offset || chunk.stream != piece->stream)
		world_fail(world, "%" PRIu64 " is given for %" PRIu64,
		    chunk.offset, offset);
	if ((size_t)got > piece->length - (offset - piece->offset))
		got = (ssize_t)(piece->length - (offset - piece->offset));
	if (memcmp(bytes, scan.bytes + piece->at + (offset - piece->offset),
		(size_t)got) != 0)
		world_fail(world, "other bytes at %" PRIu64, offset);
}

void
look_again(struct world *world, struct logread *reader)
{
	for (int i = 0; i < 4; i++)
		scan_read_some(world, reader);
	if (scan.count > 0)
		scan_find_time(world, reader);
	scan_find_tail(world, reader);
}

void
look_at_log(struct world *world)
{
	struct logread *reader = look_open(world, world->dir);

	world->looks++;
	scan_read(world, reader);
	scan_expect_gaps(world);
	scan_compare(world, scan_start);
	scan_expect_all(world);
	scan_expect_told(world);
	look_again(world, reader);
	logread_close(reader);
}

void
look_at_archive(struct world *world)
{
	char path[128];
	struct logread *reader;
	int dir;

	snprintf(path, sizeof(path), "%s/job", world->archive);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return; /* nothing was closed */
	reader = look_open(world, dir);
	scan_read(world, reader);
	scan_expect_gaps(world);
	scan_compare(world, scan_archive_start);
	if (scan.begin > 0 && !world->unnoted && !is_told(world, 0, scan.begin))
		world_fail(world, "the archive begins at %" PRIu64, scan.begin);
	logread_close(reader);
	close(dir);
}

/* --- names -------------------------------------------------------------- */

static bool
name_is_known(const char *name)
{
	static const char *const known[] = { ".", "..", "pins", "events.jsonl",
		"actions.log", "cursor-segments", "losses" };
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i]) == 0)
			return true;
	return strncmp(name, "output", 6) == 0 &&
	    strcmp(name + n - 4, ".tmp") != 0 &&
	    strcmp(name + n - 5, ".next") != 0;
}

/* An index needs its log, and a log its index. */
static bool
name_has_twin(int dir, const char *name)
{
	size_t n = strlen(name);
	char twin[NAME_MAX + 8];

	if (strncmp(name, "output", 6) != 0)
		return true;
	snprintf(twin, sizeof(twin), "%s.idx", name);
	if (n > 4 && strcmp(name + n - 4, ".idx") == 0)
		twin[n - 4] = '\0';
	return faccessat(dir, twin, F_OK, 0) == 0;
}

static void
look_at_names_of(struct world *world, const char *path)
{
	DIR *names = opendir(path);
	struct dirent *entry;

	while (names != NULL && (entry = readdir(names)) != NULL)
		if (!name_is_known(entry->d_name) ||
		    !name_has_twin(dirfd(names), entry->d_name))
			world_fail(world, "%s is left", entry->d_name);
	if (names != NULL)
		closedir(names);
}

void
look_at_names(struct world *world)
{
	struct loglist list = { 0 };
	char archive[128];

	snprintf(archive, sizeof(archive), "%s/job", world->archive);
	look_at_names_of(world, world->path);
	look_at_names_of(world, archive);
	if (loglist_read(&list, world->dir) == -1)
		world_fail(world, "cannot list the log");
	for (size_t i = 1; i < list.count; i++)
		if (list.entries[i].sequence !=
		    list.entries[i - 1].sequence + 1)
			world_fail(world, "number %" PRIu64 " follows %" PRIu64,
			    list.entries[i].sequence,
			    list.entries[i - 1].sequence);
	loglist_release(&list);
}
