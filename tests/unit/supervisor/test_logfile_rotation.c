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
	assert_int_equal(logfile_rotate(&log, first, sizeof(first)), 0);
	assert_int_equal(log.base, 4);
	assert_int_equal(log.end, 4);
	assert_int_equal(log.sequence, 2);
	assert_int_equal(log.records, 0);
	assert_true(log.line_end);
	say(&log, STREAM_STDERR, "two\n", NOW);
	assert_int_equal(logfile_rotate(&log, second, sizeof(second)), 0);
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

/* One segment with a line; then the rotation's first `steps` steps. */
static void
crash_within_rotation(int steps)
{
	struct segment_header next = { .magic = SEGMENT_MAGIC,
		.base = 4,
		.created_us = NOW,
		.sequence = 2 };
	struct logfile log;
	char name[64], index[64];

	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	logfile_release(&log);
	closed_names(name, index);
	if (steps >= 1)
		move_name(SEGMENT_INDEX, index);
	if (steps >= 2)
		move_name(SEGMENT_LOG, name);
	if (steps >= 3)
		assert_int_equal(io_replace(fixture.dir, SEGMENT_INDEX, &next,
				     sizeof(next), false),
		    0);
	if (steps >= 4)
		close(
		    openat(fixture.dir, SEGMENT_LOG, O_WRONLY | O_CREAT, 0600));
}

static void
crash_after_each_step(void **state)
{
	(void)state;
	for (int steps = 0; steps <= 4; steps++) {
		struct logfile log;
		char name[64], index[64];

		crash_within_rotation(steps);
		closed_names(name, index);
		open_log(&log);
		assert_int_equal(log.sequence, steps == 0 ? 1 : 2);
		assert_int_equal(log.base, steps == 0 ? 0 : 4);
		assert_int_equal(log.end, 4);
		assert_int_equal(log.owed, 0);
		if (steps > 0)
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
	static const char block[] = SEGMENT_INDEX ".tmp";

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "one\n", NOW);
	assert_int_equal(mkdirat(fixture.dir, block, 0700), 0);
	assert_int_equal(logfile_rotate(&log, name, sizeof(name)), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(logfile_rotate(&log, name, sizeof(name)), -1);
	assert_int_equal(unlinkat(fixture.dir, block, AT_REMOVEDIR), 0);
	assert_int_equal(logfile_rotate(&log, name, sizeof(name)), 0);
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
	assert_int_equal(logfile_rotate(log, name, cap), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Meanwhile output goes on into the old segment. */
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
	assert_int_equal(logfile_rotate(&log, name, sizeof(name)), 0);
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
	assert_int_equal(log.base, 9);
	assert_int_equal(log.sequence, 2);
	say(&log, STREAM_STDOUT, "two\n", NOW);
	assert_string_equal(fixture_output(&fixture), "one\nmore\ntwo\n");
	logfile_release(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(rotation_goes_on_counting),
		FIXTURE_TEST(crash_after_each_step),
		FIXTURE_TEST(rotation_is_tried_again),
		FIXTURE_TEST(output_between_two_tries),
		FIXTURE_TEST(crash_between_two_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
