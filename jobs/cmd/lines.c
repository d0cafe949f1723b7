/*
 * lines.c - see lines.h.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

/* A line that has begun. Its text is a copy, because the rest of it comes
 * with other bytes; folded, it is the last state alone. */
struct lines_part {
	bool open;   /* there is such a line, though its text may be empty */
	bool torn;   /* its begin is not known: it is left out */
	bool folded; /* a carriage return came, and nothing after it yet */
	uint64_t offset;
	uint64_t shown;
	uint64_t end;
	int64_t time_us;
	size_t have;
	char text[LINES_MAX];
};

struct lines {
	bool fold;
	bool returns; /* and there is something to fold in what came now */
	lines_line_cb *cb;
	void *arg;
	struct lines_part parts[STREAM_COUNT];
};

struct lines *
lines_new(bool fold, lines_line_cb *cb, void *arg)
{
	struct lines *lines = malloc(sizeof(*lines));

	if (lines == NULL)
		return NULL;
	lines->fold = fold;
	lines->returns = false;
	lines->cb = cb;
	lines->arg = arg;
	for (int i = 0; i < STREAM_COUNT; i++) { /* the texts as they come */
		struct lines_part *part = &lines->parts[i];

		part->open = part->torn = part->folded = false;
		part->offset = part->have = 0;
	}
	return lines;
}

void
lines_free(struct lines *lines)
{
	free(lines);
}

void
lines_tear(struct lines *lines, enum stream stream)
{
	lines->parts[stream].torn = true;
}

bool
lines_open(const struct lines *lines, enum stream stream, struct line *line)
{
	const struct lines_part *part = &lines->parts[stream];

	*line = (struct line){
		.stream = stream,
		.offset = part->offset,
		.shown = part->shown,
		.end = part->end,
		.time_us = part->time_us,
		.text = part->text,
		.length = part->have,
	};
	return part->open;
}

bool
lines_at_begin(const struct lines *lines, enum stream stream)
{
	return !lines->parts[stream].open && !lines->parts[stream].torn;
}

static void
lines_emit(struct lines *lines, enum stream stream, bool newline)
{
	struct lines_part *part = &lines->parts[stream];
	struct line line;

	lines_open(lines, stream, &line);
	line.newline = newline;
	line.end += newline;
	part->have = 0;
	part->open = part->folded = false;
	lines->cb(&line, lines->arg);
}

/* The text starts here, whatever was there before. */
static void
lines_begin(struct lines_part *part, const struct segment_chunk *at)
{
	if (!part->open)
		part->offset = at->offset;
	part->open = true;
	part->have = 0;
	part->folded = false;
	part->shown = part->end = at->offset;
	part->time_us = at->time_us;
}

/* Adds bytes to the text, in pieces where they are too many. */
static void
lines_append(struct lines *lines, const struct segment_chunk *at,
    const char *bytes, size_t n)
{
	struct lines_part *part = &lines->parts[at->stream];
	struct segment_chunk here = *at;

	while (n > 0) {
		size_t room, take;

		if (part->have == LINES_MAX)
			lines_emit(lines, at->stream, false);
		if (!part->open)
			lines_begin(part, &here);
		room = LINES_MAX - part->have;
		take = n < room ? n : room;
		memcpy(part->text + part->have, bytes, take);
		part->have += take;
		segment_chunk_skip(&here, take);
		part->end = here.offset;
		bytes += take;
		n -= take;
	}
}

/* Length of the text without the carriage returns that end it. */
static size_t
lines_trim(const char *text, size_t n)
{
	while (n > 0 && text[n - 1] == '\r')
		n--;
	return n;
}

/* The place behind the last carriage return. */
static size_t
lines_state(const char *text, size_t n)
{
	const char *last = memrchr(text, '\r', n);

	return last == NULL ? 0 : (size_t)(last + 1 - text);
}

/* The same, folded: a new state throws the old one away. */
static void
lines_append_folded(struct lines *lines, const struct segment_chunk *chunk,
    const char *bytes, size_t n)
{
	struct lines_part *part = &lines->parts[chunk->stream];
	struct segment_chunk at = *chunk;
	size_t whole = lines_trim(bytes, n);
	size_t state = lines_state(bytes, whole);

	if (!part->open)
		lines_begin(part, &at);
	segment_chunk_skip(&at, state);
	if (state > 0 || (whole > 0 && part->folded))
		lines_begin(part, &at);
	lines_append(lines, &at, bytes + state, whole - state);
	part->folded = part->folded || whole < n;
	part->end = chunk->offset + n;
}

/* Bytes without a newline. */
static void
lines_keep(struct lines *lines, const struct segment_chunk *at,
    const char *bytes, size_t n)
{
	if (lines->fold)
		lines_append_folded(lines, at, bytes, n);
	else
		lines_append(lines, at, bytes, n);
}

/* A line that lies in one piece: no copy. */
static void
lines_lend(struct lines *lines, const struct segment_chunk *at,
    const char *text, size_t n)
{
	size_t whole = lines->returns ? lines_trim(text, n) : n;
	size_t state = lines->returns ? lines_state(text, whole) : 0;
	struct segment_chunk shown = *at;
	struct line line = {
		.stream = at->stream,
		.offset = at->offset,
		.end = at->offset + n + 1,
		.text = text + state,
		.length = whole - state,
		.newline = true,
	};

	if (state > 0)
		segment_chunk_skip(&shown, state);
	line.shown = shown.offset;
	line.time_us = shown.time_us;
	lines->cb(&line, lines->arg);
}

static void
lines_whole(struct lines *lines, const struct segment_chunk *at,
    const char *text, size_t n)
{
	if (!lines->parts[at->stream].open && n <= LINES_MAX) {
		lines_lend(lines, at, text, n); /* the usual case */
		return;
	}
	lines_keep(lines, at, text, n);
	lines_emit(lines, at->stream, true);
}

/* The next place where what is left out may end. */
static const char *
lines_torn_look(const struct lines *lines, const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	const char *state;

	n = end == NULL ? n : (size_t)(end - p);
	state = lines->fold ? memchr(p, '\r', n) : NULL;
	return state != NULL ? state : end != NULL ? end : p + n;
}

/* How much of the bytes belongs to what is left out. */
static size_t
lines_torn(struct lines *lines, enum stream stream, const char *bytes, size_t n)
{
	struct lines_part *part = &lines->parts[stream];
	const char *p = bytes, *stop = bytes + n;

	while (part->torn && p < stop) {
		if (!part->folded)
			p = lines_torn_look(lines, p, (size_t)(stop - p));
		else if (*p != '\r' && *p != '\n')
			part->torn = part->folded = false;
		if (p == stop || !part->torn)
			break;
		part->folded = *p == '\r';
		part->torn = part->folded;
		p++;
	}
	return (size_t)(p - bytes);
}

void
lines_feed(struct lines *lines, const struct segment_chunk *chunk,
    const char *bytes, size_t n)
{
	struct segment_chunk at = *chunk;
	const char *p = bytes, *stop = bytes + n, *done = bytes;

	lines->returns = lines->fold && memchr(bytes, '\r', n) != NULL;
	if (lines->parts[at.stream].torn)
		p += lines_torn(lines, at.stream, p, n);
	while (p < stop) {
		const char *end = memchr(p, '\n', (size_t)(stop - p));
		const char *last = end == NULL ? stop : end;

		segment_chunk_skip(&at, (uint64_t)(p - done));
		done = p;
		if (end == NULL)
			lines_keep(lines, &at, p, (size_t)(last - p));
		else
			lines_whole(lines, &at, p, (size_t)(last - p));
		p = last + 1;
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

		if (parts[stream].open)
			lines_emit(lines, stream, false);
	}
}
