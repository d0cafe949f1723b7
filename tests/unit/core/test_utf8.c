/*
 * test_utf8.c - valid sequences, and text that means to drive a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

static size_t
sequence(const char *text)
{
	return utf8_sequence((const unsigned char *)text, strlen(text));
}

static void
test_valid(void **state)
{
	(void)state;
	assert_int_equal(sequence("a"), 1);
	assert_int_equal(sequence("\x7f"), 1);
	assert_int_equal(sequence("\xc2\x80"), 2);
	assert_int_equal(sequence("\xdf\xbf"), 2);
	assert_int_equal(sequence("\xe0\xa0\x80"), 3);
	assert_int_equal(sequence("\xed\x9f\xbf"), 3);
	assert_int_equal(sequence("\xee\x80\x80"), 3);
	assert_int_equal(sequence("\xef\xbf\xbf"), 3);
	assert_int_equal(sequence("\xf0\x90\x80\x80"), 4);
	assert_int_equal(sequence("\xf4\x8f\xbf\xbf"), 4);
	assert_int_equal(utf8_sequence((const unsigned char *)"", 1), 1);
	assert_int_equal(utf8_sequence((const unsigned char *)"a", 0), 0);
}

static void
test_broken(void **state)
{
	static const char *const broken[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xc2g", "\xe0\x80\x80", "\xe0\x9f\xbf",
		"\xe2\x82", "\xe2\x82g", "\xed\xa0\x80",
		"\xed\xbf\xbf", /* surrogates */
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		if (sequence(broken[i]) != 0)
			fail_msg("taken: %zu", i);
}

/* Against the definition: what a code point's own encoding is. */
static void
test_all_code_points(void **state)
{
	(void)state;
	for (uint32_t c = 0x80; c <= 0x10ffff; c++) {
		unsigned char p[4];
		size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		size_t want = c >= 0xd800 && c <= 0xdfff ? 0 : n;

		for (size_t i = n - 1, v = c; i > 0; i--, v >>= 6)
			p[i] = (unsigned char)(0x80 | (v & 0x3f));
		p[0] = n == 2 ? (unsigned char)(0xc0 | (c >> 6))
		    : n == 3  ? (unsigned char)(0xe0 | (c >> 12))
			      : (unsigned char)(0xf0 | (c >> 18));
		if (utf8_sequence(p, n) != want)
			fail_msg("U+%04X", c);
		if (utf8_sequence(p, n - 1) != 0)
			fail_msg("U+%04X cut", c);
	}
}

static void
test_cut(void **state)
{
	/* One, two, three and four bytes. */
	const char *text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10 };

	(void)state;
	for (size_t max = 0; max < sizeof(want) / sizeof(want[0]); max++)
		assert_int_equal(utf8_cut(text, 10, max), want[max]);
	assert_int_equal(utf8_cut("", 0, 0), 0);
	assert_true(utf8_cut("\x80\x80\x80\x80\x80\x80", 6, 5) <= 5);
}

static char *
printed(const char *text, size_t n)
{
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	utf8_print(file, text, n);
	fclose(file);
	return out;
}

static void
check_print(const char *text, size_t n, const char *want)
{
	char *out = printed(text, n);

	assert_string_equal(out, want);
	free(out);
}

static void
test_print(void **state)
{
	(void)state;
	check_print("plain \xe2\x82\xac\ttab", 13, "plain \xe2\x82\xac\ttab");
	check_print("\033[2J", 4, "\\x1b[2J");
	check_print("a\0b\r\n", 5, "a\\x00b\\x0d\\x0a");
	check_print("\x7f", 1, "\\x7f");
	check_print("\xc2\x9b\x32J", 4, "\\x9b2J"); /* C1 CSI */
	check_print("\x9b", 1, "\xef\xbf\xbd");
	check_print("\xff\xe2\x82", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	check_print("", 0, "");
}

/* No string of two bytes gets a control byte through. */
static void
test_print_is_always_clean(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		char text[2] = { (char)(i >> 8), (char)i };
		char *out = printed(text, 2);
		size_t n = strlen(out), step;

		for (size_t at = 0; at < n; at += step) {
			const unsigned char *p = (const unsigned char *)out +
			    at;

			step = utf8_sequence(p, n - at);
			assert_int_not_equal(step, 0);
			assert_true(*p >= 0x20 || *p == '\t');
			assert_true(*p != 0x7f);
			assert_false(p[0] == 0xc2 && p[1] < 0xa0);
		}
		free(out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_all_code_points),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_is_always_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
