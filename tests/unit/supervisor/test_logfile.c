/*
 * test_logfile.c - promise and move, and what a crash leaves behind: it is
 * played by forgetting the struct and opening anew.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "diary.h"

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

/* The record stands, and so does the promise: the bytes may come yet. */
static void
forgiving_may_fail(void **state)
{
	struct logfile log;
	int whole, broken;

	(void)state;
	open_log(&log);
	fixture_stage(&fixture, STREAM_STDOUT, "one\n");
	assert_int_equal(logfile_promise(&log, STREAM_STDOUT, 4, NOW), 0);
	whole = dup(log.index_fd);
	broken = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(broken, log.index_fd);
	assert_int_equal(logfile_forgive(&log), -1);
	assert_int_equal(log.owed, 4);
	assert_int_equal(log.last.length, 4);
	dup2(whole, log.index_fd);
	close(whole);
	close(broken);
	move_all(&log);
	assert_int_equal(record_of(&log, 0).length, 4);
	logfile_release(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(begins_empty),
		FIXTURE_TEST(record_comes_before_its_bytes),
		FIXTURE_TEST(close_chunks_share_a_record),
		FIXTURE_TEST(empty_pipe_moves_nothing),
		FIXTURE_TEST(owed_after_a_crash),
		FIXTURE_TEST(owed_in_part_after_a_crash),
		FIXTURE_TEST(torn_record_is_overwritten),
		FIXTURE_TEST(lost_index_tail_is_made_up),
		FIXTURE_TEST(whole_index_lost_but_its_header),
		FIXTURE_TEST(index_without_header_is_made_anew),
		FIXTURE_TEST(foreign_index_is_refused),
		FIXTURE_TEST(forgiving_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
