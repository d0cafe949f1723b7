/*
 * test_mask.c - which lines are the same but for their accidents.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mask.h"

struct pair {
	const char *a;
	const char *b;
};

static uint64_t
of(const char *text)
{
	return mask_hash(&(struct text){ text, strlen(text) });
}

static const struct pair same[] = {
	{ "step 17 failed", "step 4821 failed" },
	{ "loss 0.731", "loss 12.5" },
	{ "rate 1e-05 now", "rate 3.25e-4 now" },
	{ "2031-01-02 03:04:05,678 ERROR x",
	    "2031-11-12 00:00:05,001 ERROR x" },
	{ "2031-01-02T03:04:05Z x", "2032-11-12T13:14:15Z x" },
	{ "at 0x7f3a10 crashed", "at 0xdeadbeef00 crashed" },
	{ "commit 3f9a2b7c is bad", "commit 00aa11bb22cc is bad" },
	{ "run 1b4e28ba-2fa1-11d2-883f-0016d3cca427 died",
	    "run aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee died" },
	{ "cannot open /tmp/a/b.txt", "cannot open /var/lib/other" },
	{ "cannot open ~/a/b.txt", "cannot open ./c" },
	{ "[rank0]: boom", "[rank15]: boom" },
	{ "node 10.0.0.1:8080 lost", "node 192.168.7.22:443 lost" },
	{ "two  words", "two words" },
	{ "tab\there", "tab here" },
	{ "end   ", "end" },
	{ "took 250ms", "took 3s" },
	{ "took 1m3s, fine", "took 1h30m, fine" },
	{ "rate 12.5 it/s", "rate 4 it/s" },
};

static const struct pair different[] = {
	{ "errors: 0", "errors: 3" },
	{ "took 0.00 s", "took 0.01 s" },
	{ "loss nan", "loss 1" },
	{ "open failed", "read failed" },
	{ "step N failed", "step 1 failed" },
	{ "deadline over", "12345678 over" },
	{ "and/or", "and or" },
	{ "", "x" },
	{ "drift -0.5", "drift 0.5" },
	{ "loss inf", "loss nan" },
	{ "loss -inf", "loss inf" },
	{ "waited 0s", "waited 3s" },
	{ "waited 0ms", "waited 0" },
	{ "VM Started", "VM Paused" },
	{ "took 3m12x", "took 3m12s" },
	{ "used 4m", "used 4M" },
	{ "4 sec", "4 seconds" },
};

struct shown {
	const char *line;
	const char *masked;
};

static const struct shown shown[] = {
	{ "step 17 took 250ms, 0 errors", "step <N> took <TIME>, 0 errors" },
	{ "open /a/b at 0x1f in 1b4e28ba-2fa1-11d2-883f-0016d3cca427",
	    "open <PATH> at <HEX> in <UUID>" },
	{ "waited 0.0s for 10.0.0.1:80  ", "waited 0s for <N>" },
	{ "two  words", "two  words" },
	{ "", "" },
};

static void
other_accidents_are_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (of(same[i].a) != of(same[i].b))
			fail_msg("\"%s\" is not \"%s\"", same[i].a, same[i].b);
}

static void
other_events_differ(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++)
		if (of(different[i].a) == of(different[i].b))
			fail_msg("\"%s\" is \"%s\"", different[i].a,
			    different[i].b);
}

static void
a_person_sees_the_masks(void **state)
{
	char room[128];

	(void)state;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct text text = { shown[i].line, strlen(shown[i].line) };
		size_t n = mask_show(&text, room, sizeof(room));

		assert_int_equal(n, strlen(shown[i].masked));
		assert_memory_equal(room, shown[i].masked, n);
	}
}

/* No mask and no character is cut in two. */
static void
what_has_no_room_is_left_out(void **state)
{
	static const char line[] = "ab \xe2\x82\xac 17";
	struct text text = { line, sizeof(line) - 1 };
	char room[16];

	(void)state;
	assert_int_equal(mask_show(&text, room, 0), 0);
	assert_int_equal(mask_show(&text, room, 3), 3);
	assert_int_equal(mask_show(&text, room, 4), 3);
	assert_int_equal(mask_show(&text, room, 5), 3);
	assert_int_equal(mask_show(&text, room, 6), 6);
	assert_int_equal(mask_show(&text, room, 9), 7);
	assert_int_equal(mask_show(&text, room, 10), 10);
	assert_memory_equal(room, "ab \xe2\x82\xac <N>", 10);
}

/* Events on disk are compared across versions: the number must not move. */
static void
plain_words_are_fnv_1a(void **state)
{
	(void)state;
	assert_int_equal(of(""), 0xcbf29ce484222325ULL);
	assert_int_equal(of("z"), 0xaf63f74c86021a6dULL);
}

static void
any_bytes_are_safe(void **state)
{
	char text[64], room[80];
	uint32_t random = 7;

	(void)state;
	for (int turn = 0; turn < 20000; turn++) {
		size_t n = (size_t)turn % sizeof(text);

		for (size_t i = 0; i < n; i++) {
			random = random * 1664525 + 1013904223;
			text[i] = "0123xX-./~abefz\xff \t:e+"[random >> 24 &
			    15];
		}
		(void)mask_hash(&(struct text){ text, n });
		assert_true(mask_show(&(struct text){ text, n }, room,
				sizeof(room)) <= sizeof(room));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_accidents_are_the_same),
		cmocka_unit_test(other_events_differ),
		cmocka_unit_test(plain_words_are_fnv_1a),
		cmocka_unit_test(a_person_sees_the_masks),
		cmocka_unit_test(what_has_no_room_is_left_out),
		cmocka_unit_test(any_bytes_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
