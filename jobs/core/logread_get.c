/*
 * logread_get.c - takes bytes out of the log reader's segments; see logread.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logread_state.h"

#define TAIL_BLOCK 65536

/* True when the log has the byte at offset and no record tells of it, which
 * there is before it: the index is damaged. Not so for an empty segment that
 * got another index meanwhile. */
static bool
logread_is_bare(const struct logread *reader, uint64_t offset)
{
	const struct loglist *list = &reader->list;
	const struct segment *segment = &reader->segment;
	bool active = reader->entry < list->count &&
	    strcmp(list->entries[reader->entry].name, SEGMENT_LOG) == 0;

	return segment->codec == CODEC_NONE && offset >= segment->base &&
	    offset < segment->known &&
	    (!active || loglist_is_active(list, reader->entry, segment));
}

/* One look at offset in the segment that should have it. Behind a segment's
 * end, but before the next one's begin, bytes were lost: go on there. */
static int
logread_chunk(struct logread *reader, uint64_t offset,
    struct segment_chunk *chunk)
{
	reader->bare = false;
	for (;;) {
		uint64_t next;
		int found;

		if (logread_seek(reader, offset) == -1)
			return errno == ENOENT ? 0 : -1;
		if (offset < reader->segment.base)
			offset = reader->segment.base; /* older: gone */
		found = segment_run(&reader->segment, offset, reader->merge,
		    chunk);
		if (found != 0)
			return found;
		reader->bare = logread_is_bare(reader, offset);
		if (reader->bare) {
			errno = EBADMSG;
			return -1;
		}
		found = logread_next(reader, &next);
		if (found != 1 || next <= offset)
			return found == -1 ? -1 : 0;
		offset = next;
	}
}

static bool
logread_is_newest(const struct logread *reader)
{
	return reader->segment.log_fd != -1 &&
	    loglist_is_active(&reader->list, reader->entry, &reader->segment);
}

/* Says where the bytes of the chunk are, which compression may cut short. */
static int
logread_place(struct logread *reader, struct logread_place *place)
{
	struct segment *segment = &reader->segment;
	struct segment_chunk *chunk = &place->chunk;
	ssize_t n;

	place->bytes = NULL;
	place->fd = segment->log_fd;
	place->at = (off_t)(chunk->offset - segment->base);
	if (segment->codec == CODEC_NONE)
		return 1;
	place->fd = -1;
	n = segment_view(segment, chunk->offset, &place->bytes);
	if (n > 0 && chunk->length > n)
		chunk->length = (uint32_t)n;
	return n > 0 ? 1 : (int)n;
}

int
logread_locate(struct logread *reader, uint64_t offset,
    struct logread_place *place)
{
	int found = logread_chunk(reader, offset, &place->chunk);

	if (found == 0 && !logread_is_newest(reader)) {
		if (logread_list(reader) == -1)
			return -1;
		found = logread_chunk(reader, offset, &place->chunk);
	}
	return found == 1 ? logread_place(reader, place) : found;
}

static ssize_t
logread_pread(int fd, void *bytes, size_t n, off_t at)
{
	ssize_t got;

	do
		got = pread(fd, bytes, n, at);
	while (got == -1 && errno == EINTR);
	return got;
}

/* True when the block has the chunk: what a log has once does not change. */
static bool
logread_in_block(const struct logread *reader,
    const struct logread_place *place)
{
	const struct logread_block *block = reader->block;

	return block->fd == place->fd && place->at >= block->at &&
	    place->at + place->chunk.length <= block->at + (off_t)block->have;
}

/* A chunk that is much shorter than a block is read with what follows it. */
static ssize_t
logread_copy_short(struct logread *reader, const struct logread_place *place,
    void *bytes)
{
	struct logread_block *block = reader->block;
	ssize_t n;

	if (block == NULL) /* its first bytes are none */
		block = reader->block = calloc(1, sizeof(*block));
	if (block == NULL)
		return -1;
	if (!logread_in_block(reader, place)) {
		block->fd = -1;
		n = logread_pread(place->fd, block->bytes, LOGREAD_BLOCK,
		    place->at);
		if (n == -1)
			return -1;
		block->fd = place->fd;
		block->at = place->at;
		block->have = (size_t)n;
	}
	n = block->at + (off_t)block->have - place->at;
	if (n > place->chunk.length)
		n = place->chunk.length;
	memcpy(bytes, block->bytes + (place->at - block->at), (size_t)n);
	return n;
}

ssize_t
logread_copy(struct logread *reader, const struct logread_place *place,
    void *bytes)
{
	if (place->fd == -1) {
		memcpy(bytes, place->bytes, place->chunk.length);
		return (ssize_t)place->chunk.length;
	}
	if (place->chunk.length < LOGREAD_BLOCK / 4)
		return logread_copy_short(reader, place, bytes);
	return logread_pread(place->fd, bytes, place->chunk.length, place->at);
}

ssize_t
logread_get(struct logread *reader, uint64_t offset, void *bytes, size_t n,
    struct segment_chunk *chunk)
{
	struct logread_place place;
	int found = logread_locate(reader, offset, &place);

	if (found != 1)
		return found;
	if (place.chunk.length > n)
		place.chunk.length = (uint32_t)n;
	*chunk = place.chunk;
	return logread_copy(reader, &place, bytes);
}

/* Where in the index the records that are of use end. */
static uint64_t
logread_index_end(const struct segment *segment)
{
	int64_t count = segment_records(segment);
	uint64_t next = segment->record + 1;

	if (count != -1 && (uint64_t)count < next)
		next = (uint64_t)count;
	return (uint64_t)segment_record_at(segment, next);
}

void
logread_trouble(const struct logread *reader, uint64_t offset,
    struct logread_trouble *trouble)
{
	const struct segment *segment = &reader->segment;
	const char *name = "";
	struct segment_frame limits[2];

	*trouble = (struct logread_trouble){ .end = offset };
	if (segment->log_fd == -1)
		return;
	if (reader->entry < reader->list.count)
		name = reader->list.entries[reader->entry].name;
	snprintf(trouble->file, sizeof(trouble->file), "%s%s", name,
	    reader->bare ? ".idx" : codec_suffix(segment->codec));
	if (reader->bare) {
		trouble->at = logread_index_end(segment);
		trouble->end = segment->known;
	} else if (segment->codec == CODEC_NONE) {
		trouble->at = offset - segment->base;
	} else if (segment_frame(segment, offset, limits) == 0) {
		trouble->at = limits[0].at;
		trouble->end = limits[1].offset;
	} else if (segment->end > offset) { /* who knows where frames are? */
		trouble->end = segment->end;
	}
}

bool
logread_owed(const struct logread *reader)
{
	return reader->segment.log_fd != -1 &&
	    segment_promised(&reader->segment);
}

/* --- the last N lines --------------------------------------------------- */

/* Counts newlines in bytes from the back; where the wanted one is, or -1. */
static ssize_t
tail_scan(const char *bytes, size_t n, unsigned long *lines)
{
	const char *p = bytes + n;

	while ((p = memrchr(bytes, '\n', (size_t)(p - bytes))) != NULL)
		if ((*lines)-- == 0)
			return p - bytes;
	return -1;
}

/* Where the bytes before `at` begin that one block holds; *at steps back over
 * a gap before them. Blocks are counted from the segment's begin, so that none
 * lies in two frames. 0, or -1. */
static int
tail_block(struct logread *reader, uint64_t *at, uint64_t *from)
{
	int64_t size;
	uint64_t base, end;

	if (logread_seek(reader, *at - 1) == -1 ||
	    (size = segment_size(&reader->segment)) == -1)
		return -1;
	base = reader->segment.base;
	end = base + (uint64_t)size;
	if (*at > end)
		*at = end;
	if (*at < base)
		*at = base; /* older ones went meanwhile */
	*from = *at == base ? base : *at - 1 - (*at - 1 - base) % TAIL_BLOCK;
	return 0;
}

/* All n bytes; 0: they are damaged, and all of them in one frame. */
static ssize_t
tail_read(struct logread *reader, uint64_t from, char *block, size_t n)
{
	ssize_t got = segment_read(&reader->segment, from, block, n);

	if (got == -1)
		return errno == EBADMSG ? 0 : -1;
	return (size_t)got == n ? got : 0;
}

int
logread_find_tail(struct logread *reader, unsigned long lines, uint64_t *offset)
{
	uint64_t end = logread_end(reader), at = end, from;
	char block[TAIL_BLOCK];
	bool last = true;

	*offset = end;
	if (lines == 0)
		return 0;
	while (at > logread_begin(reader)) {
		ssize_t hit, n;

		if (tail_block(reader, &at, &from) == -1)
			return -1;
		n = tail_read(reader, from, block, at - from);
		if (n == -1)
			return -1;
		/* The newline that ends the last line starts none. */
		if (last && n > 0 && block[n - 1] != '\n')
			lines--;
		last = last && n == 0;
		if ((hit = tail_scan(block, (size_t)n, &lines)) >= 0) {
			*offset = from + (uint64_t)hit + 1;
			return 0;
		}
		at = from;
	}
	*offset = at;
	return 0;
}
