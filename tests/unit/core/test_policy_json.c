/*
 * test_policy_json.c - a policy as JSON and back, which is what the family
 * reads: whatever is taken must be safe to ask.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policies.h"

static void
test_json_round_trip(void **state)
{
	struct policy policy, back;
	struct why why;
	char *json, *again;

	(void)state;
	load(&policy,
	    SETS("rule.0.name=a\"b", "rule.0.pattern=\\d+",
		"channel.0.type=file", "channel.0.path=/tmp/x",
		"classify.threshold=0.25"));
	json = policy_to_json(&policy);
	assert_int_equal(policy_from_json(&back, json, strlen(json), &why), 0);
	again = policy_to_json(&back);
	assert_string_equal(json, again);
	free(json);
	free(again);
	policy_release(&policy);
	policy_release(&back);
}

/* Every getter must be safe on whatever from_json lets through. */
static void
test_json_refused(void **state)
{
	static const char *const bad[] = { "", "[]", "{", "null",
		"{\"stal\":{}}", "{\"stall\":[]}", "{\"stall\":null}",
		"{\"stall\":{\"timeout\":10}}",
		"{\"stall\":{\"timeout\":\"10\"}}",
		"{\"stall\":{\"timeut\":\"10m\"}}", "{\"rule\":{}}",
		"{\"rule\":[1]}", "{\"rule\":[{}]}",
		"{\"rule\":[{\"name\":\"a\"}]}", "{\"metrics\":{\"alarm\":{}}}",
		"{\"metrics\":3}", "{\"classify\":{\"focus\":\"a\"}}",
		"{\"classify\":{\"focus\":[1]}}",
		"{\"job\":{\"env\":{\"A\":1}}}",
		"{\"job\":{\"env\":{\"A B\":\"c\"}}}",
		"{\"job\":{\"umask\":\"9\"}}", "{\"job\":{\"pty\":\"true\"}}",
		"{\"stop\":{\"signal\":\"NONE\"}}",
		"{\"stop\":{\"grace\":\"1s\",\"grace\":\"2s\"}}",
		"{\"metrics.alarm\":[]}" };
	struct policy policy;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why.text[0] = '\0';
		if (policy_from_json(&policy, bad[i], strlen(bad[i]), &why) ==
		    0)
			fail_msg("taken: %s", bad[i]);
		assert_null(policy.root);
		assert_true(why.text[0] != '\0');
	}
}

static void
test_json_fills(void **state)
{
	struct policy policy;
	struct why why;

	(void)state;
	assert_int_equal(policy_from_json(&policy, "{}", 2, &why), 0);
	assert_int_equal(policy_ms(&policy, "stop.grace"), 30000);
	assert_int_equal(json_array_size(policy_tables(&policy, "rule")), 0);
	policy_release(&policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_round_trip),
		cmocka_unit_test(test_json_refused),
		cmocka_unit_test(test_json_fills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
