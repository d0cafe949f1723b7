/*
 * test_keyboard.c - the two keys that are not the job's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keyboard.h"

static void
every_cell(void **state)
{
	static const enum keyboard_held expected[HELD_STATES][KEY_KINDS] = {
		{ HELD_FIRST, HELD_NONE, HELD_NONE },
		{ HELD_FIRST, HELD_DETACH, HELD_NONE },
		{ HELD_DETACH, HELD_DETACH, HELD_DETACH },
	};

	(void)state;
	for (int held = 0; held < HELD_STATES; held++)
		for (int key = 0; key < KEY_KINDS; key++)
			assert_int_equal(keyboard_next[held][key],
			    expected[held][key]);
}

/* What is passed on of two pieces, typed one after the other. */
static void
what_is_passed_on(void **state)
{
	static const struct {
		const char *first, *second, *passed;
		enum keyboard_held held;
	} rows[] = {
		{ "", "", "", HELD_NONE },
		{ "abc", "\x03\x04", "abc\x03\x04", HELD_NONE },
		{ "a\x11", "b",
		    "a\x11"
		    "b",
		    HELD_NONE },
		{ "a\x10", "", "a", HELD_FIRST },
		{ "a\x10", "b",
		    "a\x10"
		    "b",
		    HELD_NONE },
		{ "\x10\x10", "\x10", "\x10\x10", HELD_FIRST },
		{ "\x10\x10", "x", "\x10\x10x", HELD_NONE },
		{ "ab\x10\x11"
		  "cd",
		    "ef", "ab", HELD_DETACH },
		{ "ab\x10",
		    "\x11"
		    "ef",
		    "ab", HELD_DETACH },
		{ "\x10\x10\x11", "ef", "\x10", HELD_DETACH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum keyboard_held held = HELD_NONE;
		char out[64];
		size_t n = keyboard_filter(&held, rows[i].first,
		    strlen(rows[i].first), out);

		assert_true(n <= strlen(rows[i].first) + 1);
		n += keyboard_filter(&held, rows[i].second,
		    strlen(rows[i].second), out + n);
		assert_int_equal(held, rows[i].held);
		assert_int_equal(n, strlen(rows[i].passed));
		assert_memory_equal(out, rows[i].passed, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell),
		cmocka_unit_test(what_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
