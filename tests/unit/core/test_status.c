/*
 * test_status.c - how a job stands, from its files and its lock, and the
 * exit code that follows. (What a family answers is tested in e2e.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "jobdir.h"
#include "scratch.h"
#include "status.h"

struct fixture {
	char *path;
	int dir;
};

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));

	*state = fix;
	fix->path = scratch_new();
	fix->dir = scratch_open(fix->path);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	close(fix->dir);
	scratch_remove(fix->path);
	free(fix);
	return 0;
}

static void
put(struct fixture *fix, const char *name, const char *text)
{
	assert_int_equal(io_replace(fix->dir, name, text, strlen(text), false),
	    0);
}

static void
put_identity(struct fixture *fix, const char *host, const char *boot)
{
	char own[256], now[40], text[1024];

	gethostname(own, sizeof(own));
	snprintf(text, sizeof(text),
	    "{\"id\":\"t-1\",\"name\":\"t\","
	    "\"kind\":\"training\",\"argv\":[\"a\"],\"host\":\"%s\","
	    "\"user\":\"u\",\"boot_id\":\"%s\"}",
	    host == NULL ? own : host,
	    boot == NULL ? jobdir_boot_id(now) : boot);
	put(fix, "job.json", text);
}

static json_t *
load(struct fixture *fix)
{
	struct why why;
	json_t *status = status_load(fix->dir, fix->path, "t-1", true, &why);

	if (status == NULL)
		fail_msg("%s", why.text);
	return status;
}

static void
expect_state(struct fixture *fix, const char *state)
{
	json_t *status = load(fix);

	assert_string_equal(json_string_value(json_object_get(status, "state")),
	    state);
	json_decref(status);
}

/* --- words -------------------------------------------------------------- */

static void
test_words(void **state)
{
	(void)state;
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		assert_int_equal(job_state_parse(
				     job_state_name((enum job_state)i)),
		    i);
	for (int i = 1; i < REASON_COUNT; i++)
		assert_int_equal(job_reason_parse(
				     job_reason_name((enum job_reason)i)),
		    i);
	assert_null(job_reason_name(REASON_NONE));
	assert_int_equal(job_state_parse(""), -1);
	assert_int_equal(job_reason_parse("none"), -1);
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		assert_int_equal(job_state_ended((enum job_state)i),
		    i >= JOB_EXITED && i <= JOB_LOST);
	for (int i = 0; i < REASON_COUNT; i++)
		assert_int_equal(job_reason_is_policy((enum job_reason)i),
		    i >= REASON_STALL && i <= REASON_RULE);
}

/* --- states ------------------------------------------------------------- */

static void
test_states(void **state)
{
	struct fixture *fix = *state;
	int lock;

	put_identity(fix, NULL, NULL);
	lock = jobdir_lock(fix->dir);
	expect_state(fix, "starting"); /* no status.json yet */
	put(fix, "status.json", "{\"state\":\"running\"}");
	expect_state(fix, "running");
	put(fix, "status.json", "{\"state\":\"stopping\"}");
	expect_state(fix, "stopping");
	put(fix, "status.json", "{\"state\":\"nonsense\"}");
	expect_state(fix, "nonsense"); /* a newer family's word */
	put(fix, "status.json", "{torn");
	expect_state(fix, "starting");
	put(fix, "status.json", "{\"state\":\"failed\",\"exit_code\":3}");
	expect_state(fix, "failed"); /* its family delivers alerts */
	close(lock);
	expect_state(fix, "failed");
	put(fix, "status.json", "{\"state\":\"lost\"}");
	expect_state(fix, "lost");
}

static void
test_lost(void **state)
{
	struct fixture *fix = *state;
	json_t *status;

	put_identity(fix, NULL, NULL);
	put(fix, "status.json", "{\"state\":\"running\",\"exit_code\":0}");
	status = load(fix);
	assert_string_equal(json_string_value(json_object_get(status, "state")),
	    "lost");
	assert_string_equal(json_string_value(
				json_object_get(status, "reason")),
	    "lost");
	assert_true(json_is_null(json_object_get(status, "exit_code")));
	assert_int_equal(status_exit_code(status), 125);
	json_decref(status);
	put_identity(fix, NULL, "another boot");
	expect_state(fix, "lost");
	unlinkat(fix->dir, "status.json", 0);
	expect_state(fix, "lost");
}

static void
test_another_host(void **state)
{
	struct fixture *fix = *state;
	int lock;

	put_identity(fix, "elsewhere", NULL);
	put(fix, "status.json", "{\"state\":\"running\"}");
	expect_state(fix, "unknown");
	lock = jobdir_lock(fix->dir); /* seen after all: a shared disk */
	expect_state(fix, "running");
	close(lock);
	put(fix, "status.json", "{\"state\":\"exited\",\"exit_code\":0}");
	expect_state(fix, "exited"); /* an end that is written is an end */
}

static void
test_complete(void **state)
{
	static const char *const keys[] = { "job", "name", "kind", "state",
		"pid", "exit_code", "signal", "reason", "detail", "started_at",
		"ended_at", "last_output_at", "runtime_s", "restarts", "argv",
		"cwd", "host", "user", "correlation_id", "trace_id", "bytes",
		"lines", "alerts", "progress", "attempt", "lag_bytes",
		"dropped_keys", "stalled", "actions_open", "muted_until",
		"processes", "recoveries", "log", "resources", "templates" };
	struct fixture *fix = *state;
	int lock = jobdir_lock(fix->dir);
	json_t *status;

	put_identity(fix, NULL, NULL);
	status = load(fix);
	assert_int_equal(json_object_size(status),
	    sizeof(keys) / sizeof(keys[0]));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_get(status, keys[i]) == NULL)
			fail_msg("%s", keys[i]);
	assert_string_equal(json_string_value(json_object_get(status, "user")),
	    "u");
	assert_int_equal(json_array_size(json_object_get(status, "argv")), 1);
	json_decref(status);
	close(lock);
}

static void
test_runtime_goes_on(void **state)
{
	struct fixture *fix = *state;
	int lock = jobdir_lock(fix->dir);
	json_t *status;

	put_identity(fix, NULL, NULL);
	put(fix, "status.json",
	    "{\"state\":\"running\",\"runtime_s\":1,"
	    "\"started_at\":\"2020-01-01T00:00:00Z\"}");
	status = load(fix);
	assert_true(
	    json_real_value(json_object_get(status, "runtime_s")) > 1e8);
	json_decref(status);
	close(lock);
}

static void
test_no_job(void **state)
{
	struct fixture *fix = *state;
	struct why why;

	assert_null(status_load(fix->dir, fix->path, "t-1", true, &why));
	put(fix, "job.json", "nonsense");
	assert_null(status_load(fix->dir, fix->path, "t-1", true, &why));
}

/* --- exit codes --------------------------------------------------------- */

static void
test_exit_codes(void **state)
{
	static const struct {
		const char *status;
		int code;
	} cases[] = {
		{ "{'state':'exited','exit_code':0}", 0 },
		{ "{'state':'failed','exit_code':3}", 3 },
		{ "{'state':'failed','exit_code':255}", 255 },
		{ "{'state':'killed','signal':9,'exit_code':null}", 137 },
		{ "{'state':'killed','signal':64}", 192 },
		{ "{'state':'exited','exit_code':0,'policy_ended':true}", 124 },
		{ "{'state':'killed','signal':15,'reason':'stall'}", 124 },
		{ "{'state':'killed','signal':9,'reason':'wall-limit'}", 124 },
		{ "{'state':'failed','exit_code':1,'reason':'rule'}", 124 },
		{ "{'state':'killed','signal':15,'reason':'stopped'}", 143 },
		{ "{'state':'exited','exit_code':0,'reason':'stopped'}", 0 },
		{ "{'state':'failed','spawn_errno':2}", 127 },
		{ "{'state':'failed','spawn_errno':13}", 126 },
		{ "{'state':'failed','spawn_errno':0,'exit_code':126}", 126 },
		{ "{'state':'lost','exit_code':0}", 125 },
		{ "{'state':'lost','policy_ended':true}", 125 },
		{ "{'state':'unknown'}", 125 },
		{ "{'state':'running','exit_code':0}", 125 },
		{ "{'state':'failed'}", 125 },
		{ "{}", 125 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];
		json_t *status;

		snprintf(text, sizeof(text), "%s", cases[i].status);
		for (char *p = text; *p != '\0'; p++)
			*p = *p == '\'' ? '"' : *p;
		status = json_loads(text, 0, NULL);
		assert_non_null(status);
		if (status_exit_code(status) != cases[i].code)
			fail_msg("%s: %d", text, status_exit_code(status));
		json_decref(status);
	}
	assert_int_equal(status_exit_code(NULL), 125);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		TEST(test_states),
		TEST(test_lost),
		TEST(test_another_host),
		TEST(test_complete),
		TEST(test_runtime_goes_on),
		TEST(test_no_job),
		cmocka_unit_test(test_exit_codes),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
