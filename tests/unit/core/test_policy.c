/*
 * test_policy.c - the policy as programs see it: defaults and getters.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "policies.h"

static void
test_defaults(void **state)
{
	struct policy policy;

	(void)state;
	load(&policy, NULL, 0);
	assert_int_equal(policy_ms(&policy, "stop.grace"), 30000);
	assert_string_equal(policy_str(&policy, "stop.signal"), "TERM");
	assert_int_equal(policy_signal(&policy, "stop.signal"), SIGTERM);
	assert_int_equal(policy_signal(&policy, "stop.pre_signal"), -1);
	assert_int_equal(policy_ms(&policy, "notify.linger"), 15000);
	assert_int_equal(policy_ms(&policy, "notify.dedup"), 1800000);
	assert_int_equal(policy_bytes(&policy, "log.max_size"), 100000000);
	assert_int_equal(policy_bytes(&policy, "log.total_size"),
	    INT64_C(2000000000));
	assert_int_equal(policy_int(&policy, "restart.max"), 3);
	assert_true(policy_real(&policy, "classify.threshold") == 0.5);
	assert_true(policy_bool(&policy, "sandbox.network"));
	assert_false(policy_bool(&policy, "job.pty"));
	assert_int_equal(policy_ms(&policy, "stall.timeout"), -1);
	assert_null(policy_str(&policy, "job.name"));
	assert_int_equal(policy_int(&policy, "job.umask"), -1);
	assert_int_equal(json_array_size(
			     policy_list(&policy, "classify.focus")),
	    0);
	assert_true(json_is_object(policy_list(&policy, "job.env")));
	assert_true(json_is_array(policy_tables(&policy, "metrics.alarm")));
	policy_release(&policy);
}

/* The default method is one that this build has. */
static void
test_compress(void **state)
{
	struct policy policy;

	(void)state;
	load(&policy, NULL, 0);
#ifdef HAVE_ZSTD
	assert_string_equal(policy_str(&policy, "log.compress"), "zstd");
	assert_string_equal(problem_with(SETS("log.compress=zstd")), "");
#else
	assert_string_equal(policy_str(&policy, "log.compress"), "gzip");
	assert_non_null(
	    strstr(problem_with(SETS("log.compress=zstd")), "libzstd-dev"));
#endif
	policy_release(&policy);
}

/* The size that is not given never contradicts the one that is. */
static void
test_log_sizes(void **state)
{
	struct policy policy;

	(void)state;
	load(&policy, SETS("log.total_size=64KiB"));
	assert_string_equal(policy_str(&policy, "log.max_size"), "64KiB");
	policy_release(&policy);
	load(&policy, SETS("log.max_size=3GB"));
	assert_string_equal(policy_str(&policy, "log.total_size"), "3GB");
	policy_release(&policy);
	load(&policy, SETS("log.max_size=1MB"));
	assert_string_equal(policy_str(&policy, "log.total_size"), "2GB");
	policy_release(&policy);
}

static void
test_values(void **state)
{
	struct policy policy;
	int from, to;

	(void)state;
	load(&policy,
	    SETS("stall.timeout=auto", "job.umask=027",
		"notify.quiet_hours=23:30-07:00", "stop.signal=SIGINT",
		"job.env.A=b", "restart.no_restart_codes=[1, 2]",
		"classify.threshold=1", "limits.wall_time=1h30m"));
	assert_int_equal(policy_ms(&policy, "stall.timeout"), POLICY_AUTO);
	assert_int_equal(policy_int(&policy, "job.umask"), 027);
	assert_true(policy_hours(&policy, "notify.quiet_hours", &from, &to));
	assert_int_equal(from, 23 * 60 + 30);
	assert_int_equal(to, 7 * 60);
	assert_int_equal(policy_signal(&policy, "stop.signal"), SIGINT);
	assert_string_equal(table_str(policy_list(&policy, "job.env"), "A"),
	    "b");
	assert_int_equal(json_array_size(
			     policy_list(&policy, "restart.no_restart_codes")),
	    2);
	assert_true(policy_real(&policy, "classify.threshold") == 1.0);
	assert_int_equal(policy_ms(&policy, "limits.wall_time"), 5400000);
	policy_release(&policy);
}

static void
test_tables(void **state)
{
	struct policy policy;
	const json_t *rule, *alarm, *channel;

	(void)state;
	load(&policy,
	    SETS("rule.0.name=oom", "rule.0.pattern=(?i)oom",
		"rule.0.window=10m", "metrics.alarm.0.metric=loss",
		"metrics.alarm.0.when=above", "metrics.alarm.0.value=2",
		"metrics.alarm.0.window=50", "metrics.alarm.1.metric=loss",
		"metrics.alarm.1.when=nan", "channel.0.type=telegram",
		"channel.0.token=env:T", "channel.0.chat=-100",
		"channel.1.type=telegram", "channel.1.token=env:T",
		"channel.1.chat=@ops"));
	rule = json_array_get(policy_tables(&policy, "rule"), 0);
	assert_string_equal(table_str(rule, "severity"), "high");
	assert_string_equal(table_str(rule, "stream"), "any");
	assert_int_equal(table_ms(rule, "window"), 600000);
	assert_int_equal(table_ms(rule, "cooldown"), -1);
	assert_int_equal(table_int(rule, "count"), 1);
	alarm = json_array_get(policy_tables(&policy, "metrics.alarm"), 0);
	assert_true(table_real(alarm, "value") == 2.0);
	assert_int_equal(table_int(alarm, "window"), 50);
	assert_int_equal(table_ms(alarm, "window"), -1);
	alarm = json_array_get(policy_tables(&policy, "metrics.alarm"), 1);
	assert_true(isnan(table_real(alarm, "value")));
	channel = json_array_get(policy_tables(&policy, "channel"), 0);
	assert_string_equal(table_str(channel, "name"), "telegram");
	assert_string_equal(table_str(channel, "chat"), "-100");
	assert_true(table_bool(channel, "allow_private"));
	channel = json_array_get(policy_tables(&policy, "channel"), 1);
	assert_string_equal(table_str(channel, "name"), "telegram-2");
	assert_int_equal(json_array_size(table_list(channel, "kinds")), 0);
	policy_release(&policy);
}

/* A key nobody has a row for is a bug in the program, and ends it. */
static void
test_unknown_getter(void **state)
{
	struct policy policy;
	int status;
	pid_t pid;

	(void)state;
	load(&policy, NULL, 0);
	if ((pid = fork()) == 0) {
		policy_ms(&policy, "stall.timeot");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	policy_release(&policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_compress),
		cmocka_unit_test(test_log_sizes),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_unknown_getter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
