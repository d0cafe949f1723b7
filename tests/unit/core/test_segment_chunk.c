/*
 * test_segment_chunk.c - the window of records: what may stay in it, where it
 * ends, and chunks that are merged of several.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#define BASE 1000
#define MANY 1500 /* records: some windows full */

struct fixture {
	char *path;
	struct scratch_log log;
	struct segment segment;
	int index_fd; /* to write in the middle of it */
};

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));

	*state = fix;
	fix->path = scratch_new();
	fix->log.dir = scratch_open(fix->path);
	fix->log.end = BASE;
	scratch_segment(&fix->log);
	fix->index_fd = openat(fix->log.dir, SEGMENT_INDEX, O_WRONLY);
	assert_int_equal(segment_attach(&fix->segment,
			     openat(fix->log.dir, SEGMENT_LOG, O_RDONLY),
			     openat(fix->log.dir, SEGMENT_INDEX, O_RDONLY)),
	    0);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	segment_release(&fix->segment);
	close(fix->index_fd);
	close(fix->log.dir);
	scratch_remove(fix->path);
	free(fix);
	return 0;
}

/* Writes a record over the one of that number. */
static void
rewrite(struct fixture *fix, uint64_t number,
    const struct segment_record *record)
{
	assert_int_equal(io_pwrite_all(fix->index_fd, record, sizeof(*record),
			     segment_record_at(&fix->segment, number)),
	    0);
}

static void
expect_run(struct fixture *fix, uint64_t offset, enum segment_merge merge,
    const struct segment_chunk *want)
{
	struct segment_chunk chunk;

	assert_int_equal(segment_run(&fix->segment, offset, merge, &chunk), 1);
	assert_int_equal(chunk.offset, offset);
	assert_int_equal(chunk.length, want->length);
	assert_int_equal(chunk.stream, want->stream);
	assert_int_equal(chunk.time_us, want->time_us);
}

static void
expect(struct fixture *fix, uint64_t offset, uint32_t length, int64_t time_us)
{
	const struct segment_chunk want = { .length = length,
		.stream = STREAM_STDOUT,
		.time_us = time_us };

	expect_run(fix, offset, SEGMENT_MERGE_NONE, &want);
}

/* Records of two bytes: number i comes at the time i. */
static void
say_many(struct fixture *fix, int from, int to)
{
	for (int i = from; i < to; i++)
		scratch_say(&fix->log, STREAM_STDOUT, i, "x\n");
}

/* --- what may stay ------------------------------------------------------ */

/* The last record is longer each time, and then there is another. */
static void
test_the_last_one_grows(void **state)
{
	struct fixture *fix = *state;
	struct segment_record record = { .offset = BASE + 4, .time_us = 9 };

	say_many(fix, 0, 2);
	scratch_record(&fix->log, STREAM_STDOUT, 9, 0);
	for (uint32_t length = 1; length < 40; length++) {
		record.length = length;
		rewrite(fix, 2, &record);
		scratch_append(fix->log.dir, SEGMENT_LOG, "y", 1);
		expect(fix, BASE, 2, 0);
		expect(fix, BASE + 3 + length, 1, 9);
		expect(fix, BASE + 4, length, 9);
	}
	fix->log.end += 39;
	scratch_say(&fix->log, STREAM_STDOUT, 10, "z");
	expect(fix, BASE + 4, 39, 9);
	expect(fix, BASE + 43, 1, 10);
}

/* What it promised does not come: another one begins in its middle. */
static void
test_the_last_one_is_taken_back(void **state)
{
	struct fixture *fix = *state;
	struct segment_record record = { .offset = BASE + 4,
		.time_us = 9,
		.length = 50 };

	say_many(fix, 0, 2);
	scratch_record(&fix->log, STREAM_STDOUT, 9, 50);
	scratch_append(fix->log.dir, SEGMENT_LOG, "abc", 3);
	expect(fix, BASE + 4, 3, 9);
	record.length = 3;
	rewrite(fix, 2, &record);
	fix->log.end += 3;
	scratch_say(&fix->log, STREAM_STDERR, 10, "defg");
	expect(fix, BASE + 4, 3, 9);
	expect_run(fix, BASE + 7, SEGMENT_MERGE_NONE,
	    &(struct segment_chunk){ .length = 4,
		.stream = STREAM_STDERR,
		.time_us = 10 });
}

/* The same, once it has been seen behind others that are settled. */
static void
test_the_last_of_a_window_is_taken_back(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk want = { .length = 2, .time_us = 0 };
	struct segment_record record = { .time_us = 9, .length = 7 };

	say_many(fix, 0, 5);
	record.offset = fix->log.end;
	scratch_record(&fix->log, STREAM_STDOUT, 9, 7);
	scratch_append(fix->log.dir, SEGMENT_LOG, "abcd", 4);
	want.length = 10; /* the last one is no part of it */
	expect_run(fix, BASE, SEGMENT_MERGE_STREAM, &want);
	record.length = 1;
	rewrite(fix, 5, &record);
	fix->log.end++;
	scratch_record(&fix->log, STREAM_STDERR, 10, 3);
	fix->log.end += 3;
	scratch_say(&fix->log, STREAM_STDERR, 11, "z");
	expect(fix, BASE + 10, 1, 9);
	want = (struct segment_chunk){ .length = 3,
		.stream = STREAM_STDERR,
		.time_us = 10 };
	expect_run(fix, BASE + 11, SEGMENT_MERGE_STREAM, &want);
	want.length = 1;
	want.time_us = 11;
	expect_run(fix, BASE + 14, SEGMENT_MERGE_STREAM, &want);
}

static void
test_a_torn_record_is_none(void **state)
{
	struct fixture *fix = *state;
	struct segment_record torn = { .offset = BASE + 4, .time_us = 7 };
	struct segment_chunk chunk;
	size_t half = sizeof(torn) / 2;

	torn.length = 3;
	say_many(fix, 0, 2);
	scratch_append(fix->log.dir, SEGMENT_INDEX, &torn, half);
	scratch_append(fix->log.dir, SEGMENT_LOG, "abc", 3);
	expect(fix, BASE + 2, 2, 1);
	assert_int_equal(segment_chunk(&fix->segment, BASE + 4, &chunk), 0);
	scratch_append(fix->log.dir, SEGMENT_INDEX, (char *)&torn + half,
	    sizeof(torn) - half);
	expect(fix, BASE + 4, 3, 7);
}

/* --- where it ends ------------------------------------------------------ */

static void
test_from_window_to_window(void **state)
{
	struct fixture *fix = *state;

	say_many(fix, 0, MANY);
	for (int i = 0; i < MANY; i++)
		expect(fix, BASE + 2 * (uint64_t)i, 2, i);
	for (int i = MANY - 1; i >= 0; i--)
		expect(fix, BASE + 2 * (uint64_t)i + 1, 1, i);
}

/* Every byte once, in order, though each chunk is taken in two parts. */
static void
test_merged_from_end_to_end(void **state)
{
	struct fixture *fix = *state;
	uint64_t offset = BASE, chunks = 0;

	say_many(fix, 0, MANY);
	while (offset < fix->log.end) {
		struct segment_chunk chunk;
		uint32_t take;

		assert_int_equal(segment_run(&fix->segment, offset,
				     SEGMENT_MERGE_STREAM, &chunk),
		    1);
		assert_int_equal(chunk.offset, offset);
		assert_int_equal(chunk.time_us, (offset - BASE) / 2);
		take = chunk.length > 7 ? chunk.length / 2 : chunk.length;
		for (uint32_t i = 0; i + 1 < take; i++) {
			segment_chunk_skip(&chunk, 1);
			assert_int_equal(chunk.offset, ++offset);
			assert_int_equal(chunk.time_us, (offset - BASE) / 2);
		}
		offset++;
		chunks++;
	}
	assert_int_equal(offset, fix->log.end);
	assert_true(chunks < MANY / 10);
}

static void
test_merged_as_asked(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk want = { .length = 4, .time_us = 1 };

	scratch_say(&fix->log, STREAM_STDOUT, 1, "ab");
	scratch_record(&fix->log, STREAM_STDERR, 2, 0); /* taken back */
	scratch_say(&fix->log, STREAM_STDOUT, 3, "cd");
	scratch_say(&fix->log, STREAM_STDERR, 4, "ef");
	scratch_say(&fix->log, STREAM_STDOUT, 5, "gh");
	scratch_say(&fix->log, STREAM_STDOUT, 6, "ij");
	expect_run(fix, BASE, SEGMENT_MERGE_STREAM, &want);
	want.length = 8;
	expect_run(fix, BASE, SEGMENT_MERGE_ALL, &want);
	want.length = 2;
	expect_run(fix, BASE, SEGMENT_MERGE_NONE, &want);
}

/* A gap in the index, where records and offsets part, is no run. */
static void
test_gaps_part(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk chunk;

	say_many(fix, 0, 2);
	fix->log.end += 2;
	scratch_append(fix->log.dir, SEGMENT_LOG, "??", 2);
	say_many(fix, 2, 5);
	assert_int_equal(segment_run(&fix->segment, BASE, SEGMENT_MERGE_ALL,
			     &chunk),
	    1);
	assert_int_equal(chunk.length, 4);
	assert_int_equal(segment_chunk(&fix->segment, BASE + 4, &chunk), 0);
	expect(fix, BASE + 6, 2, 2);
}

static void
test_cut_at_a_time(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk chunk;

	say_many(fix, 0, 10);
	assert_int_equal(segment_run(&fix->segment, BASE + 1, SEGMENT_MERGE_ALL,
			     &chunk),
	    1);
	segment_chunk_until(&chunk, 20);
	assert_int_equal(chunk.length, 17);
	segment_chunk_until(&chunk, 3);
	assert_int_equal(chunk.length, 7); /* numbers 0 to 3 */
	segment_chunk_until(&chunk, 0);
	assert_int_equal(chunk.length, 1);
}

/* --- while it is written ------------------------------------------------ */

#define LINES 30000

/* Each line comes in two parts: its record grows, or what it promised is
 * taken back and promised anew, with the other stream between. */
static void *
writer(void *arg)
{
	struct fixture *fix = arg;

	for (uint64_t i = 0, number = 0; i < LINES; i++) {
		struct segment_record record = { .offset = fix->log.end,
			.time_us = (int64_t)i,
			.length = i % 3 == 0 ? 9 : 1,
			.stream = i % 2 };

		rewrite(fix, number, &record);
		scratch_append(fix->log.dir, SEGMENT_LOG, i % 2 ? "e" : "o", 1);
		record.length = i % 3 == 0 ? 1 : 2;
		rewrite(fix, number++, &record);
		fix->log.end += record.length;
		if (record.length == 2)
			scratch_append(fix->log.dir, SEGMENT_LOG,
			    i % 2 ? "e" : "o", 1);
	}
	return NULL;
}

static void
test_read_while_written(void **state)
{
	struct fixture *fix = *state;
	uint64_t end = BASE + LINES / 3 + LINES / 3 * 2 * 2, offset = BASE;
	char bytes[4096];
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, writer, fix), 0);
	while (offset < end) {
		struct segment_chunk chunk;
		int found = segment_run(&fix->segment, offset,
		    SEGMENT_MERGE_STREAM, &chunk);
		size_t n = chunk.length < sizeof(bytes) ? chunk.length
							: sizeof(bytes);

		assert_int_not_equal(found, -1);
		if (found == 0)
			continue;
		assert_int_equal(segment_read(&fix->segment, offset, bytes, n),
		    n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(bytes[i],
			    chunk.stream == STREAM_STDERR ? 'e' : 'o');
		offset += n;
	}
	pthread_join(thread, NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_last_one_grows),
		TEST(test_the_last_one_is_taken_back),
		TEST(test_the_last_of_a_window_is_taken_back),
		TEST(test_a_torn_record_is_none),
		TEST(test_from_window_to_window),
		TEST(test_merged_from_end_to_end),
		TEST(test_merged_as_asked),
		TEST(test_gaps_part),
		TEST(test_cut_at_a_time),
		TEST(test_read_while_written),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
