/*
 * reader.c - see reader.h.
 */
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
reader_init(struct reader *reader)
{
	memset(reader, 0, sizeof(*reader));
	/* Zeroed: PCRE2's vector code looks at bytes behind a line's end. */
	reader->buffer = calloc(1, READER_BUFFER);
	return reader->buffer == NULL ? -1 : 0;
}

void
reader_release(struct reader *reader)
{
	for (unsigned i = 0; i < reader->count; i++)
		segment_release(&reader->segments[i]);
	free(reader->buffer);
	reader->buffer = NULL;
	reader->count = 0;
}

/* Lets go of the segments that lie wholly before the position. */
static void
reader_pass(struct reader *reader)
{
	unsigned passed = 0;

	while (passed + 1 < reader->count &&
	    reader->segments[passed + 1].base <= reader->position)
		segment_release(&reader->segments[passed++]);
	if (passed == 0)
		return;
	reader->count -= passed;
	memmove(reader->segments, reader->segments + passed,
	    reader->count * sizeof(reader->segments[0]));
}

int
reader_add(struct reader *reader, uint64_t base, int log_fd, int index_fd)
{
	struct segment *segment;

	reader_pass(reader); /* the position may have come far since */
	segment = &reader->segments[reader->count];
	if (reader->count == READER_SEGMENTS_MAX) {
		errno = ENOBUFS;
		return -1;
	}
	if (segment_attach(segment, log_fd, index_fd) == -1)
		return -1;
	if (segment->base != base ||
	    (reader->count > 0 && segment[-1].base > base)) {
		errno = EBADMSG;
		return -1;
	}
	reader->count++;
	return 0;
}

/*
 * Retention or a full disk may have taken bytes away: goes on where the
 * output does. 1: moved; 0: at end; -1: there is nothing to go on with.
 */
static int
reader_jump(struct reader *reader, uint64_t end)
{
	for (unsigned i = 0; i < reader->count; i++) {
		uint64_t base = reader->segments[i].base;

		if (base <= reader->position)
			continue;
		reader->torn = true; /* and stays so until there is more */
		reader->position = base < end ? base : end;
		return base < end;
	}
	errno = ENODATA;
	return -1;
}

/* The chunk at the position, across gaps. */
static int
reader_chunk(struct reader *reader, uint64_t end, struct segment_chunk *chunk)
{
	for (;;) {
		int found = 0;

		reader_pass(reader);
		if (reader->count > 0)
			found = segment_chunk(&reader->segments[0],
			    reader->position, chunk);
		if (found != 0)
			return found;
		if ((found = reader_jump(reader, end)) != 1)
			return found;
	}
}

/* Buffered bytes at the position, read when there are none. */
static ssize_t
reader_fill(struct reader *reader, uint64_t end)
{
	uint64_t want = end - reader->position;
	ssize_t n;

	if (reader->position >= reader->buffered &&
	    reader->position < reader->buffered + reader->have)
		return (ssize_t)(reader->buffered + reader->have -
		    reader->position);
	if (want > READER_BUFFER)
		want = READER_BUFFER;
	reader->have = 0;
	n = segment_read(&reader->segments[0], reader->position, reader->buffer,
	    (size_t)want);
	if (n == 0)
		errno = ENODATA;
	if (n <= 0)
		return -1;
	reader->buffered = reader->position;
	reader->have = (size_t)n;
	return n;
}

int
reader_next(struct reader *reader, uint64_t end, struct run *run)
{
	struct segment_chunk chunk;
	uint64_t length;
	ssize_t have;
	int found;

	if (reader->position >= end)
		return 0;
	if ((found = reader_chunk(reader, end, &chunk)) != 1)
		return found;
	if ((have = reader_fill(reader, end)) == -1)
		return -1;
	length = chunk.length;
	if (length > (uint64_t)have)
		length = (uint64_t)have;
	if (length > end - reader->position)
		length = end - reader->position;
	run->torn = reader->torn;
	reader->torn = false;
	run->offset = reader->position;
	run->bytes = reader->buffer + (reader->position - reader->buffered);
	run->length = (size_t)length;
	run->stream = chunk.stream;
	reader->position += length;
	return 1;
}
