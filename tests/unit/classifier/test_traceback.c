/*
 * test_traceback.c - Python's tracebacks: what is a line of one, which line
 * is told, and what ends a group.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "group.h"

#define HEAD "Traceback (most recent call last):"

/*
 * Runs the lines through a group; `marks` gets a letter for each: f final,
 * w within, '.' none; and an 'X' before a line that breaks an open group.
 */
static void
run(struct group *group, const char *const *lines, char *marks)
{
	static const char letter[] = ".wf";
	uint64_t offset = 0;

	for (; *lines != NULL; lines++) {
		struct text text = { *lines, strlen(*lines) };
		struct line line = { offset, text.length, STREAM_STDERR,
			text.bytes, text.length };

		if (group_is_broken_by(group, &text)) {
			*marks++ = 'X';
			group_close(group);
		}
		*marks++ = letter[group_step(group, &line, &text, true)];
		offset += text.length + 1;
	}
	*marks = '\0';
}

static struct group group;

static void
check(const char *const *lines, const char *expected)
{
	char marks[256];

	group_init(&group, &grammar_python);
	run(&group, lines, marks);
	assert_string_equal(marks, expected);
}

#define CHECK(expected, ...)                                              \
	do {                                                              \
		static const char *const lines[] = { __VA_ARGS__, NULL }; \
		check(lines, expected);                                   \
	} while (0)

#define FRAME "  File \"a.py\", line 3, in f", "    g(x)"

static void
simple(void **state)
{
	(void)state;
	CHECK(".wwwf.", "hello", HEAD, FRAME, "ValueError: bad", "go on");
	CHECK("wwwf", HEAD, FRAME, "KeyboardInterrupt");
	CHECK("wwwf", HEAD, FRAME, "a.b.c_d.Oops: x");
	CHECK("wwwf", HEAD, FRAME, "subprocess.CalledProcessError");
	CHECK("wwwf", HEAD, FRAME, "Exception: x");
	CHECK("wf", HEAD, "MemoryError");
}

static void
carets_and_repeats(void **state)
{
	(void)state;
	CHECK("wwwwwf", HEAD, FRAME, "      ^^^^",
	    "  [Previous line repeated 996 more times]",
	    "RecursionError: maximum recursion depth exceeded");
}

static void
prefix_on_each_line(void **state)
{
	(void)state;
	CHECK("wwwf", "[rank0]: " HEAD, "[rank0]:   File \"a.py\", line 3",
	    "[rank0]:     g()", "[rank0]: TypeError: x");
	CHECK("wwwf", "2031-01-02 03:04:05 E " HEAD,
	    "2031-01-02 03:04:06 E   File \"a.py\", line 3",
	    "2031-01-02 03:04:07 E     g()",
	    "2031-01-02 03:04:08 E TypeError: x");
}

static void
prefix_on_the_header_alone(void **state)
{
	(void)state;
	CHECK("wwwf", "12:00:01 worker ERROR " HEAD, FRAME, "OSError: x");
}

static void
other_rank_breaks(void **state)
{
	(void)state;
	CHECK("wwX.", "[rank0]: " HEAD, "[rank0]:   File \"a.py\", line 3",
	    "[rank1]: TypeError: x");
}

static void
breaks(void **state)
{
	(void)state;
	CHECK("wwwX.", HEAD, FRAME, "epoch 3: loss 0.1");
	CHECK("wwwX.", HEAD, FRAME, "Epoch: 3");
	CHECK("wwwX.", HEAD, FRAME, "");
	CHECK("wwwXww", HEAD, FRAME, HEAD, "  File \"b.py\", line 1");
}

static void
header_must_end_its_line(void **state)
{
	(void)state;
	CHECK("..", HEAD " was printed", "  indented");
	CHECK(".", "print('" HEAD "')");
	CHECK("w", HEAD "  ");
}

static void
chain_is_one_context(void **state)
{
	(void)state;
	CHECK("wwwf"
	      "www"
	      "wwwf",
	    HEAD, FRAME, "KeyError: 'a'", "",
	    "During handling of the above exception, another exception "
	    "occurred:",
	    "", HEAD, FRAME, "ValueError: b");
	assert_non_null(
	    memmem(group.excerpt.bytes, group.excerpt.length, "KeyError", 8));
	assert_non_null(memmem(group.excerpt.bytes, group.excerpt.length,
	    "ValueError", 10));
}

static void
next_one_is_another_context(void **state)
{
	(void)state;
	CHECK("wwwf"
	      "wwwf",
	    HEAD, FRAME, "KeyError: 'a'", HEAD, FRAME, "ValueError: b");
	assert_null(
	    memmem(group.excerpt.bytes, group.excerpt.length, "KeyError", 8));
}

/* Once the final line is there, nothing is owed: the cursor may pass. */
static void
open_until_the_final_line(void **state)
{
	static const char *const lines[] = { HEAD, FRAME, NULL };
	static const char *const last[] = { "ValueError: x", NULL };
	char marks[8];

	(void)state;
	group_init(&group, &grammar_python);
	run(&group, lines, marks);
	assert_true(group_is_open(&group));
	run(&group, last, marks);
	assert_false(group_is_open(&group));
}

static void
long_context_is_cut_in_the_middle(void **state)
{
	char body[200];
	char marks[2];
	const char *lines[] = { HEAD, NULL };

	(void)state;
	group_init(&group, &grammar_python);
	run(&group, lines, marks);
	lines[0] = body;
	for (int i = 0; i < 2000; i++) {
		memset(body, 'x', sizeof(body));
		snprintf(body, sizeof(body), "    frame %d of many %*d", i,
		    i % 120, i);
		run(&group, lines, marks);
		assert_string_equal(marks, "w");
		assert_true(group.excerpt.length <= CONTEXT_MAX);
	}
	lines[0] = "ValueError: the last line";
	run(&group, lines, marks);
	assert_memory_equal(group.excerpt.bytes, HEAD, strlen(HEAD));
	assert_non_null(
	    memmem(group.excerpt.bytes, group.excerpt.length, "\n[...]\n", 7));
	assert_memory_equal(group.excerpt.bytes + group.excerpt.length - 26,
	    "ValueError: the last line\n", 26);
}

/* The table has a cell for every state and event: none leads outside. */
static void
every_cell_is_a_state(void **state)
{
	(void)state;
	for (int s = 0; s < GRAMMAR_STATES; s++)
		for (int e = 0; e < GRAMMAR_EVENTS; e++)
			assert_true(grammar_python.next[s][e] < GRAMMAR_STATES);
	for (int s = 0; s < GRAMMAR_STATES; s++) {
		assert_int_equal(grammar_python.next[s][GRAMMAR_OTHER],
		    GRAMMAR_IDLE);
		assert_int_equal(grammar_python.next[s][GRAMMAR_HEADER],
		    GRAMMAR_OPEN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simple),
		cmocka_unit_test(carets_and_repeats),
		cmocka_unit_test(prefix_on_each_line),
		cmocka_unit_test(prefix_on_the_header_alone),
		cmocka_unit_test(other_rank_breaks),
		cmocka_unit_test(breaks),
		cmocka_unit_test(header_must_end_its_line),
		cmocka_unit_test(chain_is_one_context),
		cmocka_unit_test(next_one_is_another_context),
		cmocka_unit_test(open_until_the_final_line),
		cmocka_unit_test(long_context_is_cut_in_the_middle),
		cmocka_unit_test(every_cell_is_a_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
