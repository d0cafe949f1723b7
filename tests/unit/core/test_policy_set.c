/*
 * test_policy_set.c - assignments, and the list of what is wrong. What users
 * see of errors is tests/e2e/test_policy.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policies.h"

static void
test_sets(void **state)
{
	struct policy policy;

	(void)state;
	load(&policy,
	    SETS("stop.grace=1s", "stop.grace=2s",
		"classify.focus=[\"a\", \"b\"]", "classify.focus.2=c",
		"classify.focus.0=d", "rule=[{name=\"x\", pattern='y#z'}]",
		"rule.0.title=", "rule.0.runbook=a=b=c", "job.kind=\"1#2\"",
		"job.correlation_id=2026.1.2"));
	assert_int_equal(policy_ms(&policy, "stop.grace"), 2000);
	assert_int_equal(json_array_size(
			     policy_list(&policy, "classify.focus")),
	    3);
	assert_string_equal(json_string_value(
				json_array_get(policy_list(&policy,
						   "classify.focus"),
				    0)),
	    "d");
	assert_string_equal(table_str(json_array_get(policy_tables(&policy,
							 "rule"),
					  0),
				"pattern"),
	    "y#z");
	assert_string_equal(table_str(json_array_get(policy_tables(&policy,
							 "rule"),
					  0),
				"title"),
	    "");
	assert_string_equal(table_str(json_array_get(policy_tables(&policy,
							 "rule"),
					  0),
				"runbook"),
	    "a=b=c");
	assert_string_equal(policy_str(&policy, "job.kind"), "1#2");
	policy_release(&policy);
}

static void
test_sets_refused(void **state)
{
	static const struct {
		const char *set;
		const char *words;
	} bad[] = {
		{ "stop.grace", "KEY=VALUE" },
		{ "=x", "KEY=VALUE" },
		{ "stop..grace=1s", "empty part" },
		{ "stop.grce=1s", "did you mean \"grace\"" },
		{ "stop.grace=1", "must be a duration" },
		{ "stop.grace=1s\nstop.signal=1", "is not a duration" },
		{ "channel.1.url=x", "beyond the end" },
		{ "channel.99999999.url=x", "list of tables" },
		{ "rule=3", "list of tables" },
		{ "a.b.c.d.e.f.g.h.i=1", "so many parts" },
		{ "job.kind=\xff", "is not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *problem = problem_with(SETS(bad[i].set));

		if (strstr(problem, bad[i].words) == NULL)
			fail_msg("%s: \"%s\"", bad[i].set, problem);
	}
	assert_non_null(
	    strstr(problem_with(SETS("stop.grace=1s", "stop.grace.x=1")),
		"holds no keys"));
	assert_non_null(
	    strstr(problem_with(SETS("rule=[]", "rule.name=x")), "in a list"));
}

/* 100 problems, 64 places: the first ones of the file are kept, in order. */
static void
test_many_problems(void **state)
{
	char path[] = "/tmp/policy-XXXXXX";
	struct policy_problems problems;
	struct policy policy;
	FILE *out = fdopen(mkstemp(path), "w");

	(void)state;
	fputs("[job]\n", out);
	for (int i = 0; i < 100; i++)
		fprintf(out, "zzz%d = 1\n", (i * 37) % 100);
	fclose(out);
	assert_int_equal(policy_load(&policy, path, NULL, &problems), -1);
	assert_int_equal(problems.count, POLICY_PROBLEMS_MAX);
	assert_int_equal(problems.dropped, 100 - POLICY_PROBLEMS_MAX);
	for (int i = 0; i < problems.count; i++)
		assert_int_equal(problems.at[i].line, i + 2);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_sets_refused),
		cmocka_unit_test(test_many_problems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
