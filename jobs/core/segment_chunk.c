/*
 * segment_chunk.c - from an offset to the chunk of output there.
 *
 * A job that writes a line at a time has a record for each, so they are read
 * by the window. Only what will not change may stay in one: the last record
 * of a growing index may be longer the next time, or shorter, when its bytes
 * did not come; it is read anew whenever it is asked for.
 */
#include <stdlib.h>

#include "io.h"
#include "segment.h"

#define SEGMENT_WINDOW 512
#define SEGMENT_RUN_MAX (1u << 30) /* bytes of a merged chunk */

struct segment_window {
	uint64_t first; /* number of the first one */
	uint64_t count;
	struct segment_record records[SEGMENT_WINDOW];
};

/* --- records ------------------------------------------------------------ */

static bool
segment_has(const struct segment *segment, uint64_t number)
{
	const struct segment_window *window = segment->window;

	return window != NULL && number >= window->first &&
	    number - window->first < window->count;
}

static int
segment_need_window(struct segment *segment)
{
	if (segment->window == NULL)
		segment->window = malloc(sizeof(*segment->window));
	if (segment->window == NULL)
		return -1;
	segment->window->count = 0;
	return 0;
}

/* Records from this one on that are there for good. That another one stood
 * behind them must be known before they are read: the writer is done with a
 * record when it begins the next. */
static int
segment_fill(struct segment *segment, uint64_t number)
{
	int64_t count = segment_records(segment);
	uint64_t settled = (uint64_t)count, most;
	struct segment_window *window;
	ssize_t n;

	if (count == -1 || segment_need_window(segment) == -1)
		return -1;
	if (segment->codec == CODEC_NONE && settled > 0)
		settled--;
	if (number >= settled)
		return 0;
	window = segment->window;
	most = settled - number;
	if (most > SEGMENT_WINDOW)
		most = SEGMENT_WINDOW;
	n = io_pread_full(segment->index_fd, window->records,
	    most * sizeof(window->records[0]),
	    segment_record_at(segment, number));
	if (n == -1)
		return -1;
	window->first = number;
	window->count = (size_t)n / sizeof(window->records[0]);
	return 0;
}

/* 1; 0: there is none of that number; -1: errno. */
static int
segment_get(struct segment *segment, uint64_t number,
    struct segment_record *record)
{
	if (!segment_has(segment, number) &&
	    segment_fill(segment, number) == -1)
		return -1;
	if (!segment_has(segment, number))
		return segment_record(segment, number, record);
	*record = segment->window->records[number - segment->window->first];
	return 1;
}

/* --- the one for an offset ---------------------------------------------- */

static bool
segment_covers(const struct segment_record *record, uint64_t offset)
{
	return offset >= record->offset &&
	    offset - record->offset < record->length;
}

/* The window's last record that begins at or before offset. False: it may lie
 * elsewhere. */
static bool
segment_seek_window(struct segment *segment, uint64_t offset)
{
	const struct segment_window *window = segment->window;
	uint64_t low = 0, high;

	if (window == NULL || window->count == 0 ||
	    offset < window->records[0].offset ||
	    offset >= window->records[window->count - 1].offset)
		return false;
	high = window->count;
	while (low + 1 < high) {
		uint64_t middle = low + (high - low) / 2;

		if (window->records[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	segment->record = window->first + low;
	return true;
}

static int
segment_seek(struct segment *segment, uint64_t offset)
{
	int64_t found;

	if (segment_seek_window(segment, offset))
		return 0;
	found = segment_find_record(segment, offset);
	if (found == -1)
		return -1;
	segment->record = (uint64_t)found;
	return 0;
}

/* The record that covers offset: the last one found, or the next, or by
 * search, which steps over records whose bytes were taken back. */
static int
segment_cover(struct segment *segment, uint64_t offset,
    struct segment_record *record)
{
	int found = 0;

	for (int tries = 0; tries < 2; tries++) {
		found = segment_get(segment, segment->record, record);
		if (found == 1 && segment_covers(record, offset))
			return 1;
		if (found != 1 || offset != record->offset + record->length)
			break;
		segment->record++;
	}
	if (found == -1 || segment_seek(segment, offset) == -1)
		return -1;
	found = segment_get(segment, segment->record, record);
	return found == 1 ? segment_covers(record, offset) : found;
}

/* --- chunks ------------------------------------------------------------- */

/* True when the log has the byte at offset, which lies in the segment. Logs
 * only grow: what was seen once need not be looked at again. -1: errno. */
static int
segment_reaches(struct segment *segment, uint64_t offset)
{
	int64_t size;

	if (offset < segment->known)
		return 1;
	size = segment_size(segment);
	if (size == -1)
		return -1;
	segment->known = segment->base + (uint64_t)size;
	return offset < segment->known;
}

static enum stream
segment_stream(const struct segment_record *record)
{
	return record->stream == STREAM_STDERR ? STREAM_STDERR : STREAM_STDOUT;
}

/* Adds the records behind the one that was found to the chunk, as far as the
 * window goes and nothing parts them; returns where they end. The search goes
 * on from the last of them. */
static uint64_t
segment_join(struct segment *segment, enum segment_merge merge,
    struct segment_chunk *chunk, uint64_t end)
{
	const struct segment_window *window = segment->window;
	const struct segment_record *next, *stop;

	if (merge == SEGMENT_MERGE_NONE ||
	    !segment_has(segment, segment->record))
		return end;
	chunk->records = window->records + (segment->record - window->first);
	stop = window->records + window->count;
	for (next = chunk->records + 1; next < stop; next++) {
		if (next->offset != end || end >= segment->known ||
		    end + next->length - chunk->offset > SEGMENT_RUN_MAX)
			break;
		if (merge == SEGMENT_MERGE_STREAM && next->length > 0 &&
		    segment_stream(next) != chunk->stream)
			break;
		end += next->length;
	}
	chunk->count = (uint32_t)(next - chunk->records);
	segment->record += chunk->count - 1;
	return end;
}

int
segment_run(struct segment *segment, uint64_t offset, enum segment_merge merge,
    struct segment_chunk *chunk)
{
	struct segment_record record;
	uint64_t end;
	int found;

	if (offset < segment->base)
		return 0;
	/* The size first: a record that is read later tells of its bytes. */
	if ((found = segment_reaches(segment, offset)) != 1 ||
	    (found = segment_cover(segment, offset, &record)) != 1)
		return found;
	*chunk = (struct segment_chunk){
		.offset = offset,
		.time_us = record.time_us,
		.stream = segment_stream(&record),
	};
	end = segment_join(segment, merge, chunk,
	    record.offset + record.length);
	if (end > segment->known)
		end = segment->known;
	chunk->length = (uint32_t)(end - offset);
	return 1;
}

int
segment_chunk(struct segment *segment, uint64_t offset,
    struct segment_chunk *chunk)
{
	return segment_run(segment, offset, SEGMENT_MERGE_NONE, chunk);
}

void
segment_chunk_skip(struct segment_chunk *chunk, uint64_t n)
{
	chunk->offset += n;
	chunk->length -= (uint32_t)n;
	while (chunk->count > 1 && chunk->records[1].offset <= chunk->offset) {
		chunk->records++;
		chunk->count--;
		chunk->time_us = chunk->records[0].time_us;
		chunk->stream = segment_stream(chunk->records);
	}
}

void
segment_chunk_until(struct segment_chunk *chunk, int64_t time_us)
{
	for (uint32_t i = 1; i < chunk->count; i++) {
		const struct segment_record *record = &chunk->records[i];

		if (record->time_us <= time_us)
			continue;
		if (record->offset - chunk->offset < chunk->length)
			chunk->length = (uint32_t)(record->offset -
			    chunk->offset);
		chunk->count = i;
	}
}
