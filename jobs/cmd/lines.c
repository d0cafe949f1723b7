/*
 * lines.c - see lines.h.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

struct lines_part {
	size_t have;
	uint64_t offset;
	int64_t time_us;
	char text[LINES_MAX];
};

struct lines {
	lines_line_cb *cb;
	void *arg;
	struct lines_part parts[STREAM_COUNT];
};

struct lines *
lines_new(lines_line_cb *cb, void *arg)
{
	struct lines *lines = malloc(sizeof(*lines));

	if (lines == NULL)
		return NULL;
	lines->cb = cb;
	lines->arg = arg;
	for (int i = 0; i < STREAM_COUNT; i++)
		lines->parts[i].have = lines->parts[i].offset = 0;
	return lines;
}

void
lines_free(struct lines *lines)
{
	free(lines);
}

static void
lines_emit(struct lines *lines, enum stream stream, bool newline)
{
	struct lines_part *part = &lines->parts[stream];
	const struct line line = {
		.stream = stream,
		.offset = part->offset,
		.time_us = part->time_us,
		.text = part->text,
		.length = part->have,
		.newline = newline,
	};

	part->have = 0;
	lines->cb(&line, lines->arg);
}

/* Adds bytes without a newline, in pieces where they are too many. */
static void
lines_keep(struct lines *lines, const struct segment_chunk *at,
    const char *bytes, size_t n)
{
	struct lines_part *part = &lines->parts[at->stream];
	uint64_t offset = at->offset;

	while (n > 0) {
		size_t room, take;

		if (part->have == LINES_MAX)
			lines_emit(lines, at->stream, false);
		room = LINES_MAX - part->have;
		take = n < room ? n : room;
		if (part->have == 0) {
			part->offset = offset;
			part->time_us = at->time_us;
		}
		memcpy(part->text + part->have, bytes, take);
		part->have += take;
		bytes += take;
		offset += take;
		n -= take;
	}
}

static void
lines_whole(struct lines *lines, const struct segment_chunk *at,
    const char *text, size_t n)
{
	struct lines_part *part = &lines->parts[at->stream];
	const struct line line = {
		.stream = at->stream,
		.offset = at->offset,
		.time_us = at->time_us,
		.text = text,
		.length = n,
		.newline = true,
	};

	if (part->have == 0 && n <= LINES_MAX) {
		lines->cb(&line, lines->arg); /* the usual case: no copy */
		return;
	}
	lines_keep(lines, at, text, n);
	lines_emit(lines, at->stream, true);
}

void
lines_feed(struct lines *lines, const struct segment_chunk *chunk,
    const char *bytes, size_t n)
{
	struct segment_chunk at = *chunk;

	while (n > 0) {
		const char *end = memchr(bytes, '\n', n);
		size_t length = end == NULL ? n : (size_t)(end - bytes);

		if (end == NULL) {
			lines_keep(lines, &at, bytes, n);
			return;
		}
		lines_whole(lines, &at, bytes, length);
		bytes += length + 1;
		n -= length + 1;
		at.offset += length + 1;
	}
}

void
lines_flush(struct lines *lines)
{
	const struct lines_part *parts = lines->parts;
	bool swap = parts[STREAM_STDERR].offset < parts[STREAM_STDOUT].offset;

	for (int i = 0; i < STREAM_COUNT; i++) {
		enum stream stream = (i == STREAM_STDERR) != swap
		    ? STREAM_STDERR
		    : STREAM_STDOUT;

		if (parts[stream].have > 0)
			lines_emit(lines, stream, false);
	}
}
