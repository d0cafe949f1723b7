/*
 * test_grammar.c - events of several lines other than Python's: which lines
 * belong to each, which one is told, and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "marks.h"

#define POLICY "{\"classify\":{\"base\":true},\"rule\":[]}"
#define LINES_MAX 16

struct row {
	const char *marks; /* a letter for each line: marks.h */
	const char *told;  /* the finding's message; NULL: none */
	enum severity severity;
	const char *lines[LINES_MAX];
};

static const struct row rows[] = {
	/* the JVM */
	{ "hwwwfww.", "Exception in thread \"main\" a.b.OddException: text",
	    SEVERITY_HIGH,
	    { "Exception in thread \"main\" a.b.OddException: text",
		"\tat a.b.C.f(C.java:3)", "\tat a.b.C.<init>(C.java:4)",
		"\tSuppressed: a.b.Other: x", "Caused by: a.b.Third: y",
		"\tat a.b/c.D$1.g(D.scala:5)", "\t... 12 more", "go on" } },
	{ "hww.", "12:00:01 [main] ERROR a.b.C - java.lang.Error: text",
	    SEVERITY_HIGH,
	    { "12:00:01 [main] ERROR a.b.C - java.lang.Error: text",
		"\tat a.b.C.f(C.java:3)", "\tat a.b.C.f(Native Method)",
		"12:00:02 [main] INFO a.b.C - go on" } },
	/* worse below than above */
	{ "hwfw", "a.b.OddException: text", SEVERITY_CRITICAL,
	    { "a.b.OddException: text", "\tat a.b.C.f(C.java:3)",
		"Caused by: java.lang.OutOfMemoryError: Java heap space",
		"\t... 2 more" } },
	{ "..", "a.b.OddException: text", SEVERITY_HIGH,
	    { "a.b.OddException: text", "go on" } },
	/* a text of several lines, and no more than some */
	{ "hwwwf.", "a.b.OddException: text", SEVERITY_HIGH,
	    { "a.b.OddException: text", "", "more of it",
		"\tat a.b.C.f(C.java:3)", "Caused by: a.b.Other", "go on" } },
	{ "...........", "a.b.OddException: text", SEVERITY_HIGH,
	    { "a.b.OddException: text", "1", "2", "3", "4", "5", "6", "7", "8",
		"9", "\tat a.b.C.f(C.java:3)" } },
	{ ".hw.", "a.b.Error: two", SEVERITY_HIGH,
	    { "a.b.OddFailure: one", "a.b.Error: two", "\tat a.b.C.f(C.java:3)",
		"go on" } },
	/* JavaScript */
	{ "hwwww.", "TypeError: x is not a function", SEVERITY_HIGH,
	    { "TypeError: x is not a function", "    at f (/srv/app/a.js:3:5)",
		"    at async g (node:x:1:2)", "    at /srv/app/b.js:7:1",
		"Node.js v20.1.0", "go on" } },
	/* Ruby, PHP */
	{ "hww.", "a.rb:3:in `f': text (A::OddError)", SEVERITY_HIGH,
	    { "a.rb:3:in `f': text (A::OddError)", "\tfrom a.rb:7:in `g'",
		"\tfrom a.rb:9:in `<main>'", "go on" } },
	{ "hwwe.", "PHP Fatal error:  Uncaught Odd: text in /a.php:3",
	    SEVERITY_CRITICAL,
	    { "PHP Fatal error:  Uncaught Odd: text in /a.php:3",
		"Stack trace:", "#0 {main}", "  thrown in /a.php on line 3",
		"go on" } },
	/* Go */
	{ "hwwwwwwe.", "panic: index out of range", SEVERITY_CRITICAL,
	    { "panic: index out of range", "",
		"goroutine 1 [running]:", "main.f(0x1, {0x2})",
		"\t/src/a.go:3 +0x1d", "created by main.main in goroutine 1",
		"\t/src/a.go:9 +0x2", "exit status 2", "go on" } },
	/* Rust, of both ages */
	{ "hwwwwe.",
	    "thread 'main' panicked at src/main.rs:2:5:", SEVERITY_CRITICAL,
	    { "thread 'main' panicked at src/main.rs:2:5:", "explicit panic",
		"stack backtrace:", "   0: f", "             at ./a.rs:3",
		"note: run with `RUST_BACKTRACE=full` for more", "go on" } },
	{ "he.", "thread 'a' panicked at 'text', src/main.rs:2:5",
	    SEVERITY_CRITICAL,
	    { "thread 'a' panicked at 'text', src/main.rs:2:5",
		"note: run with `RUST_BACKTRACE=1` environment variable",
		"go on" } },
	/* C++ */
	{ "hfe.", "terminate called after throwing an instance of 'a::b'",
	    SEVERITY_CRITICAL,
	    { "terminate called after throwing an instance of 'a::b'",
		"  what():  text", "Aborted (core dumped)", "go on" } },
	/* sanitizers */
	{ "hwwwwwe.", "==7==ERROR: AddressSanitizer: heap-use-after-free",
	    SEVERITY_CRITICAL,
	    { "==7==ERROR: AddressSanitizer: heap-use-after-free",
		"READ of size 4 at 0x1 thread T0", "    #0 0x2 in f a.c:3", "",
		"freed by thread T0 here:",
		"SUMMARY: AddressSanitizer: heap-use-after-free a.c:3 in f",
		"==7==ABORTING", "go on" } },
	{ "hww.", "a.c:3:5: runtime error: signed integer overflow",
	    SEVERITY_HIGH,
	    { "a.c:3:5: runtime error: signed integer overflow",
		"    #0 0x1 in f a.c:3",
		"SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior",
		"go on" } },
	/* a debugger */
	{ "hwww.", "Program received signal SIGSEGV, Segmentation fault.",
	    SEVERITY_CRITICAL,
	    { "Program received signal SIGSEGV, Segmentation fault.",
		"[Switching to Thread 0x7f1 (LWP 7)]", "#0  f () at a.c:3",
		"#1  0x1 in main () at a.c:9", "go on" } },
	/* each thread of a GPU */
	{ "hww.",
	    "/a/b.cu:3: f: block: [0,0,0], thread: [0,0,0] Assertion `i < n` "
	    "failed.",
	    SEVERITY_CRITICAL,
	    { "/a/b.cu:3: f: block: [0,0,0], thread: [0,0,0] Assertion `i < n` "
	      "failed.",
		"/a/b.cu:3: f: block: [0,0,0], thread: [1,0,0] Assertion `i < "
		"n` failed.",
		"/a/b.cu:3: f: block: [0,0,0], thread: [2,0,0] Assertion `i < "
		"n` failed.",
		"go on" } },
	/* test runners */
	{ "hwwwfw.", "_____ test_odd _____", SEVERITY_HIGH,
	    { "_____ test_odd _____", "", "    def test_odd():",
		">       assert f() == 3", "E       assert 4 == 3", "",
		"===== slowest durations =====" } },
	{ "hwwwww.", "  \xe2\x97\x8f a \xe2\x80\xba b", SEVERITY_HIGH,
	    { "  \xe2\x97\x8f a \xe2\x80\xba b", "", "    expected 3", "",
		"    > 7 | f()", "        |   ^", "Tests: 3" } },
	/* tools */
	{ "hwwwwe.", "fatal: [web1]: FAILED! => {", SEVERITY_CRITICAL,
	    { "fatal: [web1]: FAILED! => {", "    \"changed\": false,",
		"    \"stderr\": \"ERROR: no\",", "", "    \"rc\": 1", "}",
		"go on" } },
	{ "hww.", "Error in rule odd:", SEVERITY_HIGH,
	    { "Error in rule odd:", "    jobid: 3", "    log: a.log",
		"go on" } },
	{ "hwwe.", "Error in f(x) :", SEVERITY_HIGH,
	    { "Error in f(x) :", "  text", "Calls: g -> f", "Execution halted",
		"go on" } },
	{ "..", NULL, SEVERITY_NONE, { "No Error in sight:", "go on" } },
	{ "hfwwwe.", "\xe2\x94\x82 Error: Unsupported argument",
	    SEVERITY_CRITICAL,
	    { "\xe2\x95\xb7", "\xe2\x94\x82 Error: Unsupported argument",
		"\xe2\x94\x82 ", "\xe2\x94\x82   on main.tf line 3:",
		"\xe2\x94\x82    3: nope = 1", "\xe2\x95\xb5", "go on" } },
	{ "....", NULL, SEVERITY_NONE,
	    { "\xe2\x95\xb7", "\xe2\x94\x82 Warning: Deprecated",
		"\xe2\x94\x82 details", "\xe2\x95\xb5" } },
	{ "hwwe.", "cannot reach the store", SEVERITY_HIGH,
	    { "{", "  \"level\": \"error\",",
		"  \"msg\": \"cannot reach the store\"", "}", "go on" } },
	{ ".....", NULL, SEVERITY_NONE,
	    { "{", "  \"level\": \"info\",", "  \"msg\": \"started\"", "}",
		"go on" } },
	{ "....", NULL, SEVERITY_NONE,
	    { "{", "  \"batch\": 3,", "  \"lr\": 0.1", "}" } },
};

static void
check(const struct row *row)
{
	marks_start(POLICY);
	for (int i = 0; i < LINES_MAX && row->lines[i] != NULL; i++)
		marks_line(row->lines[i]);
	marks_end();
	if (strcmp(marks.letters, row->marks) != 0)
		fail_msg("'%s': %s, not %s", row->lines[0], marks.letters,
		    row->marks);
	if (marks.findings != (row->told != NULL))
		fail_msg("'%s': %u findings", row->lines[0], marks.findings);
	if (row->told == NULL)
		return;
	assert_string_equal(marks.message, row->told);
	if (marks.severity != row->severity)
		fail_msg("'%s': severity %d", row->told, marks.severity);
}

static void
grammars(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

/* The same behind a rank's prefix, with another rank's lines in between. */
static void
prefixed_and_interleaved(void **state)
{
	char line[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		if (row->lines[0][0] == '{' || row->lines[0][0] == '1' ||
		    row->lines[0][0] == '\xe2')
			continue; /* prefixed already, or always bare */
		marks_start(POLICY);
		for (int j = 0; j < LINES_MAX && row->lines[j] != NULL; j++) {
			snprintf(line, sizeof(line), "[rank0]: %s",
			    row->lines[j]);
			marks_line(line);
			marks_line("[rank1]: step 3 of 9");
		}
		marks_end();
		for (size_t j = 0; j < strlen(row->marks); j++)
			if (marks.letters[2 * j] != row->marks[j])
				fail_msg("'%s': %s", row->lines[0],
				    marks.letters);
		assert_int_equal(marks.findings, row->told != NULL);
	}
}

/* What is named by its header is told when no more comes for a while. */
static void
pause(void **state)
{
	(void)state;
	marks_start(POLICY);
	marks_line("terminate called without an active exception");
	assert_int_equal(marks.findings, 0);
	examiner_pause(&marks.examiner);
	assert_int_equal(marks.findings, 1);
	marks_line("Aborted");
	marks_end();
	assert_int_equal(marks.findings, 1);
}

/* A rule speaks within a group too, behind what the group is told by. */
static void
rule_within(void **state)
{
	(void)state;
	marks_start("{\"classify\":{\"base\":true},\"rule\":[{\"name\":\"x\","
		    "\"pattern\":\"a.go:3\",\"stream\":\"any\",\"severity\":"
		    "\"low\",\"kind\":\"noise\"}]}");
	marks_line("panic: text");
	marks_line("\t/src/a.go:3 +0x1d");
	marks_line("go on");
	marks_end();
	assert_int_equal(marks.findings, 2);
	assert_int_equal(marks.severity, SEVERITY_LOW);
}

/* What may become an event and does not hides nothing. */
static void
nothing_is_hidden(void **state)
{
	(void)state;
	marks_start(POLICY);
	marks_line("a.b.OddException: text");
	marks_line("Killed");
	assert_int_equal(marks.findings, 2);
	marks_line("go on");
	marks_end();
	assert_int_equal(marks.findings, 2);
	assert_string_equal(marks.letters, "...");
}

/* A table has a cell for every state and event, and none leads outside; no
 * machine starts without a header. */
static void
every_cell_is_a_state(void **state)
{
	const struct grammar *grammar;

	(void)state;
	for (unsigned i = 0; (grammar = grammar_get(i)) != NULL; i++) {
		const struct grammar_machine *machine = grammar->machine;

		assert_true(i < GRAMMARS_MAX);
		for (int s = 0; s < GRAMMAR_STATES; s++)
			for (int e = 0; e < GRAMMAR_EVENTS; e++)
				assert_true(
				    machine->next[s][e] < GRAMMAR_STATES);
		for (int e = 0; e < GRAMMAR_EVENTS; e++)
			assert_int_equal(machine->next[GRAMMAR_IDLE][e] !=
				GRAMMAR_IDLE,
			    e == GRAMMAR_HEADER);
	}
}

/* Lines of all grammars in any order: the findings of a stream rise (marks.h
 * looks), and at the end nothing is open. */
static void
any_order(void **state)
{
	size_t count = sizeof(rows) / sizeof(rows[0]);
	char line[512];

	(void)state;
	srandom(11);
	for (int round = 0; round < 50; round++) {
		marks_start(POLICY);
		for (int i = 0; i < 400; i++) {
			const struct row *row = &rows[(size_t)random() % count];
			const char *text = row->lines[(size_t)random() %
			    strlen(row->marks)];

			snprintf(line, sizeof(line), "%s%s",
			    random() % 3 == 0	    ? "[rank1]: "
				: random() % 3 == 0 ? "12:00:01 "
						    : "",
			    text);
			marks_line(line);
		}
		marks_end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammars),
		cmocka_unit_test(prefixed_and_interleaved),
		cmocka_unit_test(pause),
		cmocka_unit_test(rule_within),
		cmocka_unit_test(nothing_is_hidden),
		cmocka_unit_test(every_cell_is_a_state),
		cmocka_unit_test(any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
