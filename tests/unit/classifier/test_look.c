/*
 * test_look.c - the memory changes no verdict. The oracle is a judge without
 * one, that has each rule tried on each line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "verdict.h"

#define LINE_MAX_ 256

static const char policy_json
    [] = "{\"classify\":{\"base\":true},\"rule\":["
	 "{\"name\":\"slow\",\"pattern\":\"took [1-9]\\\\d{3,} ms\","
	 "\"stream\":\"any\",\"severity\":\"low\",\"kind\":\"metric\"},"
	 "{\"name\":\"exact\",\"pattern\":\"step 17\\\\b\","
	 "\"stream\":\"any\",\"severity\":\"high\",\"kind\":\"failure\"},"
	 "{\"name\":\"path\",\"pattern\":\"(?i)/SCRATCH/run[0-3]/\","
	 "\"stream\":\"stderr\",\"severity\":\"high\",\"kind\":\"failure\"},"
	 "{\"name\":\"twin\",\"pattern\":\"\\\\b(\\\\d+)/\\\\1\\\\b\","
	 "\"stream\":\"any\",\"severity\":\"low\",\"kind\":\"milestone\"},"
	 "{\"name\":\"last\",\"pattern\":\"quota|never said\","
	 "\"stream\":\"any\",\"severity\":\"medium\",\"kind\":\"warning\"}]}";

/* Parts of lines whose meaning hangs on a digit, and others. */
static const char *const parts[] = { "[step 17]", "step 17", "loss=0.0312",
	"loss=nan", "loss: inf", "errors: 0", "0 errors", "3 failed",
	"failed=0", "ERROR", "INFO", "E0512 10:00:07", "exit code 0",
	"exited with code 137", "exit status 1", "took 4711 ms", "took 0999 ms",
	"17/17", "17/100", "/scratch/run2/x", "/data/run7", "0x1f00",
	"deadbeef01", "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "attempt 1/3",
	"retrying", "Killed", "killed process 4711", "got signal 9",
	"signal: 0", "10.0.0.1:8080", "2031-05-06 10:00:07,000",
	"tests: 12 passed, 0 failed", "Test Suites: 3 failed",
	"No space left on device", "quota", "0", "00", "1e-05", "rank0",
	"[rank1]:", "Traceback (most recent call last):", "ValueError: 3",
	"make: *** [x] Error 2", "Error: 5.0%", "error: x", "worker 3 died",
	"Saved checkpoint to out/step_1000.pt", "caf\xc3\xa9",
	"{\"level\":\"error\",\"msg\":\"3 gone\"}", "100%", "40%",
	"done 7 of 7", "3 of 7", "<13>x", "cmd 2>&1", "cmd 1>y", "took 0.04 s",
	"in 3.2s", "Finished job 41", "Finished job 40000",
	"{\"level\":50,\"msg\":\"x\"}", "{\"level\":30,\"msg\":\"x\"}" };

static struct judge fast, slow;
static uint32_t random_state = 5;

static unsigned
random_below(unsigned n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (unsigned)((uint64_t)(random_state >> 8) * n >> 24);
}

static void
note_cb(void *arg, const char *words)
{
	(void)arg;
	fail_msg("%s", words);
}

static int
start(void **state)
{
	struct policy policy = { json_loads(policy_json, 0, NULL) };
	struct why why;

	(void)state;
	assert_non_null(policy.root);
	if (judge_init(&fast, &policy, note_cb, NULL, &why) == -1 ||
	    judge_init(&slow, &policy, note_cb, NULL, &why) == -1)
		fail_msg("%s", why.text);
	policy_release(&policy);
	looks_free(slow.looks);
	slow.looks = NULL;
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	judge_release(&fast);
	judge_release(&slow);
	return 0;
}

/* Some parts, whose digits are others now and then. */
static size_t
random_line(char *line)
{
	unsigned count = 1 + random_below(3);
	size_t n;

	*line = '\0';
	for (unsigned i = 0; i < count; i++) {
		strcat(line, i == 0 ? "" : " ");
		strcat(line,
		    parts[random_below(sizeof(parts) / sizeof(parts[0]))]);
	}
	n = strlen(line);
	for (size_t i = 0; i < n; i++)
		if (line[i] >= '0' && line[i] <= '9' && random_below(4) == 0)
			line[i] = (char)('0' +
			    random_below(2) * random_below(10));
	return n;
}

static void
same_verdict(enum stream stream, const struct text *text)
{
	struct look all = *judge_look(&slow, text);
	struct verdict one, other;

	all.rules = UINT64_MAX;
	all.record = true;
	judge_line(&fast, stream, text, judge_look(&fast, text), &one);
	judge_line(&slow, stream, text, &all, &other);
	if (one.alert != other.alert || one.rule != other.rule ||
	    one.severity != other.severity || one.kind != other.kind ||
	    one.score - other.score > 1e-6 || other.score - one.score > 1e-6 ||
	    strcmp(one.source, other.source) != 0 ||
	    one.message.length != other.message.length ||
	    memcmp(one.message.bytes, other.message.bytes,
		one.message.length) != 0)
		fail_msg("%.*s: %d by %s, %d by %s", (int)text->length,
		    text->bytes, one.alert, one.source, other.alert,
		    other.source);
}

static void
it_changes_no_verdict(void **state)
{
	char line[4 * LINE_MAX_];
	unsigned alerts = 0, known = 0;

	(void)state;
	for (int turn = 0; turn < 300000; turn++) {
		struct text text = { line, random_line(line) };
		uint64_t hash = outline_hash(&fast.key, &text);
		bool seen;

		if (turn % 100 == 0) {
			*looks_get(fast.looks, hash, &seen) = *judge_look(&slow,
			    &text);
			known += seen;
			alerts += judge_look(&fast, &text)->cues != 0;
		}
		same_verdict((enum stream)(turn % 2), &text);
	}
	assert_true(known > 100 && alerts > 100); /* it was at work */
}

/* More outlines than there is room for. */
static void
it_forgets_and_stays_right(void **state)
{
	char line[64];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 40000; i++) {
			struct text text = { line, 0 };

			text.length = (size_t)snprintf(line, sizeof(line),
			    "%c%c%c%c exit code %d", 'a' + i % 26,
			    'a' + i / 26 % 26, 'a' + i / 676 % 26,
			    'a' + i / 17576, i % 3);
			same_verdict(STREAM_STDOUT, &text);
		}
}

static void
a_set_keeps_the_last_two(void **state)
{
	struct looks *looks = looks_new();
	const uint64_t step = 1 << 20; /* the same set */
	bool known;

	(void)state;
	assert_non_null(looks);
	for (uint64_t i = 1; i <= 3; i++) {
		looks_get(looks, i * step, &known)->rules = i;
		assert_false(known);
	}
	assert_int_equal(looks_get(looks, 2 * step, &known)->rules, 2);
	assert_true(known);
	assert_int_equal(looks_get(looks, 3 * step, &known)->rules, 3);
	assert_true(known);
	assert_int_equal(looks_get(looks, step, &known)->rules, 0);
	assert_false(known);
	assert_int_equal(looks_get(looks, 3 * step, &known)->rules, 3);
	assert_true(known);
	looks_free(looks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_changes_no_verdict),
		cmocka_unit_test(it_forgets_and_stays_right),
		cmocka_unit_test(a_set_keeps_the_last_two),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
