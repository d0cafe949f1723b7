/*
 * test_writer.c - the writer's thread with real pipes and files: nothing is
 * lost, the order holds, bounds are said, errors pass.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"
#include "event.h"
#include "family.h"
#include "fixture.h"
#include "writer.h"

#define NOW INT64_C(1700000000000000)
#define PATIENCE_US (20 * INT64_C(1000000)) /* far more than it takes */

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

static struct writer *
open_writer(uint64_t events_end, int64_t max_size)
{
	struct why why;
	struct writer *writer = writer_new(fixture.dir, fixture.reads,
	    events_end, max_size, &why);

	if (writer == NULL)
		fail_msg("%s", why.text);
	return writer;
}

static void
stage(struct writer *writer, enum stream stream, const char *text)
{
	fixture_stage(&fixture, stream, text);
	assert_int_equal(writer_chunk(writer, stream, (uint32_t)strlen(text),
			     clock_real_us()),
	    0);
}

/* Waits for news until `good` says so. */
static struct writer_progress
wait_until(struct writer *writer,
    bool (*good)(const struct writer_progress *, uint64_t), uint64_t value)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	struct writer_progress progress;

	for (;;) {
		writer_progress(writer, &progress);
		if (good(&progress, value))
			return progress;
		if (clock_mono_us() > end)
			fail_msg("the writer is stuck: error %d in %s",
			    progress.error, progress.error_what);
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
}

static bool
is_idle(const struct writer_progress *progress, uint64_t value)
{
	(void)value;
	return !progress->busy;
}

static bool
has_output(const struct writer_progress *progress, uint64_t value)
{
	return progress->log_end >= value;
}

static bool
has_failed(const struct writer_progress *progress, uint64_t value)
{
	return progress->error == (int)value;
}

static bool
has_rotated(const struct writer_progress *progress, uint64_t value)
{
	return progress->rotations >= value;
}

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

/* --- rotation and segments ---------------------------------------------- */

static void
rotates_at_a_line_end(void **state)
{
	struct writer *writer = open_writer(0, 10);
	struct writer_progress progress;

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, "0123456789");
	wait_until(writer, has_output, 10);
	stage(writer, STREAM_STDOUT, "\n"); /* still in the first */
	wait_until(writer, has_output, 11);
	stage(writer, STREAM_STDOUT, "next");
	progress = wait_until(writer, has_output, 15);
	assert_int_equal(progress.rotations, 1);
	assert_int_equal(progress.log_begin, 11);
	assert_int_equal(progress.sequence, 2);
	assert_int_equal(progress.rotated_bytes, 11);
	assert_string_equal(fixture_file(&fixture, progress.rotated_name),
	    "0123456789\n");
	/* A line without end is cut when it is a quarter too long. */
	stage(writer, STREAM_STDOUT, "longer than that");
	wait_until(writer, has_output, 31);
	stage(writer, STREAM_STDOUT, "!");
	assert_int_equal(wait_until(writer, has_output, 32).rotations, 2);
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture),
	    "0123456789\nnextlonger than that!");
}

static void
rotates_when_asked(void **state)
{
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	writer_rotate(writer); /* nothing to set aside: said, not done */
	progress = wait_until(writer, has_rotated, 1);
	assert_string_equal(progress.rotated_name, "");
	assert_int_equal(progress.sequence, 1);
	stage(writer, STREAM_STDOUT, "torn");
	wait_until(writer, has_output, 4);
	writer_rotate(writer);
	progress = wait_until(writer, has_rotated, 2);
	assert_string_equal(fixture_file(&fixture, progress.rotated_name),
	    "torn");
	assert_int_equal(progress.log_begin, 4);
	writer_free(writer, 5000);
}

/* The next segment that the writer offers, waited for. */
static struct segment
take_segment(struct writer *writer)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	struct segment segment;

	while (writer_take_segment(writer, &segment) == 0)
		if (clock_mono_us() > end)
			fail_msg("no segment is offered");
	return segment;
}

static void
offers_segments_in_order(void **state)
{
	struct writer *writer = open_writer(0, 0);
	struct segment segment;
	const unsigned count = 150; /* more than are open at a time */

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	for (unsigned i = 1; i < count; i++) {
		stage(writer, STREAM_STDOUT, "x\n");
		wait_until(writer, has_output, 2 * i);
		writer_rotate(writer);
		wait_until(writer, has_rotated, i);
	}
	writer_want_segments(writer, 7);
	for (unsigned i = 3; i < count; i++) {
		segment = take_segment(writer);
		assert_int_equal(segment.base, 2 * i);
		segment_release(&segment);
	}
	wait_until(writer, is_idle, 0);
	assert_int_equal(writer_take_segment(writer, &segment), 0);
	/* Those opened from now on are offered, too. */
	stage(writer, STREAM_STDOUT, "y\n");
	wait_until(writer, has_output, 2 * count);
	writer_rotate(writer);
	segment = take_segment(writer);
	assert_int_equal(segment.base, 2 * count);
	segment_release(&segment);
	writer_free(writer, 5000);
}

/* The one who asks may do so at any moment of the listing. */
static void
no_asking_is_forgotten(void **state)
{
	struct writer *writer = open_writer(0, 0);

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	for (int i = 0; i < 3000; i++) {
		struct segment segment;

		writer_want_segments(writer, 0);
		segment = take_segment(writer);
		assert_int_equal(segment.base, 0);
		segment_release(&segment);
	}
	writer_free(writer, 5000);
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

/* --- errors ------------------------------------------------------------- */

/* No file may grow beyond this many bytes, as if the disk were full. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
goes_on_after_a_full_disk(void **state)
{
	static char block[4096];
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	memset(block, 'b', sizeof(block) - 1);
	block[sizeof(block) - 2] = '\n';
	limit_files(6000);
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, block);
	wait_until(writer, has_output, 4095);
	stage(writer, STREAM_STDERR, block);
	progress = wait_until(writer, has_failed, EFBIG);
	assert_string_equal(progress.error_what, "output.log");
	assert_true(progress.busy);
	/* What the disk still takes is written none the less. */
	assert_int_equal(writer_event(writer, "{1}\n", 4, true), 0);
	while (progress.events_end != 4)
		writer_progress(writer, &progress);
	limit_files(RLIM_INFINITY);
	progress = wait_until(writer, is_idle, 0);
	assert_int_equal(progress.error, 0);
	assert_int_equal(progress.log_end, 2 * 4095);
	writer_free(writer, 5000);
	assert_int_equal(strlen(fixture_output(&fixture)), 2 * 4095);
}

/* A status file that could not be written is the newest one at last. */
static void
newest_file_wins_after_an_error(void **state)
{
	static const char block[] = "status.json.tmp";
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	assert_int_equal(mkdirat(fixture.dir, block, 0700), 0);
	assert_int_equal(writer_start(writer), 0);
	writer_replace(writer, WRITER_STATUS, "{old}", 5, true);
	progress = wait_until(writer, has_failed, EISDIR);
	assert_string_equal(progress.error_what, "status.json");
	writer_replace(writer, WRITER_STATUS, "{new}", 5, false);
	assert_int_equal(unlinkat(fixture.dir, block, AT_REMOVEDIR), 0);
	wait_until(writer, is_idle, 0);
	writer_free(writer, 5000);
	assert_string_equal(fixture_file(&fixture, "status.json"), "{new}");
}

static void
events_are_whole_after_an_error(void **state)
{
	struct writer *writer = open_writer(0, 0);
	char line[64];

	(void)state;
	limit_files(1000);
	assert_int_equal(writer_start(writer), 0);
	for (int i = 0; i < 100; i++) {
		int n = snprintf(line, sizeof(line), "{\"seq\":%06d}\n", i);

		assert_int_equal(writer_event(writer, line, (size_t)n, true),
		    0);
	}
	wait_until(writer, has_failed, EFBIG);
	limit_files(RLIM_INFINITY);
	wait_until(writer, is_idle, 0);
	writer_free(writer, 5000);
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "{\"seq\":%06d}\n", i);
		assert_memory_equal(fixture_file(&fixture, EVENTS_FILE) +
			15 * i,
		    line, 15);
	}
	assert_int_equal(strlen(fixture_file(&fixture, EVENTS_FILE)), 1500);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(writes_what_was_queued_before),
		TEST(wakes_the_loop),
		TEST(events_run_through_the_ring),
		TEST(torn_events_are_cut_off),
		TEST(cursor_is_never_ahead_of_its_events),
		TEST(queues_are_bounded),
		TEST(owes_what_a_predecessor_promised),
		TEST(forgives_what_is_gone),
		TEST(rotates_at_a_line_end),
		TEST(rotates_when_asked),
		TEST(offers_segments_in_order),
		TEST(no_asking_is_forgotten),
		TEST(no_action_is_forgotten),
		TEST(goes_on_after_a_full_disk),
		TEST(newest_file_wins_after_an_error),
		TEST(events_are_whole_after_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
