/*
 * test_event.c - records of events.jsonl: their shape, and the reader that
 * meets half-written and monstrous ones. And the registry behind them.
 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "event.h"
#include "io.h"

static const struct event_job job = { "train-1", "corr", "trace" };

static struct event
sample(void)
{
	return (struct event){
		.seq = 12,
		.time_us = 1772460431204518,
		.name = EVENT_OUTPUT_ALERT,
		.severity = SEVERITY_CRITICAL,
		.kind = KIND_FAILURE,
		.message = "CUDA out of memory",
		.message_length = 18,
		.source = "rule:oom",
		.source_length = 8,
		.has_output = 1,
		.stream = STREAM_STDERR,
		.offset = 123,
		.length = 80,
		.context = "one\ntwo\n",
		.context_length = 8,
		.score = 0.98,
		.fingerprint = 0xabc,
		.count = 1,
	};
}

static void
test_record(void **state)
{
	static const char *const
	    want = "{\"seq\":12,\"time\":\"2026-03-02T14:07:11.204518Z\","
		   "\"job\":\"train-1\",\"event\":\"output.alert\","
		   "\"severity\":\"critical\",\"kind\":\"failure\","
		   "\"message\":\"CUDA out of memory\",\"source\":\"rule:oom\","
		   "\"stream\":\"stderr\",\"offset\":123,\"length\":80,"
		   "\"context\":[\"one\",\"two\"],\"score\":0.98,"
		   "\"fingerprint\":\"0000000000000abc\",\"count\":1,"
		   "\"correlation_id\":\"corr\",\"trace_id\":\"trace\","
		   "\"data\":{}}\n";
	char buf[2048];
	struct event event = sample();

	(void)state;
	assert_int_equal(event_format(&event, &job, buf, sizeof(buf)),
	    strlen(want));
	assert_string_equal(buf, want);
	for (size_t cap = 0; cap <= strlen(want); cap++)
		assert_int_equal(event_format(&event, &job, buf, cap), -1);
	assert_int_equal(event_format(&event, &job, buf, strlen(want) + 1),
	    strlen(want));
}

static void
test_record_of_little(void **state)
{
	struct event event = { .name = EVENT_JOB_START, .score = -1 };
	char buf[1024];
	json_t *read;

	(void)state;
	assert_true(event_format(&event, &job, buf, sizeof(buf)) > 0);
	read = json_loads(buf, 0, NULL);
	assert_non_null(read);
	assert_null(json_object_get(read, "score"));
	assert_null(json_object_get(read, "stream"));
	assert_null(json_object_get(read, "context"));
	assert_non_null(json_object_get(read, "data"));
	json_decref(read);
}

/* Bytes of a job go into message and context; one line comes out. */
static void
test_record_of_any_bytes(void **state)
{
	struct event event = sample();
	char bytes[200], buf[4096];

	(void)state;
	srandom(2);
	event.message = event.context = bytes;
	event.message_length = event.context_length = sizeof(bytes);
	for (int i = 0; i < 5000; i++) {
		json_t *read;
		long n;

		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (char)(random() % 3 == 0 ? '\n' : random());
		n = event_format(&event, &job, buf, sizeof(buf));
		assert_true(n > 0);
		assert_ptr_equal(memchr(buf, '\n', (size_t)n), buf + n - 1);
		read = json_loadb(buf, (size_t)n, JSON_ALLOW_NUL, NULL);
		assert_non_null(read);
		json_decref(read);
	}
}

/* Context is cut at newlines, an unended last line included. */
static void
test_context_lines(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = { { "", "[]" }, { "\n", "[\"\"]" }, { "a", "[\"a\"]" },
		{ "a\n\nb", "[\"a\",\"\",\"b\"]" }, { "a\n", "[\"a\"]" } };
	char buf[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event event = sample();
		char *text;
		json_t *read;

		event.context = cases[i].text;
		event.context_length = strlen(cases[i].text);
		assert_true(event_format(&event, &job, buf, sizeof(buf)) > 0);
		read = json_loads(buf, 0, NULL);
		text = json_dumps(json_object_get(read, "context"),
		    JSON_COMPACT);
		assert_string_equal(text, cases[i].want);
		free(text);
		json_decref(read);
	}
}

static void
test_fingerprint(void **state)
{
	(void)state;
	assert_true(event_fingerprint(EVENT_JOB_EXIT, "job") ==
	    event_fingerprint(EVENT_JOB_EXIT, "job"));
	assert_true(event_fingerprint(EVENT_JOB_EXIT, "job") !=
	    event_fingerprint(EVENT_JOB_EXIT, "job2"));
	assert_true(event_fingerprint(EVENT_JOB_EXIT, "job") !=
	    event_fingerprint(EVENT_JOB_LOST, "job"));
}

/* --- the reader --------------------------------------------------------- */

static int
file_of(const char *bytes, size_t n)
{
	int fd = memfd_create("events", MFD_CLOEXEC);

	assert_int_equal(io_write_all(fd, bytes, n), 0);
	return fd;
}

static void
expect_line(struct event_reader *reader, const char *want)
{
	char *line;
	size_t n;

	assert_int_equal(event_reader_next(reader, &line, &n), 1);
	assert_int_equal(n, strlen(want));
	assert_string_equal(line, want);
}

static void
test_reader(void **state)
{
	int fd = file_of("one\n\ntwo\ntor", 12);
	struct event_reader reader;
	char *line;
	size_t n;

	(void)state;
	assert_int_equal(event_reader_init(&reader, fd, 0), 0);
	expect_line(&reader, "one");
	assert_int_equal(reader.offset, 4);
	expect_line(&reader, "");
	expect_line(&reader, "two");
	assert_int_equal(event_reader_next(&reader, &line, &n), 0);
	assert_int_equal(reader.offset, 9);
	assert_int_equal(event_reader_next(&reader, &line, &n), 0);
	assert_int_equal(io_write_all(fd, "n\nnext\n", 7), 0);
	expect_line(&reader, "torn");
	expect_line(&reader, "next");
	event_reader_release(&reader);
	assert_int_equal(event_reader_init(&reader, fd, 9), 0);
	expect_line(&reader, "torn");
	event_reader_release(&reader);
	close(fd);
}

/* Lines around the limit, and then a normal one. */
static void
test_reader_of_long_lines(void **state)
{
	static const size_t lengths[] = { EVENT_LINE_MAX - 2,
		EVENT_LINE_MAX - 1, EVENT_LINE_MAX, EVENT_LINE_MAX + 1,
		3 * EVENT_LINE_MAX, 3 * EVENT_LINE_MAX + 7 };
	char *text = malloc(4 * EVENT_LINE_MAX), *line;
	size_t n;

	(void)state;
	memset(text, 'x', 4 * EVENT_LINE_MAX);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int fd = file_of("first\n", 6), result;
		struct event_reader reader;

		assert_int_equal(io_write_all(fd, text, lengths[i]), 0);
		assert_int_equal(io_write_all(fd, "\nafter\n", 7), 0);
		assert_int_equal(event_reader_init(&reader, fd, 0), 0);
		expect_line(&reader, "first");
		result = event_reader_next(&reader, &line, &n);
		if (lengths[i] < EVENT_LINE_MAX) {
			assert_int_equal(result, 1);
			assert_int_equal(n, lengths[i]);
		} else {
			assert_int_equal(result, -1);
			assert_int_equal(errno, EMSGSIZE);
		}
		expect_line(&reader, "after");
		assert_int_equal(reader.offset, 6 + lengths[i] + 7);
		assert_int_equal(event_reader_next(&reader, &line, &n), 0);
		event_reader_release(&reader);
		close(fd);
	}
	free(text);
}

/* --- the registry ------------------------------------------------------- */

static void
test_registry(void **state)
{
	(void)state;
	for (int i = 0; i < EVENT_COUNT; i++)
		assert_int_equal(registry_find(registry_rows[i].name), i);
	assert_int_equal(registry_find("job"), -1);
	assert_int_equal(registry_find(""), -1);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, "exit_code"), 1);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, "actions_open"), 1);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, "exit"), 0);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, "code"), 0);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, "rss"), 0);
}

/* Keys come from a job's own records: these once never returned, or passed. */
static void
test_registry_of_odd_keys(void **state)
{
	(void)state;
	alarm(10);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, ""), 0);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, " "), 0);
	assert_int_equal(registry_allows(EVENT_JOB_EXIT, "exit_code signal"),
	    0);
	alarm(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_record_of_little),
		cmocka_unit_test(test_record_of_any_bytes),
		cmocka_unit_test(test_context_lines),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_reader),
		cmocka_unit_test(test_reader_of_long_lines),
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_registry_of_odd_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
