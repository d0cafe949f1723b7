/*
 * test_clean.c - what a terminal would have shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clean.h"
#include "utf8.h"

#define BAD "\xef\xbf\xbd"

static char room[LINE_KEPT_MAX];

struct pair {
	const char *raw;
	const char *clean;
};

static void
check(const char *raw, size_t n, const char *clean)
{
	struct text text;

	clean_line(raw, n, room, &text);
	assert_int_equal(text.length, strlen(clean));
	assert_memory_equal(text.bytes, clean, text.length);
}

static void
check_all(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(pairs[i].raw, strlen(pairs[i].raw), pairs[i].clean);
}

#define CHECK_ALL(pairs) check_all(pairs, sizeof(pairs) / sizeof((pairs)[0]))

static void
plain_text_is_borrowed(void **state)
{
	static const char *const plain[] = { "", "x", "12345678",
		"a line of some length, ~ included" };

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		struct text text;

		clean_line(plain[i], strlen(plain[i]), room, &text);
		assert_ptr_equal(text.bytes, plain[i]);
		assert_int_equal(text.length, strlen(plain[i]));
	}
}

static void
escapes_go(void **state)
{
	static const struct pair pairs[] = {
		{ "\x1b[31mERROR\x1b[0m: no", "ERROR: no" },
		{ "\x1b[1;38;5;160mred", "red" },
		{ "\x1b]0;title\x07text", "text" },
		{ "\x1b]8;;http://x\x1b\\link", "link" },
		{ "\x1b(Bplain", "plain" },
		{ "\x1b=keys", "keys" },
		{ "\x1bPdevice\x1b\\rest", "rest" },
		{ "end\x1b", "end" },
		{ "end\x1b[", "end" },
		{ "end\x1b[12", "end" },
	};

	(void)state;
	CHECK_ALL(pairs);
}

/* An introducer without an end must not hide what follows it. */
static void
unended_string_hides_nothing(void **state)
{
	static const struct pair pairs[] = {
		{ "\x1b]0;CUDA out of memory", "0;CUDA out of memory" },
		{ "\x1b_x\x1b[31mred", "xred" },
	};

	(void)state;
	CHECK_ALL(pairs);
}

static void
carriage_returns_start_again(void **state)
{
	static const struct pair pairs[] = {
		{ "text\r", "text" },
		{ "text\r\r", "text" },
		{ "10%\r20%\r30%", "30%" },
		{ "10%\r20%\r", "20%" },
		{ "\r\x1b[Kdone", "done" },
		{ "\r", "" },
		{ "12\b\b34%", "34%" },
		{ "|\b/\b-\b\\\b done", " done" },
		{ "\b\ba\xc3\xa9\b", "a" },
	};

	(void)state;
	CHECK_ALL(pairs);
}

static void
controls_become_spaces(void **state)
{
	static const struct pair pairs[] = {
		{ "a\x01"
		  "b\x7f"
		  "c",
		    "a b c" },
		{ "a\tb", "a\tb" },
		{ "a\xc2\x9b"
		  "31mb",
		    "a 31mb" },
	};

	(void)state;
	CHECK_ALL(pairs);
	check("a\0b", 3, "a b");
}

static void
broken_bytes_are_marked(void **state)
{
	static const struct pair pairs[] = {
		{ "gr\xc3\xbc\xc3\x9f"
		  "e",
		    "gr\xc3\xbc\xc3\x9f"
		    "e" },
		{ "\xff"
		  "x",
		    BAD "x" },
		{ "x\xc3", "x" BAD },
		{ "\xe2\x82", BAD BAD },
		{ "\xed\xa0\x80", BAD BAD BAD },
	};

	(void)state;
	CHECK_ALL(pairs);
}

static void
any_bytes_give_bounded_valid_text(void **state)
{
	static char raw[LINE_KEPT_MAX];
	uint32_t random = 1;

	(void)state;
	for (int turn = 0; turn < 200; turn++) {
		size_t n = turn == 0 ? sizeof(raw) : (size_t)(random % 300);
		struct text text;

		for (size_t i = 0; i < n; i++) {
			random = random * 1664525 + 1013904223;
			raw[i] = turn == 0 ? (char)0xff : (char)(random >> 24);
		}
		clean_line(raw, n, room, &text);
		assert_true(text.length <= LINE_KEPT_MAX);
		for (size_t i = 0; i < text.length;) {
			const unsigned char *p = (const unsigned char *)
						     text.bytes +
			    i;
			size_t length = utf8_sequence(p, text.length - i);

			assert_true(length > 0);
			assert_true(*p >= ' ' || *p == '\t');
			i += length;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_is_borrowed),
		cmocka_unit_test(escapes_go),
		cmocka_unit_test(unended_string_hides_nothing),
		cmocka_unit_test(carriage_returns_start_again),
		cmocka_unit_test(controls_become_spaces),
		cmocka_unit_test(broken_bytes_are_marked),
		cmocka_unit_test(any_bytes_give_bounded_valid_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
