/*
 * test_logfile.c - promise and move, what a crash leaves behind, rotation.
 *
 * A crash is played by forgetting the struct and opening anew; a crash
 * within a rotation by doing its first steps by hand.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fixture.h"
#include "logfile.h"

#define NOW INT64_C(1700000000000000)

static struct fixture fixture;

static int
setup(void **state)
{
	(void)state;
	fixture_init(&fixture);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_release(&fixture);
	return 0;
}

static void
open_log(struct logfile *log)
{
	struct why why;

	if (logfile_init(log, fixture.dir, &why) == -1)
		fail_msg("%s", why.text);
}

static void
move_all(struct logfile *log)
{
	while (log->owed > 0)
		assert_true(logfile_move(log, fixture.reads) > 0);
}

static void
say(struct logfile *log, enum stream stream, const char *text, int64_t time)
{
	fixture_stage(&fixture, stream, text);
	assert_int_equal(logfile_promise(log, stream, (uint32_t)strlen(text),
			     time),
	    0);
	move_all(log);
}

static struct segment_record
record_of(const struct logfile *log, uint64_t number)
{
	struct segment_record record;

	assert_int_equal(pread(log->index_fd, &record, sizeof(record),
			     (off_t)(sizeof(struct segment_header) +
				 number * sizeof(record))),
	    sizeof(record));
	return record;
}

/* --- writing ------------------------------------------------------------ */

static void
begins_empty(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	assert_int_equal(log.base, 0);
	assert_int_equal(log.end, 0);
	assert_int_equal(log.sequence, 1);
	assert_int_equal(log.records, 0);
	assert_int_equal(log.owed, 0);
	assert_true(log.line_end);
	logfile_release(&log);
}

static void
record_comes_before_its_bytes(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	fixture_stage(&fixture, STREAM_STDERR, "hello\n");
	assert_int_equal(logfile_promise(&log, STREAM_STDERR, 6, NOW), 0);
	assert_int_equal(log.owed, 6);
	assert_int_equal(record_of(&log, 0).length, 6);
	assert_int_equal(record_of(&log, 0).stream, STREAM_STDERR);
	assert_int_equal(record_of(&log, 0).time_us, NOW);
	assert_string_equal(fixture_file(&fixture, SEGMENT_LOG), "");
	move_all(&log);
	assert_string_equal(fixture_file(&fixture, SEGMENT_LOG), "hello\n");
	assert_true(log.line_end);
	logfile_release(&log);
}

static void
close_chunks_share_a_record(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "a", NOW);
	say(&log, STREAM_STDOUT, "bc", NOW + 1000);
	assert_int_equal(log.records, 1);
	assert_int_equal(record_of(&log, 0).length, 3);
	assert_int_equal(record_of(&log, 0).time_us, NOW);
	/* Too late, another stream, a clock that was set back. */
	say(&log, STREAM_STDOUT, "d", NOW + 1001);
	assert_int_equal(log.records, 2);
	say(&log, STREAM_STDERR, "e", NOW + 1001);
	assert_int_equal(log.records, 3);
	say(&log, STREAM_STDERR, "f", NOW - 5000);
	assert_int_equal(log.records, 4);
	assert_int_equal(record_of(&log, 3).offset, 5);
	assert_false(log.line_end);
	assert_string_equal(fixture_output(&fixture), "abcdef");
	logfile_release(&log);
}

static void
empty_pipe_moves_nothing(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	assert_int_equal(logfile_promise(&log, STREAM_STDOUT, 10, NOW), 0);
	assert_int_equal(logfile_move(&log, fixture.reads), 0);
	assert_int_equal(log.owed, 10);
	assert_int_equal(logfile_forgive(&log), 0);
	assert_int_equal(log.owed, 0);
	assert_int_equal(record_of(&log, 0).length, 0);
	say(&log, STREAM_STDERR, "real\n", NOW + 5000);
	assert_string_equal(fixture_output(&fixture), "real\n");
	logfile_release(&log);
}

/* --- crashes ------------------------------------------------------------ */

static void
owed_after_a_crash(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "before\n", NOW);
	fixture_stage(&fixture, STREAM_STDERR, "promised\n");
	fixture_stage(&fixture, STREAM_STDOUT, "not yet\n");
	assert_int_equal(logfile_promise(&log, STREAM_STDERR, 9, NOW + 5000),
	    0);
	logfile_release(&log);

	open_log(&log);
	assert_int_equal(log.end, 7);
	assert_int_equal(log.owed, 9);
	assert_int_equal(log.last.stream, STREAM_STDERR);
	move_all(&log);
	say(&log, STREAM_STDOUT, "", NOW + 9000);
	assert_string_equal(fixture_output(&fixture), "before\npromised\n");
	logfile_release(&log);
}

/* Half of the promise was moved, as part of a record that had grown. */
static void
owed_in_part_after_a_crash(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "one ", NOW);
	assert_int_equal(logfile_promise(&log, STREAM_STDOUT, 8, NOW), 0);
	fixture_stage(&fixture, STREAM_STDOUT, "two ");
	assert_int_equal(logfile_move(&log, fixture.reads), 4);
	logfile_release(&log);

	fixture_stage(&fixture, STREAM_STDOUT, "ten\n");
	open_log(&log);
	assert_int_equal(log.records, 1);
	assert_int_equal(log.end, 8);
	assert_int_equal(log.owed, 4);
	move_all(&log);
	assert_string_equal(fixture_output(&fixture), "one two ten\n");
	logfile_release(&log);
}

static void
torn_record_is_overwritten(void **state)
{
	struct logfile log;
	struct stat st;

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "whole\n", NOW);
	assert_int_equal(fstat(log.index_fd, &st), 0);
	assert_int_equal(pwrite(log.index_fd, "\xff\xff\xff\xff\xff\xff\xff", 7,
			     st.st_size),
	    7);
	logfile_release(&log);

	open_log(&log);
	assert_int_equal(log.records, 1);
	assert_int_equal(log.owed, 0);
	say(&log, STREAM_STDERR, "next\n", NOW + 5000);
	assert_int_equal(record_of(&log, 1).offset, 6);
	assert_int_equal(record_of(&log, 1).length, 5);
	assert_string_equal(fixture_output(&fixture), "whole\nnext\n");
	logfile_release(&log);
}

/* A power cut may take the index's tail and leave the log's. */
static void
lost_index_tail_is_made_up(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDERR, "known\n", NOW);
	say(&log, STREAM_STDERR, "unknown\n", NOW + 5000);
	assert_int_equal(ftruncate(log.index_fd,
			     sizeof(struct segment_header) +
				 sizeof(struct segment_record)),
	    0);
	logfile_release(&log);

	open_log(&log);
	assert_int_equal(log.records, 2);
	assert_int_equal(log.end, 14);
	assert_int_equal(log.owed, 0);
	assert_int_equal(record_of(&log, 1).offset, 6);
	assert_int_equal(record_of(&log, 1).length, 8);
	say(&log, STREAM_STDOUT, "more\n", NOW + 9000);
	assert_string_equal(fixture_output(&fixture), "known\nunknown\nmore\n");
	logfile_release(&log);
}

static void
whole_index_lost_but_its_header(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "all of it\n", NOW);
	assert_int_equal(ftruncate(log.index_fd, sizeof(struct segment_header)),
	    0);
	logfile_release(&log);

	open_log(&log);
	assert_string_equal(fixture_output(&fixture), "all of it\n");
	logfile_release(&log);
}

/* As after a power cut: the file is there, its blocks are not. */
static void
index_without_header_is_made_anew(void **state)
{
	struct logfile log;

	(void)state;
	open_log(&log);
	say(&log, STREAM_STDOUT, "all of it\n", NOW);
	assert_int_equal(ftruncate(log.index_fd, 0), 0);
	logfile_release(&log);

	open_log(&log);
	assert_int_equal(log.end, 10);
	assert_int_equal(log.records, 1);
	assert_int_equal(record_of(&log, 0).length, 10);
	say(&log, STREAM_STDOUT, "and more\n", NOW + 9000);
	assert_string_equal(fixture_output(&fixture), "all of it\nand more\n");
	logfile_release(&log);
}

static void
foreign_index_is_refused(void **state)
{
	struct logfile log;
	struct why why;
	int fd = openat(fixture.dir, SEGMENT_INDEX, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(io_write_all(fd, "this is no index, whatever it is",
			     32),
	    0);
	close(fd);
	assert_int_equal(logfile_init(&log, fixture.dir, &why), -1);
	assert_int_equal(log.log_fd, -1);
}

/* --- rotation ----------------------------------------------------------- */

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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(begins_empty),
		TEST(record_comes_before_its_bytes),
		TEST(close_chunks_share_a_record),
		TEST(empty_pipe_moves_nothing),
		TEST(owed_after_a_crash),
		TEST(owed_in_part_after_a_crash),
		TEST(torn_record_is_overwritten),
		TEST(lost_index_tail_is_made_up),
		TEST(whole_index_lost_but_its_header),
		TEST(index_without_header_is_made_anew),
		TEST(foreign_index_is_refused),
		TEST(rotation_goes_on_counting),
		TEST(crash_after_each_step),
		TEST(rotation_is_tried_again),
		TEST(output_between_two_tries),
		TEST(crash_between_two_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
