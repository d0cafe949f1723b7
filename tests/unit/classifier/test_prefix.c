/*
 * test_prefix.c - what stands before a line's own text, form by form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "prefix.h"

struct row {
	const char *prefix;
	const char *text;
	enum level level;
	const char *word; /* the level as it stands there; NULL: none */
};

static const struct row rows[] = {
	/* none */
	{ "", "plain text", LEVEL_NONE, NULL },
	{ "", "  File \"a.py\", line 3, in f", LEVEL_NONE, NULL },
	{ "", "[step 100] loss=0.1", LEVEL_NONE, NULL },
	{ "", "[1/5] Building CXX object a.o", LEVEL_NONE, NULL },
	{ "", "| epoch | loss |", LEVEL_NONE, NULL },
	{ "", "epoch | loss | lr", LEVEL_NONE, NULL },
	{ "", "ERRORS=3", LEVEL_NONE, NULL },
	{ "", "(1 of 5) done", LEVEL_NONE, NULL },
	{ "", "torch.cuda.OutOfMemoryError: x", LEVEL_NONE, NULL },
	{ "", "", LEVEL_NONE, NULL },
	/* times */
	{ "2031-05-06 10:11:12,345 - ", "go", LEVEL_NONE, NULL },
	{ "2031-05-06T10:11:12.345678Z ", "  indented", LEVEL_NONE, NULL },
	{ "2031/05/06 10:11:12 ", "go", LEVEL_NONE, NULL },
	{ "[2031-05-06 10:11:12,345] ", "go", LEVEL_NONE, NULL },
	{ "[06/May/2031:10:11:12 +0200] ", "go", LEVEL_NONE, NULL },
	{ "Tue May  6 10:11:12 2031 ", "go", LEVEL_NONE, NULL },
	{ "10:11:12.345 ", "go", LEVEL_NONE, NULL },
	{ "[   12.345678] ", "usb 1-1: gone", LEVEL_NONE, NULL },
	{ "05/06/2031 10:11:12 PM - ", "go", LEVEL_NONE, NULL },
	/* levels */
	{ "INFO ", "go", LEVEL_INFO, "INFO" },
	{ "WARNING: ", "go", LEVEL_WARN, "WARNING" },
	{ "[ERROR] ", "go", LEVEL_ERROR, "ERROR" },
	{ "ERROR:root:", "go", LEVEL_ERROR, "ERROR" },
	{ "ERROR:a.b_c:", "go on: now", LEVEL_ERROR, "ERROR" },
	{ "ERROR: ", "failed: x", LEVEL_ERROR, "ERROR" },
	{ "ERROR ", "ValueError: x", LEVEL_ERROR, "ERROR" },
	{ "", "error: no such file", LEVEL_ERROR, "error" },
	{ "", "Error: no such file", LEVEL_ERROR, "Error" },
	{ "", "Error no such file", LEVEL_NONE, NULL },
	{ "<3>", "go", LEVEL_ERROR, "3" },
	/* both, names, threads */
	{ "2031-05-06 10:11:12,345 - a.b - INFO - ", "go", LEVEL_INFO, "INFO" },
	{ "2031-05-06 10:11:12 | ERROR    | a.b:f:12 - ", "go", LEVEL_ERROR,
	    "ERROR" },
	{ "[2031-05-06, 10:11:12 UTC] {a.py:12} WARNING - ", "go", LEVEL_WARN,
	    "WARNING" },
	{ "[2031-05-06 10:11:12,345: ERROR/Pool-1] ", "go", LEVEL_ERROR,
	    "ERROR" },
	{ "31/05/06 10:11:12 WARN o.a.Scheduler: ", "go", LEVEL_WARN, "WARN" },
	{ "10:11:12.345 [main] ERROR o.a.Thing - ", "go", LEVEL_ERROR,
	    "ERROR" },
	{ "2031-05-06 10:11:12.345 4321 ERROR ", "a.b [req-1 x y] go",
	    LEVEL_ERROR, "ERROR" },
	{ "E0506 10:11:12.345678  4321 a.go:12] ", "go", LEVEL_ERROR, "E" },
	{ "[E 310506 10:11:12 web:12] ", "go", LEVEL_ERROR, "E" },
	{ "2031-05-06 10:11:12.345678: E tensorflow/a.cc:12] ", "go",
	    LEVEL_ERROR, "E" },
	{ "time=\"2031-05-06T10:11:12Z\" level=error msg=\"", "go\"",
	    LEVEL_ERROR, "error" },
	{ "2031-05-06T10:11:12Z ", "error: disk", LEVEL_ERROR, "error" },
	{ "2031-05-06T10:11:12Z error ", "disk", LEVEL_ERROR, "error" },
	{ "[05/06 10:11:12] d2.engine ERROR: ", "go", LEVEL_ERROR, "ERROR" },
	{ "2031-05-06 10:11:12,345 a.b     INFO     ", "go", LEVEL_INFO,
	    "INFO" },
	{ "2031-05-06 10:11:12 [15555377d700] INFO: ", "go", LEVEL_INFO,
	    "INFO" },
	{ "2031-05-06 10:11:12.345  INFO 4321 --- [   main] o.a.Env    : ",
	    "go", LEVEL_INFO, "INFO" },
	{ "[INFO|2031-05-06 10:11:12] a.py:12 >> ", "go", LEVEL_INFO, "INFO" },
	/* launchers */
	{ "[rank0]: ", "Traceback", LEVEL_NONE, NULL },
	{ "[rank0]: ", "  File", LEVEL_NONE, NULL },
	{ "[rank1]:[E506 10:11:12.345 a.cpp:12] [Rank 1] ", "go", LEVEL_ERROR,
	    "E" },
	{ "Rank 3: ", "go", LEVEL_NONE, NULL },
	{ "12: ", "go", LEVEL_NONE, NULL },
	{ "(pid=123) ", "go", LEVEL_NONE, NULL },
	{ "(Trainer pid=123, ip=10.0.0.1) ", "  go", LEVEL_NONE, NULL },
	{ "[1,0]<stderr>:", "go", LEVEL_NONE, NULL },
	{ "[default0]:", "go", LEVEL_NONE, NULL },
	{ "web-1  | ", "go", LEVEL_NONE, NULL },
	{ "web  | ", "go", LEVEL_NONE, NULL },
	{ "0|app  | ", "go", LEVEL_NONE, NULL },
	{ "web-1  | 2031-05-06 10:11:12 ERROR ", "go", LEVEL_ERROR, "ERROR" },
	{ "May  6 10:11:12 host app[12]: ", "go", LEVEL_NONE, NULL },
	{ "2031-05-06T10:11:12.345Z stderr F ", "go", LEVEL_NONE, NULL },
	{ "[pod/a-5d/app] ", "go", LEVEL_NONE, NULL },
};

static void
check(const struct row *row)
{
	char line[512];
	struct text text = { line, 0 };
	struct prefix prefix;

	text.length = (size_t)snprintf(line, sizeof(line), "%s%s", row->prefix,
	    row->text);
	prefix = prefix_skip(&text);
	if (prefix.length != strlen(row->prefix) || prefix.level != row->level)
		fail_msg("'%s': prefix '%.*s', level %d", line,
		    (int)prefix.length, line, (int)prefix.level);
	if (row->word == NULL)
		return;
	assert_int_equal(prefix.level_length, strlen(row->word));
	assert_memory_equal(line + prefix.level_at, row->word,
	    prefix.level_length);
}

static void
forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

static void
times_are_told(void **state)
{
	struct text timed = { "10:11:12 go", 11 }, plain = { "go", 2 };

	(void)state;
	assert_true(prefix_skip(&timed).stamped);
	assert_false(prefix_skip(&plain).stamped);
}

/* Whatever the bytes: nothing is read behind the end (a sanitizer sees it),
 * and what is found lies in the line. */
static void
any_bytes(void **state)
{
	static const char letters[] = "[](){}<> :|-.,=\"0123459TZEIrank"
				      "levltimsg/MayERO";

	(void)state;
	srandom(7);
	for (int round = 0; round < 200000; round++) {
		size_t n = (size_t)random() % 48;
		char *line = malloc(n + 1);
		struct text text = { line, n };
		struct prefix prefix;

		for (size_t i = 0; i < n; i++)
			line[i] = letters[(size_t)random() %
			    (sizeof(letters) - 1)];
		line = realloc(line, n == 0 ? 1 : n);
		text.bytes = line;
		prefix = prefix_skip(&text);
		assert_true(prefix.length <= n);
		assert_true(prefix.level_at + prefix.level_length <= n);
		free(line);
	}
}

/* A line of prefixes alone is cut. */
static void
bounded(void **state)
{
	char line[4096];
	struct text text = { line, sizeof(line) };

	(void)state;
	for (size_t i = 0; i < sizeof(line); i += 8)
		memcpy(line + i, "[rank1] ", 8);
	assert_true(prefix_skip(&text).length <= PREFIX_MAX + 8);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(times_are_told),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
