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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(rotates_at_a_line_end),
		FIXTURE_TEST(rotates_when_asked),
		FIXTURE_TEST(offers_segments_in_order),
		FIXTURE_TEST(no_asking_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
