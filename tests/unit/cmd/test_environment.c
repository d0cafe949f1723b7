/*
 * test_environment.c - what a job finds in its environment, and what not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "environment.h"

/* An environment of our own choosing to copy from. */
static void
begin(struct environment *env, const char *const *from, const json_t *secrets)
{
	char **saved = environ;

	environ = (char **)from;
	assert_int_equal(environment_init(env, secrets), 0);
	environ = saved;
}

static void
policy_of(const char *json, struct policy *policy)
{
	struct why why;

	if (policy_from_json(policy, json, strlen(json), &why) == -1)
		fail_msg("%s", why.text);
}

static void
copies_ours(void **state)
{
	static const char *const from[] = { "A=1", "EMPTY=", "B=x=y", NULL };
	struct environment env;

	(void)state;
	begin(&env, from, NULL);
	assert_int_equal(env.count, 3);
	assert_string_equal(environment_get(&env, "A"), "1");
	assert_string_equal(environment_get(&env, "EMPTY"), "");
	assert_string_equal(environment_get(&env, "B"), "x=y");
	assert_null(environment_get(&env, "C"));
	assert_null(env.list[3]);
	environment_release(&env);
}

static void
leaves_out_secrets(void **state)
{
	static const char *const from[] = { "TOKEN=s3cret", "TOKENS=fine",
		"A=1", NULL };
	json_t *secrets = json_pack("{s:s, s:s}", "env:TOKEN", "s3cret",
	    "file:/etc/A", "x");
	struct environment env;

	(void)state;
	begin(&env, from, secrets);
	assert_null(environment_get(&env, "TOKEN"));
	assert_string_equal(environment_get(&env, "TOKENS"), "fine");
	assert_string_equal(environment_get(&env, "A"), "1");
	environment_release(&env);
	json_decref(secrets);
}

static void
sets_and_unsets(void **state)
{
	static const char *const from[] = { "A=1", "AB=2", NULL };
	struct environment env, copy;

	(void)state;
	begin(&env, from, NULL);
	assert_int_equal(environment_copy(&copy, &env), 0);
	assert_int_equal(environment_set(&env, "A", "new"), 0);
	assert_int_equal(environment_set(&env, "C", ""), 0);
	assert_int_equal(env.count, 3);
	assert_string_equal(environment_get(&env, "A"), "new");
	assert_string_equal(environment_get(&env, "AB"), "2");
	environment_unset(&env, "A");
	environment_unset(&env, "none");
	assert_int_equal(env.count, 2);
	assert_null(environment_get(&env, "A"));
	assert_string_equal(environment_get(&env, "AB"), "2");
	assert_string_equal(environment_get(&env, "C"), "");
	assert_null(env.list[2]);
	/* The copy is its own. */
	assert_int_equal(copy.count, 2);
	assert_string_equal(environment_get(&copy, "A"), "1");
	environment_release(&env);
	environment_release(&copy);
}

static void
takes_the_policy(void **state)
{
	static const char *const from[] = { "A=1", "KEPT=yes", NULL };
	struct environment env;
	struct policy policy;

	(void)state;
	policy_of("{\"job\":{\"env\":{\"A\":\"2\",\"NEW\":\"a b\"},"
		  "\"python_buffering\":\"none\"}}",
	    &policy);
	begin(&env, from, NULL);
	assert_int_equal(environment_apply(&env, &policy), 0);
	assert_string_equal(environment_get(&env, "A"), "2");
	assert_string_equal(environment_get(&env, "NEW"), "a b");
	assert_string_equal(environment_get(&env, "KEPT"), "yes");
	assert_string_equal(environment_get(&env, "PYTHONUNBUFFERED"), "1");
	environment_release(&env);
	policy_release(&policy);
}

static void
keeps_its_hands_off_python(void **state)
{
	static const char *const from[] = { "PYTHONPATH=/own", NULL };
	struct environment env;
	struct policy policy;

	(void)state;
	policy_of("{\"job\":{\"python_buffering\":\"keep\"}}", &policy);
	begin(&env, from, NULL);
	assert_int_equal(environment_apply(&env, &policy), 0);
	assert_int_equal(env.count, 1);
	assert_string_equal(environment_get(&env, "PYTHONPATH"), "/own");
	environment_release(&env);
	policy_release(&policy);
}

/* Ours goes before what the job has, which stays whole behind it. */
static void
line_buffers_python(void **state)
{
	static const char *const from[] = { "PYTHONPATH=/own:/other", NULL };
	struct environment env;
	struct policy policy;
	const char *path;
	size_t n;

	(void)state;
	policy_of("{}", &policy);
	begin(&env, from, NULL);
	assert_int_equal(environment_apply(&env, &policy), 0);
	path = environment_get(&env, "PYTHONPATH");
	n = strlen(path);
	assert_true(n >= strlen("/own:/other"));
	assert_string_equal(path + n - strlen("/own:/other"), "/own:/other");
	assert_null(environment_get(&env, "PYTHONUNBUFFERED"));
	environment_release(&env);
	policy_release(&policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_ours),
		cmocka_unit_test(leaves_out_secrets),
		cmocka_unit_test(sets_and_unsets),
		cmocka_unit_test(takes_the_policy),
		cmocka_unit_test(keeps_its_hands_off_python),
		cmocka_unit_test(line_buffers_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
