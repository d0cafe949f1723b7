/*
 * test_identity.c - what a job inherits from who started it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "identity.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

/* The identity under a policy with correlation id `own` (NULL: none). */
static struct identity
choose(const char *const *list, const char *own)
{
	struct environment env = { .list = (char **)list };
	struct identity identity;
	struct policy policy;
	char json[256] = "{}";
	struct why why;

	while (list[env.count] != NULL)
		env.count++;
	if (own != NULL)
		snprintf(json, sizeof(json),
		    "{\"job\":{\"correlation_id\":\"%s\"}}", own);
	assert_int_equal(policy_from_json(&policy, json, strlen(json), &why),
	    0);
	memset(&identity, 'x', sizeof(identity));
	identity_choose(&identity, &policy, &env);
	policy_release(&policy);
	return identity;
}

static void
is_hex(const char *text, size_t n)
{
	assert_int_equal(strlen(text), n);
	assert_int_equal(strspn(text, "0123456789abcdef"), n);
	assert_true(strspn(text, "0") < n);
}

/* "00-TRACE-SPAN-01" of the identity's own trace. */
static void
is_traceparent(const struct identity *identity)
{
	char head[64];

	snprintf(head, sizeof(head), "00-%.32s-", identity->trace_id);
	assert_int_equal(strlen(identity->traceparent), 55);
	assert_memory_equal(identity->traceparent, head, 36);
	assert_int_equal(strspn(identity->traceparent + 36, "0123456789abcdef"),
	    16);
	assert_string_equal(identity->traceparent + 52, "-01");
}

static void
new_when_nothing_is_inherited(void **state)
{
	static const char *const none[] = { "A=1", NULL };
	struct identity one = choose(none, NULL), two = choose(none, NULL);

	(void)state;
	is_hex(one.trace_id, 32);
	is_hex(one.uid, 32);
	is_traceparent(&one);
	assert_string_not_equal(one.trace_id, two.trace_id);
	assert_string_not_equal(one.uid, two.uid);
	assert_string_not_equal(one.correlation_id, two.correlation_id);
}

/* RFC 9562: xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx. */
static void
new_correlation_ids_are_uuids(void **state)
{
	static const char *const none[] = { NULL };

	(void)state;
	for (int i = 0; i < 64; i++) {
		struct identity identity = choose(none, NULL);
		const char *id = identity.correlation_id;

		assert_int_equal(strlen(id), 36);
		assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
		assert_true(id[8] == '-' && id[13] == '-' && id[18] == '-' &&
		    id[23] == '-');
		assert_int_equal(id[14], '4');
		assert_non_null(strchr("89ab", id[19]));
	}
}

static void
correlation_id_is_inherited(void **state)
{
	static const char *const list[] = { "JOBWATCH_CORRELATION_ID=order-66",
		NULL };
	static const char *const empty[] = { "JOBWATCH_CORRELATION_ID=", NULL };
	static const char *const foul[] = { "JOBWATCH_CORRELATION_ID=a b\n",
		NULL };
	struct identity identity = choose(list, NULL);

	(void)state;
	assert_string_equal(identity.correlation_id, "order-66");
	identity = choose(list, "mine");
	assert_string_equal(identity.correlation_id, "mine");
	identity = choose(empty, NULL);
	assert_int_equal(strlen(identity.correlation_id), 36);
	identity = choose(foul, NULL);
	assert_int_equal(strlen(identity.correlation_id), 36);
}

static void
long_correlation_id(void **state)
{
	static char text[512];
	const char *const list[] = { text, NULL };
	struct identity identity;
	size_t room = sizeof(identity.correlation_id) - 1;
	char *value = stpcpy(text, "JOBWATCH_CORRELATION_ID=");

	(void)state;
	memset(value, 'c', room);
	identity = choose(list, NULL);
	assert_string_equal(identity.correlation_id, value);
	value[room] = 'c';
	identity = choose(list, NULL);
	assert_int_equal(strlen(identity.correlation_id), 36);
}

static void
trace_is_inherited(void **state)
{
	static const char *const list[] = { "TRACEPARENT=00-" TRACE "-" SPAN
					    "-00",
		NULL };
	struct identity identity = choose(list, NULL);

	(void)state;
	assert_string_equal(identity.trace_id, TRACE);
	assert_string_equal(identity.traceparent, "00-" TRACE "-" SPAN "-00");
}

static void
broken_trace_is_not_inherited(void **state)
{
	static const char *const broken[] = {
		"TRACEPARENT=",
		"TRACEPARENT=00-" TRACE "-" SPAN,
		"TRACEPARENT=00-" TRACE "-" SPAN "-01-more",
		"TRACEPARENT=ff-" TRACE "-" SPAN "-01",
		"TRACEPARENT=00-00000000000000000000000000000000-" SPAN "-01",
		"TRACEPARENT=00-" TRACE "-0000000000000000-01",
		"TRACEPARENT=00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
		"TRACEPARENT=00-" TRACE "_" SPAN "-01",
		"TRACEPARENT=00-" TRACE "-" SPAN "_01",
		"TRACEPARENT=zz-" TRACE "-" SPAN "-01",
		"TRACEPARENT=00-" TRACE "-" SPAN "-\n1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const char *const list[] = { broken[i], NULL };
		struct identity identity = choose(list, NULL);

		if (strcmp(identity.trace_id, TRACE) == 0)
			fail_msg("inherited: %s", broken[i]);
		is_hex(identity.trace_id, 32);
		is_traceparent(&identity);
	}
}

static void
job_is_told(void **state)
{
	struct identity identity = { .correlation_id = "corr",
		.traceparent = "00-x" };
	struct launch launch = { .home = "/ho me", .identity = &identity };
	struct environment env = { .list = calloc(1, sizeof(char *)) };

	(void)state;
	assert_int_equal(environment_set(&env, "JOBWATCH_JOB", "outer-1"), 0);
	assert_int_equal(environment_set(&env, ENVIRONMENT_ATTEMPT, "7"), 0);
	assert_int_equal(identity_environment(&launch, "train-3", &env), 0);
	assert_string_equal(environment_get(&env, "JOBWATCH_JOB"), "train-3");
	assert_string_equal(environment_get(&env, "JOBWATCH_ACTIONS"),
	    "/ho me/jobs/train-3/actions");
	assert_string_equal(environment_get(&env, "JOBWATCH_CORRELATION_ID"),
	    "corr");
	assert_string_equal(environment_get(&env, "TRACEPARENT"), "00-x");
	/* The plan adds its own. */
	assert_null(environment_get(&env, ENVIRONMENT_ATTEMPT));
	environment_release(&env);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_when_nothing_is_inherited),
		cmocka_unit_test(new_correlation_ids_are_uuids),
		cmocka_unit_test(correlation_id_is_inherited),
		cmocka_unit_test(long_correlation_id),
		cmocka_unit_test(trace_is_inherited),
		cmocka_unit_test(broken_trace_is_not_inherited),
		cmocka_unit_test(job_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
