/*
 * test_search.c - lines that match, where they do, and the text that lets
 * most of a log be passed over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "needle.h"
#include "search.h"

static struct search *
search_for(const char *expression, unsigned flags)
{
	struct why why;
	struct search *search = search_new(expression, flags, false, &why);

	if (search == NULL)
		fail_msg("%s: %s", expression, why.text);
	return search;
}

static enum pattern_answer
look(struct search *search, const char *text)
{
	const struct line line = { .text = text, .length = strlen(text) };

	return search_line(search, &line);
}

static void
test_lines_as_seen(void **state)
{
	struct search *search = search_for("red alert", 0);
	struct why why;

	(void)state;
	assert_int_equal(look(search, "\033[31mred\033[0m\033[K alert"),
	    PATTERN_YES);
	assert_int_equal(look(search, "red \033]0;alert"), PATTERN_NO);
	search_free(search);
	search = search_new("\\x1b\\[31m", 0, true, &why);
	assert_int_equal(look(search, "\033[31mred"), PATTERN_YES);
	search_free(search);
}

static void
test_marks(void **state)
{
	struct search *search = search_for("o+|x*", 0);
	const struct line line = { .text = "f\033[1moo\033[mb\xff"
					   "ox",
		.length = 14 };
	struct pattern_span marks[8];

	(void)state;
	assert_int_equal(search_marks(search, &line, marks, 8), 3);
	assert_int_equal(marks[0].start, 1);
	assert_int_equal(marks[0].end, 3);
	assert_int_equal(marks[1].start, 5);
	assert_int_equal(marks[2].end, 7);
	assert_int_equal(search_marks(search, &line, marks, 2), 2);
	search_free(search);
}

/* Patterns that would run for hours are given up, whichever way they do. */
static void
test_costly(void **state)
{
	static const char *const costly[] = { "(a+)+$", "(?:\\w|\\d)+\\s" };
	char *text = malloc(LINES_MAX + 1);
	int64_t began = clock_mono_us();

	(void)state;
	memset(text, 'a', LINES_MAX);
	text[LINES_MAX] = '\0';
	for (size_t i = 0; i < sizeof(costly) / sizeof(costly[0]); i++) {
		struct search *search = search_for(costly[i], 0);

		text[LINES_MAX - 1] = '!';
		assert_int_equal(look(search, text), PATTERN_COSTLY);
		search_free(search);
	}
	assert_true(clock_mono_us() - began < 60 * INT64_C(1000000));
	free(text);
}

/* A long line is one line, also where it is searched in parts. */
static void
test_long_line(void **state)
{
	static const struct {
		const char *expression;
		enum pattern_answer want;
	} cases[] = {
		{ "^x", PATTERN_NO },
		{ "^a", PATTERN_YES },
		{ "a{100}z$", PATTERN_YES },
		{ "(?<=a{200})z", PATTERN_YES },
		{ "zz", PATTERN_NO },
	};
	char *text = malloc(LINES_MAX + 1);

	(void)state;
	memset(text, 'a', LINES_MAX);
	text[LINES_MAX] = '\0';
	text[LINES_MAX - 1] = 'z';
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct search *search = search_for(cases[i].expression, 0);

		assert_int_equal(look(search, text), cases[i].want);
		search_free(search);
	}
	free(text);
}

static void
test_wrong(void **state)
{
	struct why why;

	(void)state;
	assert_null(search_new("a[b", 0, false, &why));
	assert_non_null(strstr(why.text, "at character 3"));
}

/* --- the needle --------------------------------------------------------- */

static void
test_needles(void **state)
{
	static const char *const cases[][2] = {
		{ "out of memory", "out of memory" },
		{ "^ERROR: \\d+ of", "ERROR: " },
		{ "a.bcd.ef", "bcd" },
		{ "step \\[42\\]", "step [42]" },
		{ "abc*de?f", "ab" },
		{ "abc+def", "abc" },
		{ "x{2}abcd{3,}ef", "abc" },
		{ "(?:foo|bar) bazaar", " bazaar" },
		{ "(longer than it)?abc", "abc" },
		{ "[]abc]def[^]]gh", "def" },
		{ "[[:alpha:]x]def", "def" },
		{ "[\\]abc]def", "def" },
		{ "caf\xc3\xa9?s", "caf" },
		{ "a|b", "" },
		{ "(?i)abc", "" },
		{ "(?=abc)abc", "" },
		{ "(*UCP)abc", "" },
		{ "\\Qa.b\\E", "" },
		{ "\\x41bc", "" },
		{ "abc{", "" },
		{ "", "" },
	};
	char needle[NEEDLE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = needle_find(cases[i][0], needle);

		if (n != strlen(cases[i][1]) ||
		    memcmp(needle, cases[i][1], n) != 0)
			fail_msg("%s: \"%.*s\"", cases[i][0], (int)n, needle);
	}
}

static void
random_text(const char *const *parts, size_t count, char *out, size_t max)
{
	size_t used = 0;

	do
		used += (size_t)snprintf(out + used, max - used, "%s",
		    parts[(size_t)random() % count]);
	while (used + 8 < max && random() % 7 != 0);
}

/* Of all patterns that PCRE2 takes, over all texts: no match without it. */
static void
test_every_match_holds_its_needle(void **state)
{
	static const char *const parts[] = { "a", "b", "ab", "\xc3\xa9", "*",
		"?", "+", "{2}", "{0,1}", "(", "(?:", ")", "|", "[", "]", "^",
		"[^", "\\", "\\[", "\\]", "[[:alpha:]", ":]", ".", "$", "-",
		"\\d", "\\b", "{", "}", ",", "(?i)", "(?=", "1", "\\1" };
	static const char *const texts[] = { "a", "b", "ab", "\xc3\xa9", "[",
		"]", "{", "}", "\\", ":", "1", "-", "^" };
	struct matcher *matcher = matcher_new(
	    &(struct matcher_limits){ 10000, 0, 1 << 16, 100 });
	unsigned compiled = 0, matched = 0;

	(void)state;
	srandom(3);
	while (compiled < 20000) {
		char expression[40], text[40], needle[NEEDLE_MAX];
		struct why why;
		struct pattern *pattern;
		size_t n;

		random_text(parts, sizeof(parts) / sizeof(parts[0]), expression,
		    sizeof(expression));
		pattern = pattern_new(expression, 0, &why);
		if (pattern == NULL)
			continue;
		compiled++;
		n = needle_find(expression, needle);
		for (int i = 0; n > 0 && i < 200; i++) {
			random_text(texts, sizeof(texts) / sizeof(texts[0]),
			    text, sizeof(text));
			if (pattern_match(pattern, matcher, text,
				strlen(text)) != PATTERN_YES)
				continue;
			matched++;
			if (memmem(text, strlen(text), needle, n) == NULL)
				fail_msg("%s matches %s, without %.*s",
				    expression, text, (int)n, needle);
		}
		pattern_free(pattern);
	}
	assert_true(matched > 1000);
	matcher_free(matcher);
}

static void
test_next(void **state)
{
	struct search *search = search_for("needle", 0);
	const char hay[] = "some hay\nand a needle\n";
	const char coloured[] = "some hay\nnee\033[1mdle\n";

	(void)state;
	assert_ptr_equal(search_next(search, hay, sizeof(hay) - 1),
	    strstr(hay, "needle"));
	assert_null(search_next(search, hay, 12));
	assert_true(search_skims(search, hay, sizeof(hay) - 1));
	assert_false(search_skims(search, coloured, sizeof(coloured) - 1));
	search_free(search);
	search = search_for("needle", PATTERN_NOCASE);
	assert_false(search_skims(search, hay, 4));
	search_free(search);
	search = search_for("h.y", PATTERN_LITERAL);
	assert_null(search_next(search, hay, sizeof(hay) - 1));
	search_free(search);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_as_seen),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_costly),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_needles),
		cmocka_unit_test(test_every_match_holds_its_needle),
		cmocka_unit_test(test_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
