/*
 * test_novelty.c - what is new is told of: after a while, once, and not too
 * much of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "novelty.h"

static struct novelty *novelty;

static int
start(void **state)
{
	(void)state;
	novelty = novelty_new();
	assert_non_null(novelty);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	novelty_free(novelty);
	return 0;
}

static void
know(unsigned lines)
{
	for (unsigned i = 0; i < lines; i++)
		novelty_known(novelty);
}

static void
the_beginning_is_learnt(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < NOVELTY_QUIET; i++)
		assert_false(novelty_line(novelty, i % 7));
	assert_false(novelty_line(novelty, 3));
	assert_true(novelty_line(novelty, 7));
	assert_false(novelty_line(novelty, 7));
}

static void
known_lines_count_for_the_beginning(void **state)
{
	(void)state;
	know(NOVELTY_QUIET - 1);
	assert_false(novelty_line(novelty, 1));
	assert_true(novelty_line(novelty, 2));
}

static unsigned
flood(unsigned lines, uint64_t from)
{
	unsigned told = 0;

	for (unsigned i = 0; i < lines; i++)
		told += novelty_line(novelty, from + i);
	return told;
}

static void
a_flood_is_told_in_part(void **state)
{
	(void)state;
	know(NOVELTY_QUIET);
	assert_int_equal(flood(NOVELTY_EACH - 1, 1000), NOVELTY_BURST);
	assert_int_equal(flood(10 * NOVELTY_EACH, 5000), 10);
	know(100 * NOVELTY_EACH); /* and then it may speak again */
	assert_int_equal(flood(50, 9000), NOVELTY_BURST);
}

static void
too_many_shapes_end_it(void **state)
{
	(void)state;
	know(NOVELTY_QUIET);
	flood(NOVELTY_MAX, 100000);
	know(100 * NOVELTY_EACH);
	assert_int_equal(flood(NOVELTY_MAX, 900000), 0);
	assert_int_equal(flood(NOVELTY_MAX, 100000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_beginning_is_learnt, start,
		    stop),
		cmocka_unit_test_setup_teardown(
		    known_lines_count_for_the_beginning, start, stop),
		cmocka_unit_test_setup_teardown(a_flood_is_told_in_part, start,
		    stop),
		cmocka_unit_test_setup_teardown(too_many_shapes_end_it, start,
		    stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
