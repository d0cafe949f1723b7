/*
 * test_verdict.c - what single lines mean: rules, records, built-ins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "verdict.h"

/* A policy as policy_save would have written it, without what is not read
 * here. */
static const char policy_rules
    [] = "{\"classify\":{\"base\":true},\"rule\":["
	 "{\"name\":\"boom\",\"pattern\":\"b(o+)m\",\"stream\":\"any\","
	 "\"severity\":\"critical\",\"kind\":\"failure\"},"
	 "{\"name\":\"slow\",\"pattern\":\"^(a+)+$\",\"stream\":\"any\","
	 "\"severity\":\"low\",\"kind\":\"noise\"},"
	 "{\"name\":\"err\",\"pattern\":\"oops\",\"stream\":\"stderr\","
	 "\"severity\":\"medium\",\"kind\":\"warning\"},"
	 "{\"name\":\"torn\",\"pattern\":\"(unclosed\",\"stream\":\"any\","
	 "\"severity\":\"medium\",\"kind\":\"warning\"},"
	 "{\"name\":\"late\",\"pattern\":\"oom|a!\",\"stream\":\"any\","
	 "\"severity\":\"low\",\"kind\":\"metric\"}]}";
static const char policy_bare[] = "{\"classify\":{\"base\":false},\"rule\":[]}";

struct notes {
	int count;
	char last[1024];
};

static struct judge judge;
static struct notes notes;

static void
note_cb(void *arg, const char *words)
{
	struct notes *to = arg;

	to->count++;
	snprintf(to->last, sizeof(to->last), "%s", words);
}

static void
start(const char *json)
{
	struct policy policy = { json_loads(json, 0, NULL) };
	struct why why;

	assert_non_null(policy.root);
	memset(&notes, 0, sizeof(notes));
	if (judge_init(&judge, &policy, note_cb, &notes, &why) == -1)
		fail_msg("%s", why.text);
	policy_release(&policy);
}

static struct verdict
verdict_on(enum stream stream, const char *line)
{
	struct text text = { line, strlen(line) };
	struct verdict verdict;

	judge_line(&judge, stream, &text, judge_look(&judge, &text), &verdict);
	return verdict;
}

static int
with_rules(void **state)
{
	(void)state;
	start(policy_rules);
	return 0;
}

static int
without(void **state)
{
	(void)state;
	start(policy_bare);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	judge_release(&judge);
	return 0;
}

static void
first_rule_wins(void **state)
{
	struct verdict verdict = verdict_on(STREAM_STDOUT, "a booom here");

	(void)state;
	assert_true(verdict.alert);
	assert_int_equal(verdict.rule, 0);
	assert_int_equal(verdict.severity, SEVERITY_CRITICAL);
	assert_string_equal(verdict.source, "rule:boom");
	assert_int_equal(verdict_on(STREAM_STDOUT, "oom").rule, 4);
}

static void
rule_of_one_stream(void **state)
{
	(void)state;
	assert_int_equal(verdict_on(STREAM_STDERR, "oops").rule, 2);
	assert_false(verdict_on(STREAM_STDOUT, "oops").alert);
}

static void
rule_beats_builtin(void **state)
{
	(void)state;
	assert_int_equal(verdict_on(STREAM_STDOUT,
			     "ERROR: boom, CUDA out of memory")
			     .rule,
	    0);
}

/* A pattern that does not compile is told of, and the others serve. */
static void
bad_rule_is_off(void **state)
{
	(void)state;
	assert_int_equal(notes.count, 1);
	assert_non_null(strstr(notes.last, "rule:torn is off: "));
}

static void
costly_rule_is_off_after_a_while(void **state)
{
	static const char line[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";

	(void)state;
	assert_int_equal(verdict_on(STREAM_STDOUT, "aaaa").rule, 1);
	notes.count = 0;
	for (int i = 0; i < 100; i++)
		assert_int_equal(verdict_on(STREAM_STDOUT, line).rule, 4);
	assert_int_equal(notes.count, 1);
	assert_non_null(strstr(notes.last, "rule:slow is off: "));
	assert_false(verdict_on(STREAM_STDOUT, "aaaa").alert);
	assert_int_equal(verdict_on(STREAM_STDOUT, "boom").rule, 0);
}

/* Long lines are no reason to give up on a plain pattern. */
static void
long_line_is_affordable(void **state)
{
	static char line[60001];

	(void)state;
	memset(line, 'b', sizeof(line) - 1);
	assert_false(verdict_on(STREAM_STDOUT, line).alert);
	memcpy(line + sizeof(line) - 5, "boom", 5);
	notes.count = 0;
	for (int i = 0; i < 20; i++)
		assert_int_equal(verdict_on(STREAM_STDOUT, line).rule, 0);
	assert_int_equal(notes.count, 0);
}

struct expected {
	const char *line;
	enum severity severity;
};

static void
check(const struct expected *rows, size_t count, const char *source)
{
	for (size_t i = 0; i < count; i++) {
		struct verdict verdict = verdict_on(STREAM_STDOUT,
		    rows[i].line);
		enum severity severity = verdict.alert ? verdict.severity
						       : SEVERITY_NONE;

		if (severity != rows[i].severity)
			fail_msg("%s: %s", rows[i].line,
			    severity_name(severity));
		if (verdict.alert)
			assert_string_equal(verdict.source, source);
	}
}

#define CHECK(rows, source) check(rows, sizeof(rows) / sizeof(*(rows)), source)

static void
builtins_speak(void **state)
{
	static const struct expected rows[] = {
		{ "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB",
		    SEVERITY_CRITICAL },
		{ "torch.cuda.OutOfMemoryError: x", SEVERITY_CRITICAL },
		{ "RuntimeError: HIP out of memory", SEVERITY_CRITICAL },
		{ "Killed", SEVERITY_CRITICAL },
		{ "run.sh: line 3:  4711 Killed    python t.py",
		    SEVERITY_CRITICAL },
		{ "Out of memory: Killed process 4711 (python)",
		    SEVERITY_CRITICAL },
		{ "MemoryError", SEVERITY_CRITICAL },
		{ "Segmentation fault (core dumped)", SEVERITY_CRITICAL },
		{ "panic: runtime error: index out of range",
		    SEVERITY_CRITICAL },
		{ "OSError: [Errno 28] No space left on device",
		    SEVERITY_CRITICAL },
		{ "cp: x: Disk quota exceeded", SEVERITY_CRITICAL },
		{ "Watchdog caught collective operation timeout: x",
		    SEVERITY_CRITICAL },
		{ "CUDA error: an illegal memory access was encountered",
		    SEVERITY_CRITICAL },
		{ "FATAL: database is gone", SEVERITY_CRITICAL },
		{ "2031-01-02 03:04:05 [main] CRITICAL - lost quorum",
		    SEVERITY_CRITICAL },
		{ "2031-01-02 03:04:05,123 - app.x - ERROR - upload broke",
		    SEVERITY_HIGH },
		{ "[ERROR] upload broke", SEVERITY_HIGH },
		{ "level=error msg=\"upload broke\"", SEVERITY_HIGH },
		{ "error: cannot find that", SEVERITY_HIGH },
		{ "x.c:3:5: error: no such thing", SEVERITY_HIGH },
		{ "ValueError: bad value", SEVERITY_HIGH },
		{ "java.lang.IllegalStateException: no", SEVERITY_HIGH },
		{ "npm ERR! code ELIFECYCLE", SEVERITY_HIGH },
		{ "a.out: x.c:9: main: Assertion `n > 0' failed.",
		    SEVERITY_HIGH },
		{ "epoch 3 loss: nan", SEVERITY_HIGH },
		{ "step 9 train_loss=inf", SEVERITY_HIGH },
		{ "process exited with code 137", SEVERITY_HIGH },
		{ "giving up after 5 tries", SEVERITY_HIGH },
		{ "./run.sh: line 9: foo: command not found", SEVERITY_HIGH },
		{ "Saved checkpoint to out/step_1000.pt", SEVERITY_LOW },
		{ "checkpoint at step 900 saved", SEVERITY_LOW },
		{ "Training complete in 3h", SEVERITY_LOW },
		{ "Run finished successfully", SEVERITY_LOW },
		{ "Early stopping triggered at epoch 12", SEVERITY_LOW },
		{ "New best validation score: 0.91", SEVERITY_LOW },
		{ "BUILD SUCCESSFUL in 3s", SEVERITY_LOW },
		{ "INFO: Application startup complete.", SEVERITY_LOW },
	};

	(void)state;
	CHECK(rows, "prior");
}

static void
builtins_are_quiet(void **state)
{
	static const char *const quiet[] = {
		"",
		"[step 100] loss=0.05 lr=0.0001",
		"batch complete",
		"error_count=0",
		"0 errors",
		"errors: 0, warnings: 2",
		"failed=0",
		"ok=7 changed=2 unreachable=0 failed=0",
		"no errors found",
		"compiled without errors",
		"Epoch 3 complete: loss 0.31",
		"nan iterations: 0",
		"step 12 done",
		"val_error: 0.031",
		"mean error = 0.5",
		"test_error_handling (tests.TestX) ... ok",
		"loading error_codes.json",
		"INFO handling ERROR page",
		"grad_norm: 0.7 | loss: 2.31",
		"info: nothing special",
		"checkpoint_every: 500",
		"early_stopping: true",
		"early_stopping_patience=3",
		"Downloading model weights",
		"ERROR=0 WARN=0 PASS=12",
		"retrying after timeout",
		"connecting to 10.0.0.1",
		"NCCL INFO Channel 00/02 : 0 1",
		"export NCCL_ASYNC_ERROR_HANDLING=1",
		"killed: 0",
		"finalizing the fatality report",
		"panicle counts: 3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet); i++)
		if (verdict_on(STREAM_STDOUT, quiet[i]).alert)
			fail_msg("not quiet: %s", quiet[i]);
}

static void
a_count_that_is_not_zero_speaks(void **state)
{
	(void)state;
	assert_true(verdict_on(STREAM_STDOUT,
	    "[ERROR] Tests run: 9, Failures: 2, Errors: 0")
			.alert);
	assert_false(verdict_on(STREAM_STDOUT,
	    "[ERROR] Tests run: 9, Failures: 0, Errors: 0")
			 .alert);
}

static void
records_are_what_they_say(void **state)
{
	static const struct expected rows[] = {
		{ "{\"level\":\"info\",\"msg\":\"FATAL: just a word\"}",
		    SEVERITY_NONE },
		{ "{\"level\":\"warn\",\"msg\":\"x\"}", SEVERITY_MEDIUM },
		{ "{\"severity\":\"ERROR\",\"message\":\"x\"}", SEVERITY_HIGH },
		{ "  {\"msg\":\"x\",\"level\":\"Fatal\"}  ",
		    SEVERITY_CRITICAL },
		{ "{\"level\":50,\"msg\":\"x\"}", SEVERITY_HIGH },
		{ "{\"event\":\"panic: x\"}", SEVERITY_NONE },
		{ "{\"event\":\"x\",\"level\":\"critical\"}",
		    SEVERITY_CRITICAL },
		{ "{\"level\":\"error\"}", SEVERITY_NONE },
		{ "{\"level\":\"error\",\"msg\":7}", SEVERITY_NONE },
		{ "{\"level\":\"error\",\"msg\":\"torn}", SEVERITY_NONE },
		{ "{'level': 'error', 'msg': 'x'}", SEVERITY_NONE },
	};
	struct verdict verdict;

	(void)state;
	CHECK(rows, "json");
	verdict = verdict_on(STREAM_STDOUT,
	    "{\"level\":\"error\",\"msg\":\"line\\none\\u0000\\u001b[1mx\"}");
	assert_int_equal(verdict.message.length, strlen("line one x"));
	assert_memory_equal(verdict.message.bytes, "line one x",
	    verdict.message.length);
}

static void
deep_json_is_harmless(void **state)
{
	static char line[60001];

	(void)state;
	memset(line, '[', sizeof(line) - 1);
	memcpy(line, "{\"level\":", 9);
	line[sizeof(line) - 2] = '}';
	assert_false(verdict_on(STREAM_STDOUT, line).alert);
}

static void
base_off_leaves_rules_and_records(void **state)
{
	(void)state;
	assert_int_equal(judge_look(&judge, &(struct text){ "FATAL: x", 8 })
			     ->cues,
	    0);
	assert_false(verdict_on(STREAM_STDOUT, "FATAL: x").alert);
	assert_true(
	    verdict_on(STREAM_STDOUT, "{\"level\":\"error\",\"msg\":\"x\"}")
		.alert);
}

#define WITH(test, how) cmocka_unit_test_setup_teardown(test, how, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(first_rule_wins, with_rules),
		WITH(rule_of_one_stream, with_rules),
		WITH(rule_beats_builtin, with_rules),
		WITH(bad_rule_is_off, with_rules),
		WITH(costly_rule_is_off_after_a_while, with_rules),
		WITH(long_line_is_affordable, with_rules),
		WITH(builtins_speak, with_rules),
		WITH(builtins_are_quiet, with_rules),
		WITH(a_count_that_is_not_zero_speaks, with_rules),
		WITH(records_are_what_they_say, with_rules),
		WITH(deep_json_is_harmless, with_rules),
		WITH(base_off_leaves_rules_and_records, without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
