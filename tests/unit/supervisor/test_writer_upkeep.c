/*
 * test_writer_upkeep.c - what is done with closed segments: a task that failed
 * leaves nothing behind, and is done again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scribe.h"

#define FRESH "compressing"

static const struct writer_rules packing = { .suffix = ".gz",
	.max_retention_us = -1,
	.disk_free = -1 };

static struct writer_task
take_task(struct writer *writer)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	struct writer_task task;

	while (writer_take_task(writer, &task) == 0)
		if (clock_mono_us() > end)
			fail_msg("no task is offered");
	assert_int_equal(task.kind, TASK_COMPRESS);
	for (int i = 0; i < TASK_FDS; i++)
		close(task.fds[i]);
	return task;
}

static bool
is_there(const char *name)
{
	return faccessat(fixture.dir, name, F_OK, 0) == 0;
}

static struct writer *
open_with_one_closed(void)
{
	struct writer *writer = open_writer(0, 0);

	writer_obey(writer, &packing);
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, "one\n");
	wait_until(writer, has_output, 4);
	writer_rotate(writer, TRIGGER_REQUEST);
	return writer;
}

/* A full disk keeps no half of a compressed segment. */
static void
a_failed_task_leaves_nothing(void **state)
{
	struct writer *writer = open_with_one_closed();

	(void)state;
	take_task(writer);
	assert_true(is_there(FRESH));
	assert_true(is_there(FRESH ".idx"));
	writer_end_task(writer, false);
	wait_until(writer, is_idle, 0);
	assert_false(is_there(FRESH));
	assert_false(is_there(FRESH ".idx"));
	assert_false(writer_has_task(writer)); /* until it is asked for */
	writer_want_upkeep(writer);
	take_task(writer);
	writer_end_task(writer, false);
	writer_free(writer, 5000);
}

static void
neither_does_one_that_nobody_took(void **state)
{
	struct writer *writer = open_with_one_closed();

	(void)state;
	wait_until(writer, has_rotated, 1);
	wait_until(writer, is_idle, 0);
	assert_true(writer_has_task(writer));
	assert_true(is_there(FRESH));
	writer_free(writer, 5000);
	assert_false(is_there(FRESH));
	assert_false(is_there(FRESH ".idx"));
}

/* Nor one that a killed predecessor was at. */
static void
a_predecessors_goes(void **state)
{
	struct writer *writer;

	(void)state;
	assert_int_equal(io_replace(fixture.dir, FRESH, "x", 1, false), 0);
	writer = open_writer(0, 0);
	assert_false(is_there(FRESH));
	assert_int_equal(writer_start(writer), 0);
	writer_free(writer, 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_failed_task_leaves_nothing),
		FIXTURE_TEST(neither_does_one_that_nobody_took),
		FIXTURE_TEST(a_predecessors_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
