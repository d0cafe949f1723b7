/*
 * test_lines.c - lines out of two streams that come in turns.
 */
#include "cutting.h"

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
			struct fixture *fix = NULL;
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

static void
test_torn_unfolded(void **state)
{
	struct fixture *fix = *state;

	lines_tear(fix->lines, STREAM_STDOUT);
	say(fix, STREAM_STDOUT, 1, "a\rb");
	lines_flush(fix->lines);
	say(fix, STREAM_STDOUT, 1, "c\nd\n");
	expect(fix, "0@5/1:d$|");
}

#define RECORDS 2100
#define MERGED 7

/* Random text of one stream, a few bytes a record, record by record. */
static void
say_records(struct fixture *fix, struct segment_record *records, char *text)
{
	for (int i = 0; i < RECORDS; i++) {
		size_t n = (size_t)random() % 8;
		char *p = text + fix->end;

		for (size_t k = 0; k < n; k++)
			p[k] = "abc\n\r"[random() % 5];
		records[i] = (struct segment_record){
			.offset = fix->end,
			.time_us = i,
			.length = (uint32_t)n,
		};
		feed(fix, STREAM_STDOUT, i, p, n);
	}
}

/* The same, some records a chunk. */
static void
say_merged(struct fixture *fix, const struct segment_record *records,
    const char *text)
{
	for (int i = 0; i < RECORDS; i += MERGED) {
		struct segment_chunk chunk = {
			.offset = records[i].offset,
			.time_us = records[i].time_us,
			.records = records + i,
			.count = MERGED,
		};

		for (int k = 0; k < MERGED; k++)
			chunk.length += records[i + k].length;
		lines_feed(fix->lines, &chunk, text + chunk.offset,
		    chunk.length);
	}
}

/* Chunks that were merged give the lines of those that were not, each with
 * the time of the record that holds its first byte. */
static void
test_merged(void **state)
{
	static struct segment_record records[RECORDS];
	static char text[RECORDS * 8];
	const char *const kinds[] = { NULL, "fold" };

	(void)state;
	srandom(41);
	for (size_t kind = 0; kind < 2; kind++) {
		struct fixture *apart = (void *)kinds[kind];
		struct fixture *merged = (void *)kinds[kind];

		assert_int_equal(setup((void **)&apart), 0);
		assert_int_equal(setup((void **)&merged), 0);
		say_records(apart, records, text);
		say_merged(merged, records, text);
		lines_flush(apart->lines);
		lines_flush(merged->lines);
		fflush(apart->out);
		expect(merged, apart->text);
		teardown((void **)&apart);
		teardown((void **)&merged);
	}
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
		TEST(test_torn_unfolded),
		cmocka_unit_test(test_merged),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
