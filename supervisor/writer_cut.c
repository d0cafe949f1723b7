/*
 * writer_cut.c - a segment ends where a line does: the writer's thread looks
 * at what is in staging, without taking it, by tee(2).
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "writer_queue.h"

#define OVERSHOOT 4 /* a line may make a segment a quarter longer */

/* Up to n bytes from the head of a staging pipe. Bytes peeked; 0: none. */
static size_t
cut_peek(struct writer *writer, int stage, size_t n)
{
	ssize_t got = tee(stage, writer->peek[1], n, SPLICE_F_NONBLOCK);

	if (got <= 0)
		return 0;
	got = io_read_full(writer->peek[0], writer->peeked, (size_t)got);
	return got < 0 ? 0 : (size_t)got;
}

/* Behind the last line that ends within room; else before all of it, where
 * the segment is at a line end already; else behind the first line that ends
 * later; else all of it. */
static size_t
cut_at(const char *bytes, size_t n, size_t room, bool may_be_none)
{
	const char *end = memrchr(bytes, '\n', room < n ? room : n);

	if (end == NULL && may_be_none)
		return 0;
	if (end == NULL && room < n)
		end = memchr(bytes + room, '\n', n - room);
	return end == NULL ? n : (size_t)(end - bytes) + 1;
}

uint32_t
writer_cut(struct writer *writer, const struct writer_chunk *chunk)
{
	int64_t max = writer->rules.max_size;
	int64_t size = (int64_t)(writer->log.end - writer->log.base);
	int64_t most = max + max / OVERSHOOT - size;
	int stage = writer->stage_fds[chunk->stream == STREAM_STDERR];
	size_t n;

	if (max <= 0 || writer->peek[0] == -1 || size + chunk->length <= max)
		return chunk->length;
	n = most < (int64_t)chunk->length ? (size_t)most : chunk->length;
	n = cut_peek(writer, stage, n < PEEK_MAX ? n : PEEK_MAX);
	if (n == 0)
		return chunk->length;
	n = cut_at(writer->peeked, n, max > size ? (size_t)(max - size) : 0,
	    size > 0 && writer->log.line_end);
	writer->cut = true;
	return (uint32_t)n;
}
