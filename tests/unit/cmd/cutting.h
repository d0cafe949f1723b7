/*
 * cutting.h - lines that are cut out of what a test says, written down as
 * "STREAM@OFFSET/TIME:TEXT", with "$" where a newline was and "|" behind each.
 */
#ifndef TESTS_UNIT_CMD_CUTTING_H
#define TESTS_UNIT_CMD_CUTTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lines.h"

struct fixture {
	struct lines *lines;
	FILE *out;
	char *text; /* what came out, a line each */
	size_t size;
	uint64_t end;
	uint64_t bytes; /* in all lines, newlines included */
	size_t longest;
	int brief;
};

static inline void
on_line_cb(const struct line *line, void *arg)
{
	struct fixture *fix = arg;

	fix->bytes += line->length + line->newline;
	if (line->length > fix->longest)
		fix->longest = line->length;
	if (fix->brief)
		fprintf(fix->out, "%zu%s ", line->length,
		    line->newline ? "$" : "");
	else
		fprintf(fix->out, "%d@%d/%d:%.*s%s|", line->stream,
		    (int)line->offset, (int)line->time_us, (int)line->length,
		    line->text, line->newline ? "$" : "");
}

static inline int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));
	bool fold = *state != NULL;

	*state = fix;
	fix->lines = lines_new(fold, on_line_cb, fix);
	fix->out = open_memstream(&fix->text, &fix->size);
	return fix->lines == NULL || fix->out == NULL ? -1 : 0;
}

static inline int
teardown(void **state)
{
	struct fixture *fix = *state;

	lines_free(fix->lines);
	fclose(fix->out);
	free(fix->text);
	free(fix);
	return 0;
}

static inline void
feed(struct fixture *fix, enum stream stream, int64_t time_us,
    const char *bytes, size_t n)
{
	struct segment_chunk chunk = { .offset = fix->end,
		.time_us = time_us,
		.length = (uint32_t)n,
		.stream = stream };

	lines_feed(fix->lines, &chunk, bytes, n);
	fix->end += n;
}

static inline void
say(struct fixture *fix, enum stream stream, int64_t time_us, const char *text)
{
	feed(fix, stream, time_us, text, strlen(text));
}

static inline void
expect(struct fixture *fix, const char *want)
{
	fflush(fix->out);
	assert_string_equal(fix->text, want);
}

#endif
