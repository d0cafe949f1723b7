/*
 * test_lines_fold.c - lines with carriage returns: what a terminal is left
 * with.
 */
#include "cutting.h"

static void
test_fold(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "10%\r20%\r30%\n", "0@0/1:30%$|" },
		{ "dos\r\n\r\n", "0@0/1:dos$|0@5/1:$|" },
		{ "done\r\r\n", "0@0/1:done$|" },
		{ "\rone\n", "0@0/1:one$|" },
		{ "a\r\rb\n", "0@0/1:b$|" },
		{ "100%\r", "0@0/1:100%|" },
		{ "50%\r60", "0@0/1:60|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t step = 1; step < 16; step++) {
			struct fixture *fix = (void *)"fold";
			size_t n = strlen(cases[i].text);

			assert_int_equal(setup((void **)&fix), 0);
			for (size_t at = 0; at < n; at += step)
				feed(fix, STREAM_STDOUT, 1, cases[i].text + at,
				    n - at < step ? n - at : step);
			lines_flush(fix->lines);
			expect(fix, cases[i].want);
			teardown((void **)&fix);
		}
}

/* A state has the time of its own first byte, and the line's offset. */
static void
test_fold_times(void **state)
{
	struct fixture *fix = *state;

	say(fix, STREAM_STDOUT, 1, "10%\r");
	say(fix, STREAM_STDERR, 2, "x\n");
	say(fix, STREAM_STDOUT, 3, "2");
	say(fix, STREAM_STDOUT, 4, "0%\r\r");
	say(fix, STREAM_STDOUT, 5, "\n");
	expect(fix, "1@4/2:x$|0@0/3:20%$|");
}

/* A bar that is drawn for ever costs no memory and makes no pieces. */
static void
test_fold_without_end(void **state)
{
	struct fixture *fix = *state;
	char text[4096];

	memset(text, 'x', sizeof(text));
	text[0] = '\r';
	for (size_t i = 0; i < 3 * LINES_MAX / sizeof(text); i++)
		feed(fix, STREAM_STDOUT, 1, text, sizeof(text));
	fix->brief = 1;
	say(fix, STREAM_STDOUT, 1, "\r42\n");
	expect(fix, "2$ ");
}

/* What is left of a line whose begin is not known is no line. */
static void
test_torn(void **state)
{
	static const char *const torn[] = { "rest\n", "rest\r\n", "\n", "\r\n",
		"a\r\r\n", "rest\rone\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++)
		for (size_t step = 1; step < 8; step++) {
			struct fixture *fix = (void *)"fold";
			size_t n = strlen(torn[i]);

			assert_int_equal(setup((void **)&fix), 0);
			lines_tear(fix->lines, STREAM_STDOUT);
			for (size_t at = 0; at < n; at += step)
				feed(fix, STREAM_STDOUT, 1, torn[i] + at,
				    n - at < step ? n - at : step);
			assert_string_equal((fflush(fix->out), fix->text),
			    i == 5 ? "0@5/1:one$|" : "");
			say(fix, STREAM_STDERR, 1, "ours\n");
			fix->brief = 1;
			say(fix, STREAM_STDOUT, 1, "next\n");
			assert_non_null(
			    strstr((fflush(fix->out), fix->text), "ours$|4$ "));
			teardown((void **)&fix);
		}
}

static void
test_open_line(void **state)
{
	struct fixture *fix = *state;
	struct line line;

	assert_false(lines_open(fix->lines, STREAM_STDOUT, &line));
	say(fix, STREAM_STDOUT, 1, "x\n10%\r20");
	assert_true(lines_open(fix->lines, STREAM_STDOUT, &line));
	assert_int_equal(line.length, 2);
	assert_memory_equal(line.text, "20", 2);
	assert_int_equal(line.offset, 2);
	assert_int_equal(line.shown, 6);
	assert_int_equal(line.end, 8);
	say(fix, STREAM_STDOUT, 1, "\n");
	assert_false(lines_open(fix->lines, STREAM_STDOUT, &line));
}

/* --- against a fold of the whole line ----------------------------------- */

struct oracle {
	char bytes[2000]; /* of one stream */
	size_t have;
	FILE *out;
};

/* What a line is in the end, all of it in hand. */
static void
oracle_line(FILE *out, enum stream stream, const char *text, size_t n)
{
	size_t from = 0;

	while (n > 0 && text[n - 1] == '\r')
		n--;
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\r')
			from = i + 1;
	fprintf(out, "%d:%.*s|", stream, (int)(n - from), text + from);
}

static void
oracle_feed(struct oracle *oracle, enum stream stream, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\n') {
			oracle->bytes[oracle->have++] = p[i];
			continue;
		}
		oracle_line(oracle->out, stream, oracle->bytes, oracle->have);
		oracle->have = 0;
	}
}

static void
on_folded_cb(const struct line *line, void *arg)
{
	FILE *out = arg;

	assert_true(line->offset <= line->shown && line->shown <= line->end);
	fprintf(out, "%d:%.*s|", line->stream, (int)line->length, line->text);
}

static void
test_random_folds(void **state)
{
	struct oracle oracles[STREAM_COUNT] = { 0 };
	char *got, *want;
	size_t size;
	FILE *out = open_memstream(&got, &size);
	struct lines *lines = lines_new(true, on_folded_cb, out);
	struct segment_chunk chunk = { 0 };

	(void)state;
	srandom(23);
	oracles[0].out = oracles[1].out = open_memstream(&want, &size);
	for (int i = 0; i < 20000; i++) {
		char bytes[12];
		size_t n = 1 + (size_t)random() % sizeof(bytes);

		for (size_t k = 0; k < n; k++)
			bytes[k] = "\r\r\nabc"[random() % 6];
		chunk.stream = (enum stream)(random() % 2);
		chunk.length = (uint32_t)n;
		if (oracles[chunk.stream].have > 1900)
			bytes[0] = '\n';
		lines_feed(lines, &chunk, bytes, n);
		oracle_feed(&oracles[chunk.stream], chunk.stream, bytes, n);
		chunk.offset += n;
	}
	fclose(out);
	fclose(oracles[0].out);
	assert_string_equal(got, want);
	free(got);
	free(want);
	lines_free(lines);
}

int
main(void)
{
#define FOLDED(name)                                                    \
	cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, \
	    (void *)"fold")
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
		FOLDED(test_fold_times),
		FOLDED(test_fold_without_end),
		cmocka_unit_test(test_torn),
		FOLDED(test_open_line),
		cmocka_unit_test(test_random_folds),
	};
#undef FOLDED

	return cmocka_run_group_tests(tests, NULL, NULL);
}
