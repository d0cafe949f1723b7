/*
 * test_writer.c - the writer's thread with real pipes and files: nothing is
 * lost, the order holds, bounds are said.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "event.h"
#include "family.h"
#include "scribe.h"

#define NOW INT64_C(1700000000000000)

/* --- all kinds of work -------------------------------------------------- */

static void
writes_what_was_queued_before(void **state)
{
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	stage(writer, STREAM_STDOUT, "out\n");
	stage(writer, STREAM_STDERR, "err\n");
	assert_int_equal(writer_backlog(writer), 8);
	assert_int_equal(writer_event(writer, "{\"seq\":1}\n", 10, true), 0);
	assert_int_equal(writer_replace(writer, WRITER_STATUS, "{1}", 3, true),
	    0);
	assert_int_equal(writer_replace(writer, WRITER_STATUS, "{2}", 3, false),
	    0);
	assert_int_equal(writer_replace(writer, WRITER_CURSOR, "{}", 2, false),
	    0);
	writer_progress(writer, &progress);
	assert_true(progress.busy);
	assert_int_equal(progress.events_queued, 10);
	assert_int_equal(progress.events_end, 0);
	assert_int_equal(writer_start(writer), 0);
	progress = wait_until(writer, is_idle, 0);
	assert_int_equal(progress.log_end, 8);
	assert_int_equal(progress.events_end, 10);
	assert_int_equal(writer_backlog(writer), 0);
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture), "out\nerr\n");
	assert_string_equal(fixture_file(&fixture, EVENTS_FILE),
	    "{\"seq\":1}\n");
	assert_string_equal(fixture_file(&fixture, "status.json"), "{2}");
	assert_string_equal(fixture_file(&fixture, "cursor-classifier"), "{}");
}

static void
wakes_the_loop(void **state)
{
	struct writer *writer = open_writer(0, 0);
	uint64_t count;

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	wait_until(writer, is_idle, 0);
	writer_ack(writer);
	assert_int_equal(read(writer_wake_fd(writer), &count, 8), -1);
	writer_want_growth(writer, 0);
	stage(writer, STREAM_STDOUT, "more\n");
	assert_int_equal(io_nonblock(writer_wake_fd(writer), false), 0);
	assert_int_equal(read(writer_wake_fd(writer), &count, 8), 8);
	io_nonblock(writer_wake_fd(writer), true);
	/* It has grown already: told at once. */
	wait_until(writer, has_output, 5);
	writer_ack(writer);
	writer_want_growth(writer, 2);
	assert_int_equal(read(writer_wake_fd(writer), &count, 8), 8);
	writer_free(writer, 5000);
}

static void
events_run_through_the_ring(void **state)
{
	static char expected[1 << 21];
	struct writer *writer = open_writer(0, 0);
	char line[1000], *p = expected;

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	for (int i = 0; i < 3000; i++) {
		int n = snprintf(line, sizeof(line),
		    "{\"seq\":%d,\"x\":\"%*d\"}\n", i + 1, 1 + i % 701, i);

		while (writer_event(writer, line, (size_t)n, false) == -1)
			nanosleep(&(struct timespec){ .tv_nsec = 10000 }, NULL);
		p = mempcpy(p, line, (size_t)n);
	}
	*p = '\0';
	writer_free(writer, 20000);
	assert_string_equal(fixture_file(&fixture, EVENTS_FILE), expected);
}

static void
torn_events_are_cut_off(void **state)
{
	struct writer *writer;
	int fd = openat(fixture.dir, EVENTS_FILE, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(io_write_all(fd, "{1}\n{2}\n{to", 11), 0);
	close(fd);
	writer = open_writer(8, 0);
	assert_int_equal(writer_event(writer, "{3}\n", 4, true), 0);
	assert_int_equal(writer_start(writer), 0);
	writer_free(writer, 5000);
	assert_string_equal(fixture_file(&fixture, EVENTS_FILE),
	    "{1}\n{2}\n{3}\n");
}

/* The number in the cursor file is that of the last event before it. */
static void
cursor_is_never_ahead_of_its_events(void **state)
{
	struct writer *writer = open_writer(0, 0);
	char line[64], cursor[32] = "";
	int seen = 0, last = 0;
	struct stat st;

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	for (int i = 1; seen < 100; i++) {
		int n = snprintf(line, sizeof(line), "{\"seq\":%06d}\n", i);

		while (writer_event(writer, line, (size_t)n, false) == -1)
			;
		n = snprintf(cursor, sizeof(cursor), "%d", i);
		assert_int_equal(writer_replace(writer, WRITER_CURSOR, cursor,
				     (size_t)n, false),
		    0);
		n = atoi(fixture_file(&fixture, "cursor-classifier"));
		assert_true(n >= last);
		seen += n > last;
		last = n;
		assert_int_equal(fstatat(fixture.dir, EVENTS_FILE, &st, 0), 0);
		assert_true(st.st_size >= 15 * (off_t)n);
	}
	writer_free(writer, 20000);
	assert_string_equal(fixture_file(&fixture, "cursor-classifier"),
	    cursor);
}

/* --- bounds ------------------------------------------------------------- */

static void
queues_are_bounded(void **state)
{
	static char big[WRITER_FILE_MAX + 1];
	struct writer *writer = open_writer(0, 0);
	unsigned chunks = 0, events = 0;

	(void)state;
	while (!writer_is_full(writer)) {
		assert_true(chunks < 100000);
		stage(writer, STREAM_STDOUT, "x");
		chunks++;
	}
	assert_int_equal(writer_chunk(writer, STREAM_STDOUT, 1, NOW), -1);
	assert_int_equal(writer_backlog(writer), chunks);
	memset(big, 'e', sizeof(big));
	big[EVENT_LINE_MAX - 1] = '\n';
	assert_true(writer_has_room(writer));
	while (writer_event(writer, big, EVENT_LINE_MAX, false) == 0)
		events++;
	assert_false(writer_has_room(writer));
	assert_int_equal(events, WRITER_EVENTS_MAX / EVENT_LINE_MAX);
	assert_int_equal(writer_replace(writer, WRITER_STATUS, big, sizeof(big),
			     false),
	    -1);
	assert_int_equal(writer_start(writer), 0);
	wait_until(writer, is_idle, 0);
	assert_false(writer_is_full(writer));
	assert_true(writer_has_room(writer));
	assert_int_equal(writer_event(writer, big, EVENT_LINE_MAX + 1, false),
	    -1);
	writer_free(writer, 20000);
	assert_int_equal(strlen(fixture_output(&fixture)), chunks);
	assert_int_equal(strlen(fixture_file(&fixture, EVENTS_FILE)),
	    events * EVENT_LINE_MAX);
}

/* --- takeover ----------------------------------------------------------- */

static void
owes_what_a_predecessor_promised(void **state)
{
	struct writer *writer;
	struct logfile_promise_made {
		struct segment_header header;
		struct segment_record record;
	} index = {
		.header = { .magic = SEGMENT_MAGIC, .sequence = 1 },
		.record = { .time_us = NOW,
		    .length = 6,
		    .stream = STREAM_STDERR },
	};

	(void)state;
	assert_int_equal(io_replace(fixture.dir, SEGMENT_INDEX, &index,
			     sizeof(index), false),
	    0);
	fixture_stage(&fixture, STREAM_STDERR, "owed\n\n");
	writer = open_writer(0, 0);
	assert_int_equal(writer_owed(writer, STREAM_STDERR), 6);
	assert_int_equal(writer_owed(writer, STREAM_STDOUT), 0);
	assert_int_equal(writer_backlog(writer), 6);
	stage(writer, STREAM_STDOUT, "new\n");
	assert_int_equal(writer_start(writer), 0);
	wait_until(writer, is_idle, 0);
	assert_int_equal(writer_backlog(writer), 0);
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture), "owed\n\nnew\n");
}

/* After a reboot the staging pipe is gone, and the promise with it. */
static void
forgives_what_is_gone(void **state)
{
	struct segment_header header = { .magic = SEGMENT_MAGIC,
		.sequence = 1 };
	struct segment_record record = { .time_us = NOW, .length = 1000 };
	char index[sizeof(header) + sizeof(record)];
	struct writer *writer;

	(void)state;
	memcpy(index, &header, sizeof(header));
	memcpy(index + sizeof(header), &record, sizeof(record));
	assert_int_equal(io_replace(fixture.dir, SEGMENT_INDEX, index,
			     sizeof(index), false),
	    0);
	writer = open_writer(0, 0);
	assert_int_equal(writer_start(writer), 0);
	assert_int_equal(wait_until(writer, is_idle, 0).log_end, 0);
	stage(writer, STREAM_STDOUT, "after\n");
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture), "after\n");
}

/* --- actions ------------------------------------------------------------ */

static void
no_action_is_forgotten(void **state)
{
	static const char record[] = "{\"action\":\"begin\"}\n";
	struct writer *writer;
	struct stat st;
	int ends[2];

	(void)state;
	fixture_pipe(ends);
	assert_int_equal(dup3(ends[0], FAMILY_FD_STAGE_ACT_READ, O_CLOEXEC),
	    FAMILY_FD_STAGE_ACT_READ);
	writer = open_writer(0, 0);
	assert_int_equal(writer_start(writer), 0);
	for (int i = 1; i <= 3000; i++) {
		int64_t end = clock_mono_us() + PATIENCE_US;

		assert_int_equal(io_write_all(ends[1], record, strlen(record)),
		    0);
		writer_actions(writer);
		do {
			assert_int_equal(fstatat(fixture.dir, "actions.log",
					     &st, 0),
			    0);
			if (clock_mono_us() > end)
				fail_msg("record %d stays in the pipe", i);
		} while (st.st_size != (off_t)strlen(record) * i);
	}
	writer_free(writer, 5000);
	close(ends[0]);
	close(ends[1]);
	close(FAMILY_FD_STAGE_ACT_READ);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(writes_what_was_queued_before),
		FIXTURE_TEST(wakes_the_loop),
		FIXTURE_TEST(events_run_through_the_ring),
		FIXTURE_TEST(torn_events_are_cut_off),
		FIXTURE_TEST(cursor_is_never_ahead_of_its_events),
		FIXTURE_TEST(queues_are_bounded),
		FIXTURE_TEST(owes_what_a_predecessor_promised),
		FIXTURE_TEST(forgives_what_is_gone),
		FIXTURE_TEST(no_action_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
