/*
 * test_policy.c - the policy as programs see it: defaults, getters, JSON and
 * back, assignments. What users see of errors is tests/e2e/test_policy.py.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy.h"
#include "policy_schema.h"
#include "policy_suggest.h"
#include "policy_type.h"

#define SETS(...)                                                \
	(const char *const[]){ __VA_ARGS__ },                    \
	    (int)(sizeof((const char *const[]){ __VA_ARGS__ }) / \
		sizeof(const char *))

#define SETS_MAX 32

static int
load_sets(struct policy *policy, const char *const *sets, int count,
    struct policy_problems *problems)
{
	struct policy_assignment typed[SETS_MAX] = { 0 };
	const struct policy_assignments assignments = { typed, count };

	assert_true(count <= SETS_MAX);
	for (int i = 0; i < count; i++)
		typed[i].text = sets[i];
	return policy_load(policy, NULL, &assignments, problems);
}

static void
load(struct policy *policy, const char *const *sets, int count)
{
	struct policy_problems problems;

	if (load_sets(policy, sets, count, &problems) == -1) {
		policy_print_problems(&problems, stderr);
		fail_msg("the policy was refused");
	}
}

/* The first problem with these assignments; "" when there is none. */
static const char *
problem_with(const char *const *sets, int count)
{
	static struct policy_problems problems;
	struct policy policy;

	if (load_sets(&policy, sets, count, &problems) == 0) {
		policy_release(&policy);
		return "";
	}
	assert_true(problems.count > 0);
	assert_null(policy.root);
	return problems.at[0].text;
}

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

/* The tables agree: each row has its section, each default its type, each
 * channel's key a row, each type of channel its keys. */
static void
test_schema(void **state)
{
	struct why why;

	(void)state;
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++) {
		json_t *initial = policy_type_initial(row);
		char key[80];

		snprintf(key, sizeof(key), "%s.%s", row->section, row->key);
		assert_non_null(policy_section_find(row->section));
		assert_ptr_equal(policy_row_find(row->section, row->key), row);
		assert_ptr_equal(policy_row_of(key), row);
		if (row->type == POLICY_TYPE_ENUM)
			assert_non_null(row->choices);
		if (initial != NULL &&
		    policy_type_check(row, initial, &why) == -1)
			fail_msg("%s: %s", key, why.text);
		json_decref(initial);
	}
	for (const struct policy_channel *c = policy_channels; c->type != NULL;
	     c++) {
		const char *lists[] = { c->required, c->optional,
			c->instead == NULL ? "" : c->instead };

		assert_true(
		    policy_words_have(policy_row_of("channel.type")->choices,
			c->type, strlen(c->type)));
		for (int i = 0; i < 3; i++) {
			const char *p = lists[i], *word;
			char key[40];
			size_t n;

			while ((n = policy_words_next(&p, &word)) > 0) {
				snprintf(key, sizeof(key), "%.*s", (int)n,
				    word);
				assert_non_null(
				    policy_row_find("channel", key));
			}
		}
	}
}

static void
test_suggest(void **state)
{
	struct suggest near = { .word = "timeot" };
	struct suggest far = { .word = "colour" };

	(void)state;
	assert_int_equal(suggest_distance("", "abc"), 3);
	assert_int_equal(suggest_distance("abc", ""), 3);
	assert_int_equal(suggest_distance("timeout", "timeout"), 0);
	assert_int_equal(suggest_distance("Timeout", "timeout"), 0);
	assert_int_equal(suggest_distance("timeot", "timeout"), 1);
	assert_int_equal(suggest_distance("deudp", "dedup"), 1);
	assert_int_equal(suggest_distance("gaprh", "graph"), 2);
	assert_int_equal(suggest_distance("kitten", "sitting"), 3);
	assert_int_equal(suggest_distance("teh", "the"), 1);
	suggest_offer(&near, "do");
	suggest_offer(&near, "startup_timeout");
	suggest_offer(&near, "timeout");
	suggest_offer(&near, "evidence");
	assert_string_equal(near.best, "timeout");
	suggest_offer(&far, "rss");
	suggest_offer(&far, "do");
	assert_null(far.best);
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
		cmocka_unit_test(test_json_round_trip),
		cmocka_unit_test(test_json_refused),
		cmocka_unit_test(test_json_fills),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_sets_refused),
		cmocka_unit_test(test_many_problems),
		cmocka_unit_test(test_unknown_getter),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
