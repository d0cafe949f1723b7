/*
 * test_lines.c - lines out of two streams that come in turns.
 */
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

static void
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

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));

	*state = fix;
	fix->lines = lines_new(on_line_cb, fix);
	fix->out = open_memstream(&fix->text, &fix->size);
	return fix->lines == NULL || fix->out == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	lines_free(fix->lines);
	fclose(fix->out);
	free(fix->text);
	free(fix);
	return 0;
}

static void
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

static void
say(struct fixture *fix, enum stream stream, int64_t time_us, const char *text)
{
	feed(fix, stream, time_us, text, strlen(text));
}

static void
expect(struct fixture *fix, const char *want)
{
	fflush(fix->out);
	assert_string_equal(fix->text, want);
}

static void
test_whole_lines(void **state)
{
	struct fixture *fix = *state;

	say(fix, STREAM_STDOUT, 1, "one\n\ntwo\n");
	expect(fix, "0@0/1:one$|0@4/1:$|0@5/1:two$|");
	lines_flush(fix->lines);
	expect(fix, "0@0/1:one$|0@4/1:$|0@5/1:two$|");
}

/* A parted line keeps the offset and the time of its first byte. */
static void
test_parted_lines(void **state)
{
	struct fixture *fix = *state;

	say(fix, STREAM_STDOUT, 1, "a");
	say(fix, STREAM_STDERR, 2, "x\ny");
	say(fix, STREAM_STDOUT, 3, "b\nc");
	say(fix, STREAM_STDERR, 4, "\n");
	expect(fix, "1@1/2:x$|0@0/1:ab$|1@3/2:y$|");
	lines_flush(fix->lines);
	expect(fix, "1@1/2:x$|0@0/1:ab$|1@3/2:y$|0@6/3:c|");
}

static void
test_flush_in_order(void **state)
{
	struct fixture *fix = *state;

	say(fix, STREAM_STDERR, 1, "first");
	say(fix, STREAM_STDOUT, 2, "second");
	lines_flush(fix->lines);
	expect(fix, "1@0/1:first|0@5/2:second|");
}

/* Around the bound: pieces only where a line is longer, none of them empty. */
static void
test_long_lines(void **state)
{
	static const struct {
		size_t length;
		const char *want;
	} cases[] = {
		{ LINES_MAX - 1, "262143$ " },
		{ LINES_MAX, "262144$ " },
		{ LINES_MAX + 1, "262144 1$ " },
		{ 2 * LINES_MAX, "262144 262144$ " },
	};
	char *text = malloc(2 * LINES_MAX + 1);

	memset(text, 'x', 2 * LINES_MAX);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t step = 1; step < 3 * LINES_MAX;
		     step = step * 37 + 1) {
			struct fixture *fix;
			size_t n = cases[i].length + 1;

			assert_int_equal(setup((void **)&fix), 0);
			fix->brief = 1;
			text[n - 1] = '\n';
			for (size_t at = 0; at < n; at += step)
				feed(fix, STREAM_STDOUT, 1, text + at,
				    n - at < step ? n - at : step);
			text[n - 1] = 'x';
			expect(fix, cases[i].want);
			teardown((void **)&fix);
		}
	free(text);
	(void)state;
}

/* Whatever comes in whatever pieces: every byte once, in bounded lines. */
static void
test_random_pieces(void **state)
{
	struct fixture *fix = *state;
	char bytes[5000];

	srandom(5);
	fix->brief = 1;
	for (int i = 0; i < 3000; i++) {
		size_t n = (size_t)random() % sizeof(bytes);

		for (size_t k = 0; k < n; k++)
			bytes[k] = random() % 997 == 0 ? '\n' : (char)random();
		feed(fix, (enum stream)(random() % 2), i, bytes, n);
	}
	lines_flush(fix->lines);
	assert_true(fix->bytes == fix->end);
	assert_true(fix->longest <= LINES_MAX);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_whole_lines),
		TEST(test_parted_lines),
		TEST(test_flush_in_order),
		cmocka_unit_test(test_long_lines),
		TEST(test_random_pieces),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
