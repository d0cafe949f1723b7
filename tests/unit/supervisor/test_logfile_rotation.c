/*
 * test_logfile_rotation.c - a segment set aside and the next one opened, with
 * a crash at any step: one within a rotation is played by doing its first
 * steps by hand.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "diary.h"

static void
rotation_goes_on_counting(void **state)
{
	struct logfile log;
	char first[64], second[64];

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	assert_int_equal(logfile_rotate(&log, 0, first, sizeof(first)), 0);
	assert_int_equal(log.base, 4);
	assert_int_equal(log.end, 4);
	assert_int_equal(log.sequence, 2);
	assert_int_equal(log.records, 0);
	assert_true(log.line_end);
	say(&log, STREAM_STDERR, "two\n", NOW);
	assert_int_equal(logfile_rotate(&log, 0, second, sizeof(second)), 0);
	say(&log, STREAM_STDOUT, "three\n", NOW);
	assert_string_equal(fixture_file(&fixture, first), "one\n");
	assert_string_equal(fixture_file(&fixture, second), "two\n");
	assert_string_equal(first + strlen(first) - 11, "-000001.log");
	assert_string_equal(second + strlen(second) - 11, "-000002.log");
	assert_string_equal(fixture_output(&fixture), "one\ntwo\nthree\n");
	logfile_release(&log);

	open_log(&log);
	assert_int_equal(log.sequence, 3);
	assert_int_equal(log.base, 8);
	assert_int_equal(log.end, 14);
	logfile_release(&log);
}

/* The names that a rotation gives. */
static void
closed_names(char *name, char *index)
{
	strcpy(name, "output-20230101T000000Z-000001.log");
	strcpy(index, "output-20230101T000000Z-000001.log.idx");
}

static void
move_name(const char *from, const char *to)
{
	assert_int_equal(renameat(fixture.dir, from, fixture.dir, to), 0);
}

/* One segment with a line; then the rotation's first `steps` steps, of one
 * that leaves a gap. */
static void
crash_within_rotation(int steps, uint64_t gap)
{
	struct segment_header next = { .magic = SEGMENT_MAGIC,
		.base = 4 + gap,
		.created_us = NOW,
		.sequence = 2 };
	struct logfile log;
	char name[64], index[64];

	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	logfile_release(&log);
	closed_names(name, index);
	if (steps >= 1)
		assert_int_equal(io_replace(fixture.dir, SEGMENT_INDEX ".next",
				     &next, sizeof(next), false),
		    0);
	if (steps >= 2)
		move_name(SEGMENT_INDEX, index);
	if (steps >= 3)
		move_name(SEGMENT_LOG, name);
	if (steps >= 4)
		move_name(SEGMENT_INDEX ".next", SEGMENT_INDEX);
	if (steps >= 5)
		close(
		    openat(fixture.dir, SEGMENT_LOG, O_WRONLY | O_CREAT, 0600));
}

/* Somebody has removed old logs and left their indexes: the log whose rotation
 * was cut short gets the name of its own. */
static void
crash_beside_indexes_without_logs(void **state)
{
	struct logfile log;
	char name[64], index[64];

	(void)state;
	crash_within_rotation(2, 0);
	closed_names(name, index);
	for (int day = 10; day < 30; day++) {
		char stray[64];

		snprintf(stray, sizeof(stray),
		    "output-202201%dT000000Z-000000.log.idx", day);
		close(openat(fixture.dir, stray, O_WRONLY | O_CREAT, 0600));
	}
	open_log(&log);
	assert_int_equal(log.base, 4);
	assert_string_equal(fixture_file(&fixture, name), "one\n");
	logfile_release(&log);
}

static void
crash_after_each_step(void **state)
{
	(void)state;
	for (int steps = 0; steps <= 5; steps++) {
		uint64_t gap = steps % 2 == 0 ? 0 : 1000;
		struct logfile log;
		char name[64], index[64];
		bool turned = steps > 1;

		crash_within_rotation(steps, gap);
		closed_names(name, index);
		open_log(&log);
		assert_int_equal(log.sequence, turned ? 2 : 1);
		assert_int_equal(log.base, turned ? 4 + gap : 0);
		assert_int_equal(log.end, turned ? 4 + gap : 4);
		assert_int_equal(log.owed, 0);
		if (turned)
			assert_string_equal(fixture_file(&fixture, name),
			    "one\n");
		say(&log, STREAM_STDERR, "two\n", NOW + 5000);
		assert_string_equal(fixture_output(&fixture), "one\ntwo\n");
		logfile_release(&log);
		fixture_release(&fixture);
		fixture_init(&fixture);
	}
}

/* Something stands where the next index must go, as a full disk does. */
static void
rotation_is_tried_again(void **state)
{
	struct logfile log;
	char name[64];
	static const char block[] = SEGMENT_INDEX ".next.tmp";

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	assert_int_equal(mkdirat(fixture.dir, block, 0700), 0);
	assert_int_equal(logfile_rotate(&log, 0, name, sizeof(name)), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(logfile_rotate(&log, 0, name, sizeof(name)), -1);
	assert_int_equal(unlinkat(fixture.dir, block, AT_REMOVEDIR), 0);
	assert_int_equal(logfile_rotate(&log, 0, name, sizeof(name)), 0);
	assert_int_equal(log.sequence, 2);
	assert_int_equal(log.base, 4);
	say(&log, STREAM_STDOUT, "two\n", NOW);
	assert_string_equal(fixture_file(&fixture, name), "one\n");
	assert_string_equal(fixture_output(&fixture), "one\ntwo\n");
	logfile_release(&log);
}

/* Lets one more descriptor be opened at a time, so that the rotation's last
 * step fails, which opens two. */
static void
rotate_without_descriptors(struct logfile *log, char *name, size_t cap)
{
	int lowest = dup(log->log_fd);
	struct rlimit limit, narrow;

	close(lowest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	narrow = limit;
	narrow.rlim_cur = (rlim_t)lowest + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &narrow), 0);
	assert_int_equal(logfile_rotate(log, 0, name, cap), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static bool
is_there(const char *name)
{
	return faccessat(fixture.dir, name, F_OK, 0) == 0;
}

/* Meanwhile output goes on into the old segment, which is the active one by
 * its names, too: readers find it, and nobody takes it for closed. */
static void
output_between_two_tries(void **state)
{
	struct logfile log;
	char name[64];

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	rotate_without_descriptors(&log, name, sizeof(name));
	say(&log, STREAM_STDOUT, "more\n", NOW + 5000);
	assert_false(is_there(name));
	assert_false(is_there(SEGMENT_INDEX ".next"));
	assert_string_equal(fixture_file(&fixture, SEGMENT_LOG), "one\nmore\n");
	assert_string_equal(fixture_output(&fixture), "one\nmore\n");
	assert_int_equal(logfile_rotate(&log, 0, name, sizeof(name)), 0);
	assert_int_equal(log.base, 9);
	assert_int_equal(log.sequence, 2);
	say(&log, STREAM_STDOUT, "two\n", NOW);
	assert_string_equal(fixture_output(&fixture), "one\nmore\ntwo\n");
	logfile_release(&log);
}

static void
crash_between_two_tries(void **state)
{
	struct logfile log;
	char name[64];

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	rotate_without_descriptors(&log, name, sizeof(name));
	say(&log, STREAM_STDOUT, "more\n", NOW + 5000);
	logfile_release(&log);

	open_log(&log);
	assert_int_equal(log.base, 0);
	assert_int_equal(log.sequence, 1);
	say(&log, STREAM_STDOUT, "two\n", NOW + 10000);
	assert_string_equal(fixture_output(&fixture), "one\nmore\ntwo\n");
	logfile_release(&log);
}

/* The new log was made, its index was not put in place, and the old one was
 * not brought back: the gap that was prepared still counts. */
static void
crash_while_undoing(void **state)
{
	struct logfile log;

	(void)state;
	crash_within_rotation(3, 1000);
	close(openat(fixture.dir, SEGMENT_LOG, O_WRONLY | O_CREAT, 0600));
	open_log(&log);
	assert_int_equal(log.base, 1004);
	assert_int_equal(log.sequence, 2);
	assert_false(is_there(SEGMENT_INDEX ".next"));
	logfile_release(&log);
}

/* What a rotation had prepared, and nobody came to need. */
static void
leftovers_go(void **state)
{
	struct logfile log;

	(void)state;
	crash_within_rotation(1, 1000);
	open_log(&log);
	assert_int_equal(log.base, 0);
	assert_false(is_there(SEGMENT_INDEX ".next"));
	logfile_release(&log);
}

/* Bytes are lost before there are any: no segment is closed for that, and a
 * reader that has the empty one open goes on behind them. */
static void
an_empty_log_begins_further_on(void **state)
{
	struct logfile log;
	struct segment_chunk chunk;
	struct why why;
	struct logread *reader;
	char name[64], bytes[16];

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	assert_int_equal(logfile_rotate(&log, 0, name, sizeof(name)), 0);
	reader = logread_open(fixture.dir, &why);
	assert_non_null(reader);
	assert_int_equal(logread_get(reader, 4, bytes, sizeof(bytes), &chunk),
	    0);
	assert_int_equal(logfile_skip(&log, 100), 0);
	assert_int_equal(log.base, 104);
	assert_int_equal(log.sequence, 2);
	say(&log, STREAM_STDERR, "two\n", NOW);
	assert_int_equal(logread_get(reader, 4, bytes, sizeof(bytes), &chunk),
	    4);
	assert_int_equal(chunk.offset, 104);
	logread_close(reader);
	logfile_release(&log);

	open_log(&log);
	assert_int_equal(log.base, 104);
	assert_int_equal(log.end, 108);
	assert_string_equal(fixture_output(&fixture), "one\ntwo\n");
	logfile_release(&log);
}

/* Where that cannot be noted, all stays as it is. */
static void
an_empty_log_that_cannot(void **state)
{
	static const char block[] = SEGMENT_INDEX ".next.tmp";
	struct logfile log;

	(void)state;
	open_log(&log);
	assert_int_equal(mkdirat(fixture.dir, block, 0700), 0);
	assert_int_equal(logfile_skip(&log, 100), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(unlinkat(fixture.dir, block, AT_REMOVEDIR), 0);
	assert_int_equal(log.base, 0);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	assert_string_equal(fixture_output(&fixture), "one\n");
	logfile_release(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(rotation_goes_on_counting),
		FIXTURE_TEST(crash_after_each_step),
		FIXTURE_TEST(crash_beside_indexes_without_logs),
		FIXTURE_TEST(rotation_is_tried_again),
		FIXTURE_TEST(output_between_two_tries),
		FIXTURE_TEST(crash_between_two_tries),
		FIXTURE_TEST(crash_while_undoing),
		FIXTURE_TEST(leftovers_go),
		FIXTURE_TEST(an_empty_log_begins_further_on),
		FIXTURE_TEST(an_empty_log_that_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
