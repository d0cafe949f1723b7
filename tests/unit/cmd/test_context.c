/*
 * test_context.c - the lines around those that were looked for, against
 * grep itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "context.h"

static void
on_line_cb(const struct line *line, const struct alert *alert, bool selected,
    void *arg)
{
	(void)alert;
	fprintf(arg, "%c%.*s\n", selected ? ':' : '-', (int)line->length,
	    line->text);
}

static void
on_apart_cb(void *arg)
{
	fputs("--\n", arg);
}

struct sheet {
	struct context *context;
	FILE *out;
	char *text;
	size_t size;
};

static void
sheet_open(struct sheet *sheet, unsigned long before, unsigned long after)
{
	struct context_rows rows = { on_line_cb, on_apart_cb, NULL };

	sheet->out = rows.arg = open_memstream(&sheet->text, &sheet->size);
	sheet->context = context_new(before, after, &rows);
	assert_non_null(sheet->context);
}

static const char *
sheet_text(struct sheet *sheet)
{
	fflush(sheet->out);
	return sheet->text;
}

static void
sheet_close(struct sheet *sheet)
{
	context_free(sheet->context);
	fclose(sheet->out);
	free(sheet->text);
}

/* Letters are lines; the capital ones are looked for. */
static void
add(struct sheet *sheet, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		struct line line = { .text = letters, .length = 1 };

		context_add(sheet->context, &line, NULL,
		    *letters >= 'A' && *letters <= 'Z');
	}
}

static void
test_groups(void **state)
{
	static const struct {
		unsigned long before, after;
		const char *letters;
		const char *want;
	} cases[] = {
		{ 0, 0, "aBcD", ":B\n:D\n" },
		{ 1, 0, "abCdefG", "-b\n:C\n--\n-f\n:G\n" },
		{ 0, 1, "AbcDe", ":A\n-b\n--\n:D\n-e\n" },
		{ 1, 1, "AbcDe", ":A\n-b\n-c\n:D\n-e\n" },
		{ 2, 2, "aBCd", "-a\n:B\n:C\n-d\n" },
		{ 9, 0, "abC", "-a\n-b\n:C\n" },
		{ 0, 9, "AbC", ":A\n-b\n:C\n" },
		{ 1, 1, "abc", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sheet sheet;

		sheet_open(&sheet, cases[i].before, cases[i].after);
		add(&sheet, cases[i].letters);
		assert_string_equal(sheet_text(&sheet), cases[i].want);
		sheet_close(&sheet);
	}
}

static void
test_hungry_and_gap(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_open(&sheet, 1, 1);
	assert_false(context_hungry(sheet.context));
	add(&sheet, "A");
	assert_true(context_hungry(sheet.context));
	add(&sheet, "bc");
	assert_false(context_hungry(sheet.context));
	context_gap(sheet.context); /* c is no context of what follows */
	add(&sheet, "D");
	assert_string_equal(sheet_text(&sheet), ":A\n-b\n--\n:D\n");
	sheet_close(&sheet);
}

/* However many lines are asked for, and however long they are. */
static void
test_memory_is_bounded(void **state)
{
	char *text = calloc(1, LINES_MAX);
	struct line line = { .text = text, .length = LINES_MAX };
	struct sheet sheet;

	(void)state;
	memset(text, 'x', LINES_MAX);
	sheet_open(&sheet, 1000000, 0);
	for (int i = 0; i < 300; i++)
		context_add(sheet.context, &line, NULL, false);
	add(&sheet, "A");
	assert_true(strlen(sheet_text(&sheet)) < CONTEXT_BYTES_MAX + 1024);
	assert_true(strlen(sheet_text(&sheet)) > CONTEXT_BYTES_MAX / 2);
	sheet_close(&sheet);
	free(text);
}

/* --- against grep ------------------------------------------------------- */

static void
grep(const char *letters, unsigned before, unsigned after, char *out,
    size_t max)
{
	char command[512];
	FILE *pipe;
	size_t n;

	snprintf(command, sizeof(command),
	    "printf %%s '%s' | sed 's/./&\\n/g' | LC_ALL=C grep -B %u -A %u "
	    "-n '[A-Z]' | sed -E 's/^[0-9]+([:-])/\\1/'",
	    letters, before, after);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(out, 1, max - 1, pipe);
	out[n] = '\0';
	pclose(pipe);
}

static void
test_as_grep(void **state)
{
	(void)state;
	srandom(17);
	for (int i = 0; i < 60; i++) {
		char letters[64], want[1024];
		unsigned before = (unsigned)random() % 4;
		unsigned after = (unsigned)random() % 4 + (before == 0);
		size_t n = (size_t)random() % (sizeof(letters) - 1);
		struct sheet sheet;

		for (size_t k = 0; k < n; k++)
			letters[k] = (char)((random() % 6 == 0 ? 'A' : 'a') +
			    random() % 26);
		letters[n] = '\0';
		grep(letters, before, after, want, sizeof(want));
		sheet_open(&sheet, before, after);
		add(&sheet, letters);
		assert_string_equal(sheet_text(&sheet), want);
		sheet_close(&sheet);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_hungry_and_gap),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_as_grep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
