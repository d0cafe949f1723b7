/*
 * test_pattern.c - patterns, where they match, and the bounds they keep.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pattern.h"

static const struct matcher_limits limits = {
	.steps = 100000,
	.stack = 1 << 20,
	.heap_kib = 1024,
};

struct place {
	enum pattern_answer answer;
	struct pattern_span span;
};

static struct place
find_in(const char *expression, unsigned flags, struct pattern_scope scope)
{
	struct matcher *matcher = matcher_new(&limits);
	struct place place;
	struct why why;
	struct pattern *pattern = pattern_new(expression, flags, &why);

	assert_non_null(matcher);
	if (pattern == NULL)
		fail_msg("%s", why.text);
	place.answer = pattern_find(pattern, matcher, &scope, &place.span);
	assert_int_equal(pattern_match(pattern, matcher, scope.bytes,
			     scope.length),
	    place.answer);
	pattern_free(pattern);
	matcher_free(matcher);
	return place;
}

static struct place
find(const char *expression, unsigned flags, const char *text)
{
	return find_in(expression, flags,
	    (struct pattern_scope){ text, strlen(text), 0, SIZE_MAX });
}

static void
test_flags(void **state)
{
	(void)state;
	assert_int_equal(find("a.c", 0, "abc").answer, PATTERN_YES);
	assert_int_equal(find("a.c", 0, "ABC").answer, PATTERN_NO);
	assert_int_equal(find("a.c", PATTERN_NOCASE, "ABC").answer,
	    PATTERN_YES);
	assert_int_equal(find("a.c", PATTERN_LITERAL, "abc").answer,
	    PATTERN_NO);
	assert_int_equal(find("a.c", PATTERN_LITERAL | PATTERN_NOCASE, "xA.Cx")
			     .answer,
	    PATTERN_YES);
	assert_int_equal(find("", 0, "").answer, PATTERN_YES);
}

static void
test_places(void **state)
{
	struct place place = find("b+", 0, "aabbbc");

	(void)state;
	assert_int_equal(place.span.start, 2);
	assert_int_equal(place.span.end, 5);
}

/* Bytes that are no UTF-8 match nothing, and keep nothing from matching. */
static void
test_broken_bytes(void **state)
{
	struct place place = find("b.d", PATTERN_BYTES,
	    "\xff\x80"
	    "bcd\xc3");

	(void)state;
	assert_int_equal(place.answer, PATTERN_YES);
	assert_int_equal(place.span.start, 2);
	assert_int_equal(find("b.d", PATTERN_BYTES,
			     "b\xff"
			     "d")
			     .answer,
	    PATTERN_NO);
	assert_int_equal(find("\xc3\xa9$", PATTERN_BYTES | PATTERN_NOCASE,
			     "\xc3\xff\xc3\x89")
			     .answer,
	    PATTERN_YES);
}

static void
test_scope(void **state)
{
	struct pattern_scope scope = { "aba", 3, 1, SIZE_MAX };

	(void)state;
	assert_int_equal(find_in("a", PATTERN_BYTES, scope).span.start, 2);
	scope.bytes = "bba"; /* a match may end behind its last start */
	scope.from = 0;
	scope.until = 1;
	assert_int_equal(find_in("ba", PATTERN_BYTES, scope).span.end, 3);
}

static void
test_last_start(void **state)
{
	struct matcher *matcher = matcher_new(&limits);
	struct pattern_scope scope = { "xxab", 4, 0, 1 };
	struct pattern_span span;
	struct why why;
	struct pattern *pattern = pattern_new("ab", PATTERN_BYTES, &why);

	(void)state;
	assert_int_equal(pattern_find(pattern, matcher, &scope, &span),
	    PATTERN_NO);
	scope.until = 2;
	assert_int_equal(pattern_find(pattern, matcher, &scope, &span),
	    PATTERN_YES);
	/* It does not stay: the next one may start anywhere. */
	assert_int_equal(pattern_match(pattern, matcher, "xxxxxab", 7),
	    PATTERN_YES);
	pattern_free(pattern);
	matcher_free(matcher);
}

static void
test_costly(void **state)
{
	(void)state;
	assert_int_equal(find("(a+)+$", PATTERN_BYTES,
			     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")
			     .answer,
	    PATTERN_COSTLY);
}

static void
test_wrong(void **state)
{
	struct why why;

	(void)state;
	assert_null(pattern_new("a(b", 0, &why));
	assert_string_equal(why.text,
	    "missing closing parenthesis at character 3");
	assert_null(pattern_new("\xff", PATTERN_BYTES, &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_broken_bytes),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_last_start),
		cmocka_unit_test(test_costly),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
