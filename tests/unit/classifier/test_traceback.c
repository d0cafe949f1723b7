/*
 * test_traceback.c - Python's tracebacks: what is a line of one, which line
 * is told, what ends a group, and whose lines are whose when ranks print
 * into each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "marks.h"

#define POLICY "{\"classify\":{\"base\":true},\"rule\":[]}"
#define HEAD "Traceback (most recent call last):"
#define FRAME "  File \"a.py\", line 3, in f", "    g(x)"

/* The marks of the lines, and how many findings there were. */
static void
check(const char *const *lines, const char *expected, unsigned findings)
{
	marks_start(POLICY);
	for (; *lines != NULL; lines++)
		marks_line(*lines);
	marks_end();
	assert_string_equal(marks.letters, expected);
	assert_int_equal(marks.findings, findings);
}

#define CHECK(expected, findings, ...)                                    \
	do {                                                              \
		static const char *const lines[] = { __VA_ARGS__, NULL }; \
		check(lines, expected, findings);                         \
	} while (0)

static void
simple(void **state)
{
	(void)state;
	CHECK(".hwwf.", 1, "hello", HEAD, FRAME, "ValueError: bad", "go on");
	assert_string_equal(marks.message, "ValueError: bad");
	CHECK("hwwf", 1, HEAD, FRAME, "KeyboardInterrupt");
	CHECK("hwwf", 1, HEAD, FRAME, "a.b.c_d.Oops: x");
	CHECK("hwwf", 1, HEAD, FRAME, "subprocess.CalledProcessError");
	CHECK("hwwf", 1, HEAD, FRAME, "Exception: x");
	CHECK("hf", 1, HEAD, "MemoryError");
}

static void
carets_and_repeats(void **state)
{
	(void)state;
	CHECK("hwwwwf", 1, HEAD, FRAME, "      ^^^^",
	    "  [Previous line repeated 996 more times]",
	    "RecursionError: maximum recursion depth exceeded");
}

static void
text_of_several_lines(void **state)
{
	(void)state;
	CHECK("hwwfww.", 1, HEAD, FRAME,
	    "RuntimeError: errors in loading:", "\tsize mismatch for a.weight",
	    "\tsize mismatch for b.weight", "go on");
}

/* What trails behind speaks for itself, as it would after a restart. */
static void
alert_behind(void **state)
{
	(void)state;
	CHECK("hwwfw", 2, HEAD, FRAME, "ValueError: x", "  Killed");
	assert_string_equal(marks.message, "  Killed");
}

static void
prefix_on_each_line(void **state)
{
	(void)state;
	CHECK("hwwf", 1, "[rank0]: " HEAD, "[rank0]:   File \"a.py\", line 3",
	    "[rank0]:     g()", "[rank0]: TypeError: x");
	CHECK("hwwf", 1, "2031-01-02 03:04:05 E " HEAD,
	    "2031-01-02 03:04:06 E   File \"a.py\", line 3",
	    "2031-01-02 03:04:07 E     g()",
	    "2031-01-02 03:04:08 E TypeError: x");
	CHECK("hwwf", 1, "whatever stands here: " HEAD,
	    "whatever stands here:   File \"a.py\", line 3",
	    "whatever stands here:     g()",
	    "whatever stands here: TypeError: x");
}

static void
prefix_on_the_header_alone(void **state)
{
	(void)state;
	CHECK("hwwf", 1, "12:00:01 worker ERROR " HEAD, FRAME, "OSError: x");
}

static void
ranks_interleave(void **state)
{
	(void)state;
	CHECK("hhwwwwff", 2, "[rank0]: " HEAD, "[rank1]: " HEAD,
	    "[rank1]:   File \"a.py\", line 3",
	    "[rank0]:   File \"a.py\", line 3", "[rank0]:     g()",
	    "[rank1]:     g()", "[rank1]: TypeError: x",
	    "[rank0]: ValueError: y");
	assert_int_equal(marks.groups[0], marks.groups[7]);
	assert_int_equal(marks.groups[1], marks.groups[6]);
	assert_int_not_equal(marks.groups[0], marks.groups[1]);
	assert_string_equal(marks.message, "[rank0]: ValueError: y");
	assert_null(strstr(marks.context, "rank1"));
}

/* Rank 1's error is not rank 0's, and rank 0's trace is told as it is. */
static void
other_rank_is_foreign(void **state)
{
	(void)state;
	CHECK("hw.", 1, "[rank0]: " HEAD, "[rank0]:   File \"a.py\", line 3",
	    "[rank1]: go on");
	assert_string_equal(marks.message, "[rank0]: " HEAD);
}

/* A logger's line in the middle of it is not the end of it. */
static void
logger_in_between(void **state)
{
	(void)state;
	CHECK("hw.wf", 1, HEAD, "  File \"a.py\", line 3",
	    "2031-01-02 03:04:05 INFO step 3", "    g()", "ValueError: x");
}

static void
more_ranks_than_places(void **state)
{
	char line[128];

	(void)state;
	marks_start(POLICY);
	for (int rank = 0; rank < 3 * GROUPS_MAX; rank++) {
		snprintf(line, sizeof(line), "[rank%d]: " HEAD, rank);
		marks_line(line);
	}
	assert_int_equal(marks.findings, 2 * GROUPS_MAX);
	marks_end();
	assert_int_equal(marks.findings, 3 * GROUPS_MAX);
}

static void
breaks(void **state)
{
	(void)state;
	CHECK("hww.", 1, HEAD, FRAME, "epoch 3: loss 0.1");
	assert_string_equal(marks.message, HEAD);
	assert_int_equal(marks.found_at, 0);
	CHECK("hww.", 1, HEAD, FRAME, "Epoch: 3");
	CHECK("hww.", 1, HEAD, FRAME, "");
	CHECK("hwwhw", 2, HEAD, FRAME, HEAD, "  File \"b.py\", line 1");
}

static void
header_must_end_its_line(void **state)
{
	(void)state;
	CHECK("..", 0, HEAD " was printed", "  indented");
	CHECK(".", 0, "print('" HEAD "')");
	CHECK("h", 1, HEAD "  ");
}

static void
chain_is_one_context(void **state)
{
	(void)state;
	CHECK("hwwf"
	      "www"
	      "hwwf",
	    2, HEAD, FRAME, "KeyError: 'a'", "",
	    "During handling of the above exception, another exception "
	    "occurred:",
	    "", HEAD, FRAME, "ValueError: b");
	assert_non_null(strstr(marks.context, "KeyError"));
	assert_non_null(strstr(marks.context, "ValueError"));
	assert_int_equal(marks.groups[0], marks.groups[10]);
}

static void
next_one_is_another_context(void **state)
{
	(void)state;
	CHECK("hwwf"
	      "hwwf",
	    2, HEAD, FRAME, "KeyError: 'a'", HEAD, FRAME, "ValueError: b");
	assert_null(strstr(marks.context, "KeyError"));
	assert_int_not_equal(marks.groups[0], marks.groups[4]);
}

/* Once the final line is there, nothing is owed: the cursor may pass. */
static void
open_until_the_final_line(void **state)
{
	(void)state;
	marks_start(POLICY);
	marks_line(HEAD);
	marks_line("  File \"a.py\", line 3, in f");
	assert_true(examiner_open(&marks.examiner));
	marks_line("ValueError: x");
	assert_false(examiner_open(&marks.examiner));
	marks_end();
}

static void
long_context_is_cut_in_the_middle(void **state)
{
	static const char last[] = "ValueError: the last line\n";
	char body[200];

	(void)state;
	marks_start(POLICY);
	marks_line(HEAD);
	for (int i = 0; i < 2000; i++) {
		snprintf(body, sizeof(body), "    frame %d of many %*d", i,
		    i % 120, i);
		marks_line(body);
	}
	marks_line("ValueError: the last line");
	assert_int_equal(marks.findings, 1);
	assert_memory_equal(marks.context, HEAD, strlen(HEAD));
	assert_non_null(strstr(marks.context, "\n[...]\n"));
	assert_string_equal(marks.context + strlen(marks.context) -
		strlen(last),
	    last);
	marks_end();
}

static void
exception_groups(void **state)
{
	(void)state;
	CHECK("hwwwfwfwwwfw.", 1, "  + Exception Group " HEAD,
	    "  |   File \"a.py\", line 3, in f", "  |     g(x)", "  |     ^^^^",
	    "  | ExceptionGroup: two (2 sub-exceptions)",
	    "  +-+---------------- 1 ----------------", "    | ValueError: one",
	    "    +---------------- 2 ----------------", "    | " HEAD,
	    "    |   File \"a.py\", line 4, in g", "    | KeyError: 'two'",
	    "    +------------------------------------", "go on");
}

static void
fatal_error_of_the_interpreter(void **state)
{
	(void)state;
	CHECK("hwwwww.", 1, "Fatal Python error: Segmentation fault", "",
	    "Current thread 0x00007f1 (most recent call first):",
	    "  File \"a.py\", line 3 in f", "",
	    "Extension modules: a.b, c.d (total: 2)", "go on");
	assert_int_equal(marks.severity, SEVERITY_CRITICAL);
}

static void
box_of_torchrun(void **state)
{
	static const char rule[] = "========================================";

	(void)state;
	CHECK("hfwwwwe.", 1, rule, "train.py FAILED", "--------------",
	    "Root Cause (first observed failure):", "[0]:",
	    "  exitcode  : 1 (pid: 77)", rule, "go on");
	assert_string_equal(marks.message, "train.py FAILED");
	assert_non_null(strstr(marks.context, "exitcode"));
	CHECK("....", 0, rule, "Layer (type)     Output", rule, "go on");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simple),
		cmocka_unit_test(carets_and_repeats),
		cmocka_unit_test(text_of_several_lines),
		cmocka_unit_test(alert_behind),
		cmocka_unit_test(prefix_on_each_line),
		cmocka_unit_test(prefix_on_the_header_alone),
		cmocka_unit_test(ranks_interleave),
		cmocka_unit_test(other_rank_is_foreign),
		cmocka_unit_test(logger_in_between),
		cmocka_unit_test(more_ranks_than_places),
		cmocka_unit_test(breaks),
		cmocka_unit_test(header_must_end_its_line),
		cmocka_unit_test(chain_is_one_context),
		cmocka_unit_test(next_one_is_another_context),
		cmocka_unit_test(open_until_the_final_line),
		cmocka_unit_test(long_context_is_cut_in_the_middle),
		cmocka_unit_test(exception_groups),
		cmocka_unit_test(fatal_error_of_the_interpreter),
		cmocka_unit_test(box_of_torchrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
