/*
 * test_segment.c - one segment: from offset to chunk, from time to offset,
 * and indexes that a crash or a flood left odd.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

struct fixture {
	char *path;
	struct scratch_log log;
	struct segment segment;
};

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));

	*state = fix;
	fix->path = scratch_new();
	fix->log.dir = scratch_open(fix->path);
	fix->log.end = 1000; /* offsets do not begin at nought here */
	fix->segment.log_fd = fix->segment.index_fd = -1;
	scratch_segment(&fix->log);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	segment_release(&fix->segment);
	close(fix->log.dir);
	scratch_remove(fix->path);
	free(fix);
	return 0;
}

static void
attach(struct fixture *fix)
{
	int log_fd = openat(fix->log.dir, SEGMENT_LOG, O_RDONLY);
	int index_fd = openat(fix->log.dir, SEGMENT_INDEX, O_RDONLY);

	assert_int_equal(segment_attach(&fix->segment, log_fd, index_fd), 0);
}

static void
expect(struct fixture *fix, uint64_t offset, uint32_t length,
    enum stream stream, int64_t time_us)
{
	struct segment_chunk chunk;

	assert_int_equal(segment_chunk(&fix->segment, offset, &chunk), 1);
	assert_int_equal(chunk.offset, offset);
	assert_int_equal(chunk.length, length);
	assert_int_equal(chunk.stream, stream);
	assert_int_equal(chunk.time_us, time_us);
}

static void
expect_none(struct fixture *fix, uint64_t offset)
{
	struct segment_chunk chunk;

	assert_int_equal(segment_chunk(&fix->segment, offset, &chunk), 0);
}

static void
test_layout(void **state)
{
	(void)state; /* on disk: changing it breaks every old log */
	assert_int_equal(sizeof(struct segment_header), 32);
	assert_int_equal(sizeof(struct segment_record), 24);
	assert_int_equal(offsetof(struct segment_record, stream), 20);
}

static void
test_chunks(void **state)
{
	struct fixture *fix = *state;

	scratch_say(&fix->log, STREAM_STDOUT, 10, "hello\n");
	scratch_say(&fix->log, STREAM_STDERR, 20, "oops\n");
	scratch_say(&fix->log, STREAM_STDOUT, 30, "bye\n");
	attach(fix);
	assert_int_equal(fix->segment.base, 1000);
	assert_int_equal(segment_size(&fix->segment), 15);
	expect(fix, 1000, 6, STREAM_STDOUT, 10);
	expect(fix, 1006, 5, STREAM_STDERR, 20);
	expect(fix, 1011, 4, STREAM_STDOUT, 30);
	expect(fix, 1003, 3, STREAM_STDOUT, 10); /* back, and into one */
	expect(fix, 1014, 1, STREAM_STDOUT, 30);
	expect_none(fix, 1015);
	expect_none(fix, 999);
	expect_none(fix, 0);
	expect_none(fix, UINT64_MAX);
}

static void
test_bytes(void **state)
{
	struct fixture *fix = *state;
	char bytes[8] = "";

	scratch_say(&fix->log, STREAM_STDOUT, 10, "hello\n");
	attach(fix);
	assert_int_equal(segment_read(&fix->segment, 1002, bytes, 3), 3);
	assert_string_equal(bytes, "llo");
	assert_int_equal(segment_read(&fix->segment, 1005, bytes, 8), 1);
	assert_int_equal(segment_read(&fix->segment, 1006, bytes, 8), 0);
	assert_int_equal(segment_read(&fix->segment, 999, bytes, 8), -1);
}

/* The record is there first: what has come is shown, the rest is owed. */
static void
test_promises(void **state)
{
	struct fixture *fix = *state;

	attach(fix);
	assert_false(segment_promised(&fix->segment));
	scratch_record(&fix->log, STREAM_STDERR, 5, 10);
	expect_none(fix, 1000);
	assert_true(segment_promised(&fix->segment));
	scratch_append(fix->log.dir, SEGMENT_LOG, "abc", 3);
	expect(fix, 1000, 3, STREAM_STDERR, 5);
	assert_true(segment_promised(&fix->segment));
	scratch_append(fix->log.dir, SEGMENT_LOG, "defghij", 7);
	expect(fix, 1003, 7, STREAM_STDERR, 5);
	assert_false(segment_promised(&fix->segment));
}

/* The last record grows in place while a reader stands in it. */
static void
test_growth(void **state)
{
	struct fixture *fix = *state;
	struct segment_record record = { .offset = 1000,
		.time_us = 5,
		.length = 6 };
	int fd = openat(fix->log.dir, SEGMENT_INDEX, O_WRONLY);

	scratch_say(&fix->log, STREAM_STDOUT, 5, "abc");
	attach(fix);
	expect(fix, 1000, 3, STREAM_STDOUT, 5);
	expect_none(fix, 1003);
	assert_int_equal(io_pwrite_all(fd, &record, sizeof(record),
			     sizeof(struct segment_header)),
	    0);
	scratch_append(fix->log.dir, SEGMENT_LOG, "def", 3);
	fix->log.end += 3;
	expect(fix, 1003, 3, STREAM_STDOUT, 5);
	scratch_say(&fix->log, STREAM_STDERR, 6, "x");
	expect(fix, 1006, 1, STREAM_STDERR, 6);
	close(fd);
}

/* Promises that were taken back are records of no length; any number of
 * them may stand in a row. */
static void
test_empty_records(void **state)
{
	struct fixture *fix = *state;

	scratch_say(&fix->log, STREAM_STDOUT, 1, "ab");
	for (int i = 0; i < 5; i++)
		scratch_record(&fix->log, STREAM_STDERR, 2, 0);
	scratch_say(&fix->log, STREAM_STDOUT, 3, "cd");
	scratch_record(&fix->log, STREAM_STDERR, 4, 0);
	attach(fix);
	expect(fix, 1000, 2, STREAM_STDOUT, 1);
	expect(fix, 1002, 2, STREAM_STDOUT, 3);
	expect_none(fix, 1004);
	scratch_say(&fix->log, STREAM_STDERR, 5, "e");
	expect(fix, 1004, 1, STREAM_STDERR, 5);
}

static void
test_torn_record(void **state)
{
	struct fixture *fix = *state;

	scratch_say(&fix->log, STREAM_STDOUT, 1, "ab");
	scratch_append(fix->log.dir, SEGMENT_INDEX, "torn", 4);
	scratch_append(fix->log.dir, SEGMENT_LOG, "xyz", 3);
	attach(fix);
	expect(fix, 1000, 2, STREAM_STDOUT, 1);
	expect_none(fix, 1002); /* nobody says whose bytes these are */
	assert_false(segment_promised(&fix->segment));
}

static void
test_no_index(void **state)
{
	struct fixture *fix = *state;
	static const char *const bad[] = { "", "jwidx01\n",
		"jwidx99\n"
		"........................" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct segment segment;
		int fd;

		scratch_append(fix->log.dir, "bad", bad[i], strlen(bad[i]));
		fd = openat(fix->log.dir, "bad", O_RDONLY);
		assert_int_equal(segment_attach(&segment, fd, fd), -1);
		assert_int_equal(errno, EBADMSG);
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
		close(fd);
		unlinkat(fix->log.dir, "bad", 0);
	}
}

static void
expect_time(struct fixture *fix, int64_t time_us, uint64_t want)
{
	uint64_t offset;

	assert_int_equal(segment_find_time(&fix->segment, time_us, &offset), 0);
	assert_int_equal(offset, want);
}

static void
test_times(void **state)
{
	struct fixture *fix = *state;

	attach(fix);
	expect_time(fix, 0, 1000);
	scratch_say(&fix->log, STREAM_STDOUT, 10, "aa");
	scratch_say(&fix->log, STREAM_STDERR, 10, "bb");
	scratch_say(&fix->log, STREAM_STDOUT, 20, "cc");
	expect_time(fix, INT64_MIN, 1000);
	expect_time(fix, 10, 1000);
	expect_time(fix, 11, 1004);
	expect_time(fix, 20, 1004);
	expect_time(fix, 21, 1006);
	expect_time(fix, INT64_MAX, 1006);
}

/* Against a plain walk, over a long index, at random places. */
static void
test_many_records(void **state)
{
	struct fixture *fix = *state;
	static struct segment_record records[3000];
	uint64_t end = 1000;

	srandom(3);
	for (size_t i = 0; i < 3000; i++) {
		records[i] = (struct segment_record){ .offset = end,
			.time_us = (int64_t)i,
			.length = (uint32_t)(random() % 5),
			.stream = (uint8_t)(random() % 2) };
		end += records[i].length;
	}
	scratch_append(fix->log.dir, SEGMENT_INDEX, records, sizeof(records));
	for (uint64_t n = 1000; n < end; n++)
		scratch_append(fix->log.dir, SEGMENT_LOG, "x", 1);
	attach(fix);
	for (int i = 0; i < 20000; i++) {
		uint64_t offset = 1000 + (uint64_t)random() % (end - 1000);
		size_t k = 0;

		while (offset >= records[k].offset + records[k].length)
			k++;
		expect(fix, offset,
		    (uint32_t)(records[k].offset + records[k].length - offset),
		    records[k].stream, records[k].time_us);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test_setup_teardown(test_chunks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_promises, setup, teardown),
		cmocka_unit_test_setup_teardown(test_growth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_records, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_torn_record, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_no_index, setup, teardown),
		cmocka_unit_test_setup_teardown(test_times, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_records, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
