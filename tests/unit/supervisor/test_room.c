/*
 * test_room.c - a loop whose output waits for room sleeps until there is some:
 * where the disk hangs, that may be long, and it must not look again and again.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "fixture.h"
#include "writer.h"

#define PATIENCE_MS 30000

static struct fixture fixture;
static struct writer *writer;

static int
setup(void **state)
{
	struct why why;

	(void)state;
	fixture_init(&fixture);
	writer = writer_new(fixture.dir, fixture.reads, 0, 0, &why);
	assert_non_null(writer);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	writer_free(writer, 20000);
	fixture_release(&fixture);
	return 0;
}

static bool
is_woken(int patience_ms)
{
	struct pollfd wake = { .fd = writer_wake_fd(writer), .events = POLLIN };

	return poll(&wake, 1, patience_ms) == 1;
}

static void
stage(const char *text)
{
	fixture_stage(&fixture, STREAM_STDOUT, text);
	assert_int_equal(writer_chunk(writer, STREAM_STDOUT,
			     (uint32_t)strlen(text), clock_real_us()),
	    0);
}

/* The thread stands for a disk that hangs: it is not started. However small
 * the pipe, and so what waits in it: asking for room is no reason to wake. */
static void
asking_wakes_nobody(void **state)
{
	(void)state;
	stage("a line\n");
	for (int i = 0; i < 100; i++) {
		writer_want_room(writer);
		assert_false(is_woken(0));
	}
	assert_int_equal(writer_start(writer), 0);
	assert_true(is_woken(PATIENCE_MS));
}

/* The last byte has moved between the full pipe and the question: nothing
 * else would tell. */
static void
what_has_moved_already_is_told(void **state)
{
	(void)state;
	assert_int_equal(writer_backlog(writer), 0);
	assert_false(is_woken(0));
	writer_want_room(writer);
	assert_true(is_woken(0));
	/* Once: it was said, and nobody has asked again. */
	writer_ack(writer);
	assert_false(is_woken(0));
	assert_int_equal(writer_start(writer), 0); /* to be ended */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asking_wakes_nobody, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(what_has_moved_already_is_told,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
