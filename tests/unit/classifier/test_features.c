/*
 * test_features.c - what is seen in a line: words and how they stand, counts,
 * times, and a line for each case of the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "features.h"

struct row {
	const char *feature;
	const char *line;
};

static struct featurer featurer;

static bool
has(const char *line, const char *feature)
{
	const struct text text = { line, strlen(line) };
	char name[FEATURE_NAME_MAX];
	struct features features;

	features_of(&featurer, &text, -1, &features);
	for (unsigned i = 0; i < features.count; i++)
		if (strcmp(feature_name(features.rows[i], name), feature) == 0)
			return true;
	return false;
}

static const struct row there[] = {
	{ "level:error", "2031-02-03 04:05:06 ERROR cannot open it" },
	{ "level:info-or-less", "2031-02-03 04:05:06 INFO opened" },
	{ "shape:blank", "" },
	{ "shape:no-word", "--------" },
	{ "shape:indented-4", "        deep" },
	{ "shape:ends-with-dots", "Fetching the list..." },
	{ "shape:starts-like-code", "    raise KeyError(name)" },
	{ "shape:starts-like-a-call", "Options(depth=3, width=4)" },
	{ "has:progress-bar", " 40%|####      | 4/10 [00:01<00:02, 3.1it/s]" },
	{ "has:command-flags", "serve --port 80" },
	{ "has:time-spent", "built in 12.5s" },
	{ "has:no-time-spent", "built in 31 ms" },
	{ "has:no-time-spent", "built in 0.4 s" },
	{ "tense:starts-doing", "Linking the parts" },
	{ "tense:ends-done", "the parts were linked" },
	{ "count:failures", "12 passed, 3 failed" },
	{ "count:failures", "errors: 2" },
	{ "count:no-failure", "errors=0" },
	{ "count:no-failure", "finished without errors" },
	{ "count:no-failure", "mean error = 0.25" },
	{ "count:n-of-n", "step 9 of 9" },
	{ "count:m-of-n", "step 4/9" },
	{ "count:percent", "copied 40%" },
	{ "exit:non-zero", "the tool exited with code 3" },
	{ "exit:zero", "the tool exited with code 0" },
	{ "nan:value", "{'reward': nan}" },
	{ "nan:value-of-loss", "loss: nan" },
	{ "nan:count", "nan batches: 0 | nans: 4" },
	{ "exception:starts", "pkg.mod.OddError: no way" },
	{ "exception:alone", "OddException" },
	{ "exception:inside", "the worker saw an OddError again" },
	{ "exception:in-code", "except_with(1, OddError())" },
	{ "exception:caused-by", "Caused by: an.Other: thing" },
	{ "exception:frame", "    at a.b.c(D.java:1)" },
	{ "tool:speaks", "frob: cannot do it" },
	{ "subject:numbered", "Finished job 12." },
	{ "says: failed, denied", "it did not fail" },
	{ "says: failed, first", "Failed parts were kept" },
	{ "says: crash, denied", "crashed: 0" },
	{ "says: not-found", "the key was not found there" },
	{ "says: failed", "\xe5\xa4\xb1\xe8\xb4\xa5 x" },
};

static const struct row absent[] = {
	{ "count:failures", "Trial 3 failed" },
	{ "count:failures", "error: 3 parts do not fit" },
	{ "count:no-failure", "error: no such part" },
	{ "count:m-of-n", "opened a/3/4/b" },
	{ "count:percent", "accuracy 93.1%" },
	{ "has:progress-bar", "wrote out/steps_3.bin" },
	{ "has:time-spent", "built in 31 ms" },
	{ "nan:value", "nan batches: 0" },
	{ "says: failed", "see fail_over.txt" },
	{ "says: no", "the key was not found there" },
	{ "says: failed", "`failed` is a word" },
	{ "tool:speaks", "error: cannot do it" },
	{ "shape:starts-like-code", "for more, see the manual" },
};

static void
features_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(there) / sizeof(*there); i++)
		if (!has(there[i].line, there[i].feature))
			fail_msg("%s: no %s", there[i].line, there[i].feature);
}

static void
features_are_absent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++)
		if (has(absent[i].line, absent[i].feature))
			fail_msg("%s: %s", absent[i].line, absent[i].feature);
}

static const struct row cases[] = {
#include "case_lines.inc"
};

static const char *
line_of_case(const char *name)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (strcmp(cases[i].feature, name) == 0)
			return cases[i].line;
	return NULL;
}

static void
every_case_holds_of_a_line(void **state)
{
	char feature[FEATURE_NAME_MAX];

	(void)state;
	for (unsigned i = 0; i < case_row_count; i++) {
		const char *line = line_of_case(case_rows[i].name);

		snprintf(feature, sizeof(feature), "case: %s",
		    case_rows[i].name);
		if (line == NULL)
			fail_msg("no line for %s", feature);
		if (!has(line, feature))
			fail_msg("%s: no %s", line, feature);
		assert_false(i > 0 && has("zzz", feature));
	}
}

static void
no_two_names_are_the_same(void **state)
{
	char one[FEATURE_NAME_MAX], other[FEATURE_NAME_MAX];

	(void)state;
	for (unsigned i = 0; i < features_count(); i++) {
		feature_name(i, one);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(one, feature_name(k, other));
	}
}

static void
no_line_is_too_long_or_too_odd(void **state)
{
	static char line[65536];
	static const char *const odd[] = { ".", "a.", ".a", "/", "-", "--a",
		"_", "=", "%|", "[", "1", "1.", "\xe2\x96\x88", "a'", "''", " ",
		"0:00", "of of", "1 of", "1/", "error:", "in 5" };
	const struct text whole = { line, sizeof(line) };
	struct features features;

	(void)state;
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = "failed error 3/4: loss=nan, "[i % 28];
	features_of(&featurer, &whole, 0, &features);
	assert_true(features.count > 0 && features.count <= FEATURES_MAX);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		const struct text text = { odd[i], strlen(odd[i]) };

		features_of(&featurer, &text, -1, &features);
		assert_true(features.count > 0);
	}
}

static int
start(void **state)
{
	struct why why;

	(void)state;
	if (featurer_init(&featurer, &why) == -1)
		fail_msg("%s", why.text);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	featurer_release(&featurer);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(features_are_there),
		cmocka_unit_test(features_are_absent),
		cmocka_unit_test(every_case_holds_of_a_line),
		cmocka_unit_test(no_two_names_are_the_same),
		cmocka_unit_test(no_line_is_too_long_or_too_odd),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
