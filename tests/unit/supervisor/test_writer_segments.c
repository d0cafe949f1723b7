/*
 * test_writer_segments.c - the writer's segments: closed by size and on
 * demand, and offered to readers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scribe.h"

/* The next closed segment, waited for. */
static struct writer_closed
take_closed(struct writer *writer)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	struct writer_closed closed;

	while (writer_take_closed(writer, &closed) == 0)
		if (clock_mono_us() > end)
			fail_msg("no segment is closed");
	return closed;
}

static void
expect_closed(struct writer *writer, const char *text)
{
	struct writer_closed closed = take_closed(writer);

	assert_int_equal(closed.bytes, strlen(text));
	assert_int_equal(closed.trigger, TRIGGER_SIZE);
	assert_string_equal(fixture_file(&fixture, closed.name), text);
}

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
	expect_closed(writer, "0123456789\n");
	stage(writer, STREAM_STDOUT, "next");
	progress = wait_until(writer, has_output, 15);
	assert_int_equal(progress.log_begin, 11);
	assert_int_equal(progress.sequence, 2);
	/* A line without end is cut when it is a quarter too long. */
	stage(writer, STREAM_STDOUT, "longer than that");
	expect_closed(writer, "nextlonger t");
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture),
	    "0123456789\nnextlonger than that");
}

/* What comes at once is cut where its lines end. */
static void
cuts_within_a_chunk(void **state)
{
	struct writer *writer = open_writer(0, 10);

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, "one\ntwo\nthree\nfour\n");
	expect_closed(writer, "one\ntwo\n");
	stage(writer, STREAM_STDERR, "five six!\nlast");
	expect_closed(writer, "three\n");
	expect_closed(writer, "four\n");
	expect_closed(writer, "five six!\n");
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture),
	    "one\ntwo\nthree\nfour\nfive six!\nlast");
}

static void
rotates_when_asked(void **state)
{
	struct writer *writer = open_writer(0, 0);
	struct writer_closed closed;

	(void)state;
	assert_int_equal(writer_start(writer), 0);
	/* Nothing to set aside: said, not done. */
	writer_rotate(writer, TRIGGER_REQUEST);
	closed = take_closed(writer);
	assert_string_equal(closed.name, "");
	assert_int_equal(wait_until(writer, has_rotated, 1).sequence, 1);
	stage(writer, STREAM_STDOUT, "torn");
	wait_until(writer, has_output, 4);
	writer_rotate(writer, TRIGGER_REQUEST);
	closed = take_closed(writer);
	assert_int_equal(closed.trigger, TRIGGER_REQUEST);
	assert_string_equal(fixture_file(&fixture, closed.name), "torn");
	assert_int_equal(wait_until(writer, has_rotated, 2).log_begin, 4);
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
		writer_rotate(writer, TRIGGER_REQUEST);
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
	writer_rotate(writer, TRIGGER_REQUEST);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(rotates_at_a_line_end),
		FIXTURE_TEST(cuts_within_a_chunk),
		FIXTURE_TEST(rotates_when_asked),
		FIXTURE_TEST(offers_segments_in_order),
		FIXTURE_TEST(no_asking_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
