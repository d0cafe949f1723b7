/*
 * test_literal.c - words without which a pattern cannot match.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cues.h"
#include "literal.h"
#include "pattern.h"

struct row {
	const char *expression;
	const char *words; /* NULL: none are known */
};

static const struct row rows[] = {
	{ "CUDA out of memory", "CUDA out of memory" },
	{ "\\bloss[=:] ?nan\\b", "loss" },
	{ "^saved checkpoint (\\d+)", "saved checkpoint " },
	{ "took \\d{4,} ms", "took " },
	{ "abcd?e", "abc" },
	{ "abcd*", "abc" },
	{ "abcd+e", "abcd" },
	{ "abcd{0,2}efg", "abc" },
	{ "abcd{,2}12345", "12345" },
	{ "abcd{x}", "abc" },
	{ "one|three", "one|three" },
	{ "(one|three) four", " four" },
	{ "(?:one)?three", "three" },
	{ "a\\.b\\/c", "a.b/c" },
	{ "a\\|b four", "b four" },
	{ "[]abc]def", "def" },
	{ "[^]abc]def", "def" },
	{ "[a\\]b]def", "def" },
	{ "(a\\)b[)]c)def", "def" },
	{ "(?i)disk full", " full" },
	{ "ab", NULL },
	{ "one|tw", NULL },
	{ "one|", NULL },
	{ "", NULL },
	{ "(?x) a b c d", NULL },
	{ "one(?i)two", NULL },
	{ "one(?#(two)three", NULL },
	{ "one(?!two)", NULL },
	{ "(one(?i)two)three", NULL },
	{ "(*UTF)three", NULL },
	{ "\\Qa.b\\Ethree", NULL },
	{ "[\\Q]\\E]three", NULL },
	{ "[[:alpha:]]three", NULL },
	{ "\\x41bcd", NULL },
	{ "(a)\\1three", NULL },
	{ "a\\Kthree", NULL },
	{ "gr\xc3\xbc\xc3\x9f", NULL },
	{ "gr\xc3\xbc\xc3\x9f hallo", " hallo" },
};

static void
words_are_found(void **state)
{
	char words[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = literal_words(rows[i].expression, words,
		    sizeof(words));

		if (rows[i].words == NULL ? n != 0
					  : strcmp(words, rows[i].words) != 0)
			fail_msg("%s: %s", rows[i].expression,
			    n == 0 ? "none" : words);
	}
}

static void
room_is_kept(void **state)
{
	char words[8];

	(void)state;
	assert_int_equal(literal_words("abcdef", words, sizeof(words)), 6);
	assert_int_equal(literal_words("abcdefgh", words, sizeof(words)), 0);
	assert_int_equal(literal_words("abc|def", words, sizeof(words)), 7);
	assert_int_equal(literal_words("abc|defg", words, sizeof(words)), 0);
}

static uint32_t random_state = 3;

static unsigned
random_below(unsigned n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (unsigned)((uint64_t)(random_state >> 8) * n >> 24);
}

static const char *const pieces[] = { "abc", "bca", "cab", "aa", "K", "s", "1",
	"42", " ", "a", "b", "\\d", ".", "[ab]", "[^c1]", "[]a]", "(", ")",
	"(?:", "|", "?", "*", "+", "{2}", "{0,1}", "{1,}", "{", "\\.", "\\b",
	"^", "$", "(?i)", "\\|", "\xc3\xa9", "(?=", "\\Q", "\\E", "#", "}" };
static const char letters[] = "abcABCkKsS142 .|{}#\n";

static void
random_expression(char *room)
{
	unsigned count = 1 + random_below(7);

	*room = '\0';
	if (random_below(4) == 0)
		strcat(room, "(?i)");
	for (unsigned i = 0; i < count; i++)
		strcat(room,
		    pieces[random_below(sizeof(pieces) / sizeof(pieces[0]))]);
}

/* Some of the expression's own text, so that it matches now and then. */
static size_t
random_line(const char *expression, char *room)
{
	size_t n = 0;

	while (n < 24 && random_below(20) != 0) {
		size_t at = random_below((unsigned)strlen(expression) + 1);

		if (random_below(3) == 0) {
			room[n++] = letters[random_below(sizeof(letters) - 1)];
			continue;
		}
		for (unsigned i = 0; i < 4 && expression[at] != '\0' && n < 24;
		     i++, at++)
			if ((expression[at] & 0x80) == 0)
				room[n++] = (char)(expression[at] ^
				    (random_below(4) == 0 &&
						expression[at] > '@'
					    ? 0x20
					    : 0));
	}
	return n;
}

static bool
holds_word(const char *words, const char *line, size_t n)
{
	struct cues *cues = cues_new();
	bool found;

	assert_non_null(cues);
	assert_int_equal(cues_add(cues, words, 0), 0);
	cues_seal(cues);
	found = cues_scan(cues, line, n) != 0;
	cues_free(cues);
	return found;
}

/* PCRE2 is the oracle: what it matches holds one of the words. */
static void
no_match_is_without_its_word(void **state)
{
	const struct matcher_limits limits = { 100000, 100, 1 << 20, 8192 };
	struct matcher *matcher = matcher_new(&limits);
	unsigned matches = 0;
	struct why why;

	(void)state;
	assert_non_null(matcher);
	for (int turn = 0; turn < 60000; turn++) {
		char expression[128], words[512], line[32];
		struct pattern *pattern;

		random_expression(expression);
		if (literal_words(expression, words, sizeof(words)) == 0)
			continue;
		pattern = pattern_new(expression, 0, &why);
		for (int i = 0; pattern != NULL && i < 10; i++) {
			size_t n = random_line(expression, line);

			if (pattern_match(pattern, matcher, line, n) !=
			    PATTERN_YES)
				continue;
			matches++;
			if (!holds_word(words, line, n))
				fail_msg("%s: %.*s lacks %s", expression,
				    (int)n, line, words);
		}
		pattern_free(pattern);
	}
	matcher_free(matcher);
	assert_true(matches > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_found),
		cmocka_unit_test(room_is_kept),
		cmocka_unit_test(no_match_is_without_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
