/*
 * test_assembly.c - lines out of runs, whatever the runs' cuts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assembly.h"

#define LINES_MAX 64

/* What came out, as text: "stream:offset:length:bytes". */
struct seen {
	int count;
	char lines[LINES_MAX][256];
};

struct piece {
	enum stream stream;
	const char *text;
};

static void
seen_add(struct seen *seen, const struct line *line)
{
	assert_true(seen->count < LINES_MAX);
	snprintf(seen->lines[seen->count++], sizeof(seen->lines[0]),
	    "%s:%llu:%llu:%.*s", stream_name(line->stream),
	    (unsigned long long)line->offset, (unsigned long long)line->length,
	    (int)line->kept, line->bytes);
}

/* Feeds pieces cut into runs of at most `step` bytes, then flushes. */
static void
feed(const struct piece *pieces, size_t count, size_t step, struct seen *seen)
{
	struct assembly assembly;
	struct line line;
	uint64_t offset = 0;

	seen->count = 0;
	assert_int_equal(assembly_init(&assembly), 0);
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(pieces[i].text);

		for (size_t at = 0; at < n; at += step) {
			size_t part = n - at < step ? n - at : step;
			struct run run = { offset, pieces[i].text + at, part,
				pieces[i].stream, false };

			while (assembly_next(&assembly, &run, &line))
				seen_add(seen, &line);
			assert_int_equal(run.length, 0);
			offset += part;
		}
	}
	while (assembly_flush(&assembly, &line))
		seen_add(seen, &line);
	assert_false(assembly_open(&assembly));
	assembly_release(&assembly);
}

#define FEED(pieces, step, seen) \
	feed(pieces, sizeof(pieces) / sizeof((pieces)[0]), step, seen)

static void
lines_of_one_stream(void **state)
{
	static const struct piece pieces[] = {
		{ STREAM_STDOUT, "one\n\ntwo\nlast" },
	};
	struct seen seen;

	(void)state;
	FEED(pieces, 100, &seen);
	assert_int_equal(seen.count, 4);
	assert_string_equal(seen.lines[0], "stdout:0:3:one");
	assert_string_equal(seen.lines[1], "stdout:4:0:");
	assert_string_equal(seen.lines[2], "stdout:5:3:two");
	assert_string_equal(seen.lines[3], "stdout:9:4:last");
}

static void
streams_interleave_within_lines(void **state)
{
	static const struct piece pieces[] = {
		{ STREAM_STDOUT, "he" },
		{ STREAM_STDERR, "err" },
		{ STREAM_STDOUT, "llo\nx" },
		{ STREAM_STDERR, "or\n" },
	};
	struct seen seen;

	(void)state;
	FEED(pieces, 100, &seen);
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.lines[0], "stdout:0:5:hello");
	assert_string_equal(seen.lines[1], "stderr:2:5:error");
	assert_string_equal(seen.lines[2], "stdout:9:1:x");
}

static void
cuts_do_not_matter(void **state)
{
	static const struct piece pieces[] = {
		{ STREAM_STDOUT, "alpha\nbe" },
		{ STREAM_STDERR, "\n\nwarn" },
		{ STREAM_STDOUT, "ta\r\ngam" },
		{ STREAM_STDERR, "ing\nrest" },
		{ STREAM_STDOUT, "ma" },
	};
	struct seen whole, parts;

	(void)state;
	FEED(pieces, 100, &whole);
	for (size_t step = 1; step < 10; step++) {
		FEED(pieces, step, &parts);
		assert_int_equal(parts.count, whole.count);
		for (int i = 0; i < whole.count; i++)
			assert_string_equal(parts.lines[i], whole.lines[i]);
	}
}

/* A line of `length` bytes made of `pattern`, in runs of `step`. */
static void
feed_long(struct assembly *assembly, const char *pattern, uint64_t length,
    size_t step, struct line *line)
{
	char *bytes = malloc(step);
	size_t period = strlen(pattern);

	assert_non_null(bytes);
	for (uint64_t at = 0; at < length; at += step) {
		size_t n = length - at < step ? (size_t)(length - at) : step;
		struct run run = { at, bytes, n, STREAM_STDOUT, false };

		for (size_t i = 0; i < n; i++)
			bytes[i] = pattern[(at + i) % period];
		assert_int_equal(assembly_next(assembly, &run, line), 0);
	}
	struct run end = { length, "\n", 1, STREAM_STDOUT, false };
	assert_int_equal(assembly_next(assembly, &end, line), 1);
	free(bytes);
}

static void
long_line_keeps_its_head(void **state)
{
	struct assembly assembly;
	struct line line;

	(void)state;
	assert_int_equal(assembly_init(&assembly), 0);
	feed_long(&assembly, "abcdefgh", 3000000, 4096, &line);
	assert_int_equal(line.length, 3000000);
	assert_int_equal(line.kept, LINE_KEPT_MAX);
	assert_memory_equal(line.bytes, "abcdefgh", 8);
	assembly_release(&assembly);
}

static void
long_line_in_one_run_is_bounded_too(void **state)
{
	struct assembly assembly;
	struct line line;
	size_t n = 3 * LINE_KEPT_MAX;
	char *bytes = malloc(n + 1);
	struct run run = { 0, bytes, n + 1, STREAM_STDERR, false };

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', n);
	bytes[n] = '\n';
	assert_int_equal(assembly_init(&assembly), 0);
	assert_int_equal(assembly_next(&assembly, &run, &line), 1);
	assert_int_equal(line.length, n);
	assert_int_equal(line.kept, LINE_KEPT_MAX);
	assembly_release(&assembly);
	free(bytes);
}

/* What a progress bar showed last is what counts, at any length. */
static void
long_progress_line_keeps_its_newest(void **state)
{
	static const char bar[] = "50% of it is done now\r";
	uint64_t turns = 20000;
	struct line first = { 0 }, line;

	(void)state;
	for (size_t step = 1; step < 5000; step = step * 7 + 1) {
		struct assembly assembly;
		uint64_t length = turns * (sizeof(bar) - 1) + 5;

		assert_int_equal(assembly_init(&assembly), 0);
		feed_long(&assembly, bar, length, step, &line);
		assert_int_equal(line.length, length);
		assert_true(line.kept >= 5);
		assert_memory_equal(line.bytes + line.kept - 5, "50% o", 5);
		if (step == 1)
			first.kept = line.kept;
		assert_int_equal(line.kept, first.kept);
		assembly_release(&assembly);
	}
}

static void
flush_gives_the_earlier_first(void **state)
{
	static const struct piece pieces[] = {
		{ STREAM_STDERR, "e" },
		{ STREAM_STDOUT, "o" },
	};
	struct seen seen;

	(void)state;
	FEED(pieces, 1, &seen);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.lines[0], "stderr:0:1:e");
	assert_string_equal(seen.lines[1], "stdout:1:1:o");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_one_stream),
		cmocka_unit_test(streams_interleave_within_lines),
		cmocka_unit_test(cuts_do_not_matter),
		cmocka_unit_test(long_line_keeps_its_head),
		cmocka_unit_test(long_line_in_one_run_is_bounded_too),
		cmocka_unit_test(long_progress_line_keeps_its_newest),
		cmocka_unit_test(flush_gives_the_earlier_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
