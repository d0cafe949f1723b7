/*
 * test_fingerprint.c - which lines are the same event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fingerprint.h"

struct pair {
	const char *a;
	const char *b;
};

static uint64_t
of(const char *text)
{
	return fingerprint(text, strlen(text));
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
	char text[64];
	uint32_t random = 7;

	(void)state;
	for (int turn = 0; turn < 20000; turn++) {
		size_t n = (size_t)turn % sizeof(text);

		for (size_t i = 0; i < n; i++) {
			random = random * 1664525 + 1013904223;
			text[i] = "0123xX-./~abefz\xff \t:e+"[random >> 24 &
			    15];
		}
		assert_int_equal(fingerprint(text, n), fingerprint(text, n));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_accidents_are_the_same),
		cmocka_unit_test(other_events_differ),
		cmocka_unit_test(plain_words_are_fnv_1a),
		cmocka_unit_test(any_bytes_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
