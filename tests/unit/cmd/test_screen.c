/*
 * test_screen.c - what of a job's bytes reaches a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "screen.h"

static struct screen screen;
static char *shown;
static size_t shown_size;

static int
setup(void **state)
{
	(void)state;
	screen = (struct screen){ .colour = true };
	screen.out = open_memstream(&shown, &shown_size);
	return screen.out == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	fclose(screen.out);
	free(shown);
	return 0;
}

/* What the line looks like; good until the next call. */
static const char *
show(const struct screen_text *text)
{
	fflush(screen.out);
	rewind(screen.out);
	screen_print(&screen, text);
	fputc('\0', screen.out);
	fflush(screen.out);
	return shown;
}

static const char *
line(enum stream stream, const char *bytes)
{
	const struct screen_text text = { stream, bytes, strlen(bytes), NULL,
		0 };

	return show(&text);
}

static void
test_colours_stay(void **state)
{
	(void)state;
	assert_string_equal(line(STREAM_STDOUT, "a\033[31mred\033[0m b"),
	    "a\033[31mred\033[0m b\033[0m");
	assert_string_equal(line(STREAM_STDOUT, "\033[38:2::1:2:3mx\033[m"),
	    "\033[38:2::1:2:3mx\033[m\033[0m");
	screen.colour = false;
	assert_string_equal(line(STREAM_STDOUT, "a\033[31mred\033[0m b"),
	    "ared b");
}

static void
test_all_else_is_escaped(void **state)
{
	static const char *const cases[][2] = {
		{ "\033[2J", "\\x1b[2J" },
		{ "\033]0;title\a", "\\x1b]0;title\\x07" },
		{ "\033P+q\033\\", "\\x1bP+q\\x1b\\" },
		{ "\033[?4m", "\\x1b[?4m" }, /* not a colour: xterm's */
		{ "\033[>4;2m", "\\x1b[>4;2m" },
		{ "\033[1 m", "\\x1b[1 m" },
		{ "\033[31", "\\x1b[31" },
		{ "\033", "\\x1b" },
		{ "\xc2\x9b"
		  "31m",
		    "\\x9b31m" },
		{ "\x9b"
		  "31m",
		    "\xef\xbf\xbd"
		    "31m" },
		{ "a\tb\bc\rd\x7f", "a\tb\\x08c\\x0dd\\x7f" },
		{ "\033[K\033[2Kx\033[1K", "x" }, /* erasing: a bar's */
		{ "\033[3K\033[2;1Kx", "x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(line(STREAM_STDOUT, cases[i][0]),
		    cases[i][1]);
}

/* A sequence of a length that no colour has is shown for what it is. */
static void
test_endless_sequence(void **state)
{
	char bytes[ANSI_MAX + 3] = "\033[";

	(void)state;
	memset(bytes + 2, '1', ANSI_MAX - 3);
	bytes[ANSI_MAX - 1] = 'm';
	bytes[ANSI_MAX] = '\0';
	assert_memory_equal(line(STREAM_STDOUT, bytes), bytes, ANSI_MAX);
	memset(&screen.states, 0, sizeof(screen.states));
	bytes[ANSI_MAX - 1] = '1';
	bytes[ANSI_MAX] = 'm';
	assert_memory_equal(line(STREAM_STDOUT, bytes), "\\x1b[11", 7);
}

/* Each stream's colour goes on in its own next line. */
static void
test_colours_go_on(void **state)
{
	static const char *const off[] = { "\033[m", "\033[0m", "\033[1;0m",
		"\033[38;5;1;0m", "\033[0;m", "\033[1;;m" };

	(void)state;
	line(STREAM_STDERR, "\033[31mred");
	assert_string_equal(line(STREAM_STDOUT, "plain"), "plain");
	assert_string_equal(line(STREAM_STDERR, "too"), "\033[31mtoo\033[0m");
	line(STREAM_STDERR, "\033[0;4mlines");
	assert_string_equal(line(STREAM_STDERR, "x"), "\033[0;4mx\033[0m");
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		line(STREAM_STDERR, "\033[7m");
		line(STREAM_STDERR, off[i]);
		assert_string_equal(line(STREAM_STDERR, "x"), "x");
	}
	/* Colour number 0 turns nothing off. */
	line(STREAM_STDERR, "\033[1m\033[38;5;0m\033[48;2;0;0;0m");
	assert_string_equal(line(STREAM_STDERR, "x"),
	    "\033[1m\033[38;5;0m\033[48;2;0;0;0mx\033[0m");
}

static void
test_colours_held_are_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		line(STREAM_STDOUT, "\033[38;2;100;100;100m");
	assert_true(strlen(line(STREAM_STDOUT, "x")) < ANSI_HELD_MAX + 8);
}

static void
test_marks(void **state)
{
	const struct pattern_span marks[] = { { 0, 2 }, { 2, 3 }, { 5, 6 } };
	const char bytes[] = "a\033[32mb\033[4mcdef";
	const struct screen_text text = { STREAM_STDOUT, bytes,
		sizeof(bytes) - 1, marks, 3 };
	const struct pattern_span last = { 1, 2 };
	const struct screen_text plain = { STREAM_STDERR, "ab", 2, &last, 1 };

	(void)state;
	assert_string_equal(show(&text),
	    "\033[1;31mab"
	    "\033[0m\033[32m\033[4m\033[1;31mc"
	    "\033[0m\033[32m\033[4mde"
	    "\033[1;31mf\033[0m");
	assert_string_equal(show(&plain), "a\033[1;31mb\033[0m");
	screen.colour = false;
	assert_string_equal(show(&text), "abcdef");
}

/* --- hostile bytes ------------------------------------------------------ */

/* A colour sequence, judged by another hand than the code's: its length. */
static size_t
colour_at(const char *p)
{
	size_t n = 2 +
	    strspn(p[0] == 0x1b && p[1] == '[' ? p + 2 : "", "0123456789:;");

	return p[0] == 0x1b && p[1] == '[' && p[n] == 'm' ? n + 1 : 0;
}

/* The output without colours; fails on any byte that drives a terminal. */
static size_t
visible(const char *p, char *out)
{
	size_t length = 0;

	while (*p != '\0') {
		unsigned char c = (unsigned char)*p;
		size_t colour = colour_at(p);

		if (colour > 0) {
			p += colour;
			continue;
		}
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			fail_msg("control byte %02x", c);
		if (c == 0xc2 && (unsigned char)p[1] < 0xa0)
			fail_msg("C1 control %02x", (unsigned char)p[1]);
		out[length++] = *p++;
	}
	out[length] = '\0';
	return length;
}

static size_t
random_bytes(char *out, size_t max)
{
	static const char *const parts[] = { "\033", "\033[", "\033[1", "m",
		";", "K", "\033[31m", "\033[0m", "\033[K", "\033]0;", "\a",
		"\xc2", "\x9b", "\xe2\x82", "\xff", "a", "bc", "\r", "\t",
		"\033[38;5;", "0", "\x7f", "\033[?25l", "\033[2J" };
	size_t length = 0;

	while (length + 8 < max && random() % 40 != 0) {
		const char *part = parts[(size_t)random() %
		    (sizeof(parts) / sizeof(parts[0]))];

		length += (size_t)snprintf(out + length, 8, "%s", part);
	}
	return length;
}

/* The same as ansi_strip, a byte at a time. */
static size_t
strip_slowly(const char *p, size_t n, char *out)
{
	size_t length = 0;

	for (size_t i = 0; i < n;) {
		size_t used = colour_at(p + i);

		if (used == 0 && p[i] == 0x1b && p[i + 1] == '[') {
			used = 2 + strspn(p + i + 2, "0123456789:;");
			used = p[i + used] == 'K' ? used + 1 : 0;
		}
		if (used == 0)
			out[length++] = p[i];
		i += used == 0 ? 1 : used;
	}
	return length;
}

/* Whatever comes, the terminal sees text and colours; and without colours,
 * or with marks, it is the same text. */
static void
test_random(void **state)
{
	char bytes[256], text[2048], other[2048], stripped[256], slowly[256];

	(void)state;
	srandom(11);
	for (int i = 0; i < 20000; i++) {
		size_t n = random_bytes(bytes, sizeof(bytes));
		size_t length = ansi_strip(bytes, n, stripped);
		struct pattern_span mark = { 0, length };
		struct screen_text line = { (enum stream)(i % 2), bytes, n,
			&mark, length > 0 };

		bytes[n] = '\0';
		assert_int_equal(strip_slowly(bytes, n, slowly), length);
		assert_memory_equal(stripped, slowly, length);
		screen.colour = i % 3 != 0;
		visible(show(&line), text);
		line.mark_count = 0;
		visible(show(&line), other);
		assert_string_equal(text, other);
		screen.colour = false;
		visible(show(&line), other);
		assert_string_equal(text, other);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_colours_stay),
		TEST(test_all_else_is_escaped),
		TEST(test_endless_sequence),
		TEST(test_colours_go_on),
		TEST(test_colours_held_are_bounded),
		TEST(test_marks),
		TEST(test_random),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
