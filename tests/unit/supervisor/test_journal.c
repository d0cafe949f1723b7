/*
 * test_journal.c - how events are numbered, and what a flood of them comes
 * to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "fixture.h"
#include "journal.h"

#define EACH_MAX 60  /* events of one fingerprint in its window */
#define ALL_MAX 1200 /* of all together */

static const struct event_job identity = { "job-1", "corr", "trace" };

/* --- writing ------------------------------------------------------------ */

struct desk {
	struct writer *writer;
	struct journal *journal;
};

/* A journal after what the directory holds; its writer does not run yet. */
static struct desk
desk_open(void)
{
	struct journal_past past;
	struct why why;
	struct desk desk;

	assert_int_equal(journal_read(fixture.dir, &past, &why), 0);
	desk.writer = writer_new(fixture.dir, fixture.reads, past.end, 0, &why);
	assert_non_null(desk.writer);
	desk.journal = journal_new(desk.writer, &identity, &past);
	assert_non_null(desk.journal);
	return desk;
}

static void
desk_close(struct desk *desk)
{
	assert_int_equal(writer_start(desk->writer), 0);
	writer_free(desk->writer, 20000);
	journal_free(desk->journal);
}

/* Checks that events.jsonl is whole and numbered without gaps; the sum of
 * their counts, and how many there are. */
static uint64_t
tally(unsigned *events)
{
	char *text = strdup(fixture_file(&fixture, EVENTS_FILE)), *rest = NULL;
	uint64_t sum = 0;

	*events = 0;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		json_t *event = json_loads(line, 0, NULL);

		assert_non_null(event);
		assert_int_equal(json_integer_value(
				     json_object_get(event, "seq")),
		    ++*events);
		sum += (uint64_t)json_integer_value(
		    json_object_get(event, "count"));
		json_decref(event);
	}
	free(text);
	return sum;
}

/* One line of output, "rule:x" and "message 12". 1, 0 or -1 as given. */
static int
find(struct journal *journal, uint64_t fingerprint, uint64_t offset,
    enum stream stream, bool *was_new)
{
	char tail[64];
	struct message_finding finding = {
		.offset = offset,
		.fingerprint = fingerprint,
		.score = 1,
		.length = 10,
		.rule = -1,
		.stream = (uint8_t)stream,
		.severity = SEVERITY_HIGH,
		.kind = KIND_FAILURE,
		.source_length = 6,
	};
	int n = snprintf(tail, sizeof(tail), "rule:xmessage %llu",
	    (unsigned long long)offset);

	finding.message_length = (uint32_t)n - 6;
	return journal_finding(journal, &finding, tail, was_new);
}

static void
numbers_go_on(void **state)
{
	struct desk desk;
	unsigned events;

	(void)state;
	for (int round = 0; round < 3; round++) {
		desk = desk_open();
		assert_int_equal(journal_past(desk.journal)->seq, round * 2);
		assert_int_equal(journal_event(desk.journal, EVENT_JOB_START,
				     SEVERITY_NONE, "job", "{\"pid\":1}",
				     "round %d", round),
		    0);
		assert_int_equal(journal_event(desk.journal, EVENT_JOB_STALL,
				     SEVERITY_HIGH, "stall", NULL,
				     "\"quoted\"\n\033[31m"),
		    0);
		assert_int_equal(journal_past(desk.journal)
				     ->alerts[SEVERITY_HIGH],
		    round + 1);
		desk_close(&desk);
	}
	assert_int_equal(tally(&events), 6);
	assert_int_equal(events, 6);
}

static void
torn_end_is_cut_off(void **state)
{
	static const char text[] = "{\"seq\":1,\"count\":1}\n"
				   "{\"seq\":2,\"event\":\"torn";
	struct desk desk;
	unsigned events;

	(void)state;
	assert_int_equal(io_replace(fixture.dir, EVENTS_FILE, text,
			     strlen(text), false),
	    0);
	desk = desk_open();
	journal_event(desk.journal, EVENT_JOB_STALL_CLEAR, SEVERITY_LOW,
	    "stall", NULL, "goes on");
	desk_close(&desk);
	assert_int_equal(tally(&events), 2);
	assert_int_equal(events, 2);
}

static void
finding_is_heard_once(void **state)
{
	struct desk desk = desk_open();
	unsigned events;
	bool was_new;

	(void)state;
	assert_int_equal(find(desk.journal, 1, 50, STREAM_STDOUT, &was_new), 1);
	assert_true(was_new);
	assert_int_equal(find(desk.journal, 1, 50, STREAM_STDOUT, &was_new), 0);
	assert_false(was_new);
	assert_int_equal(find(desk.journal, 2, 40, STREAM_STDOUT, &was_new), 0);
	/* The other stream's findings have an order of their own. */
	assert_int_equal(find(desk.journal, 3, 40, STREAM_STDERR, &was_new), 1);
	desk_close(&desk);
	/* Not even by a supervisor that took over. */
	desk = desk_open();
	assert_int_equal(find(desk.journal, 1, 50, STREAM_STDOUT, &was_new), 0);
	assert_int_equal(find(desk.journal, 1, 51, STREAM_STDOUT, &was_new), 1);
	desk_close(&desk);
	tally(&events);
	assert_int_equal(events, 3);
}

static void
foreign_numbers_are_refused(void **state)
{
	struct message_finding finding = { .stream = STREAM_COUNT };
	struct desk desk = desk_open();
	bool was_new;

	(void)state;
	assert_int_equal(journal_finding(desk.journal, &finding, "", &was_new),
	    0);
	finding = (struct message_finding){ .severity = SEVERITY_COUNT };
	assert_int_equal(journal_finding(desk.journal, &finding, "", &was_new),
	    0);
	finding = (struct message_finding){ .kind = KIND_COUNT };
	assert_int_equal(journal_finding(desk.journal, &finding, "", &was_new),
	    0);
	desk_close(&desk);
}

/* --- floods ------------------------------------------------------------- */

static void
flood_is_capped(void **state)
{
	struct desk desk = desk_open();
	unsigned events;
	bool was_new;

	(void)state;
	assert_int_equal(journal_tick(desk.journal, false), -1);
	for (uint64_t offset = 0; offset < 1000; offset++) {
		assert_int_equal(find(desk.journal, 7, offset, STREAM_STDOUT,
				     &was_new),
		    1);
		assert_true(was_new);
	}
	assert_int_equal(journal_past(desk.journal)->seq, EACH_MAX);
	assert_in_range(journal_tick(desk.journal, false), 1, 60000);
	assert_int_equal(journal_tick(desk.journal, true), -1);
	assert_int_equal(journal_past(desk.journal)->seq, EACH_MAX + 1);
	assert_int_equal(journal_tick(desk.journal, true), -1);
	desk_close(&desk);
	assert_int_equal(tally(&events), 1000);
	assert_int_equal(events, EACH_MAX + 1);
	/* The one that stands for the rest names the last of them. */
	assert_non_null(strstr(fixture_file(&fixture, EVENTS_FILE),
	    "\"message\":\"message 999\""));
	assert_non_null(
	    strstr(fixture_file(&fixture, EVENTS_FILE), "\"count\":940"));
}

static void
flood_of_all_is_capped(void **state)
{
	struct desk desk = desk_open();
	unsigned events;
	bool was_new;

	(void)state;
	for (uint64_t offset = 0; offset < 3000; offset++)
		assert_int_equal(find(desk.journal, offset % 100, offset,
				     STREAM_STDERR, &was_new),
		    1);
	assert_int_equal(journal_past(desk.journal)->seq, ALL_MAX);
	assert_int_equal(journal_tick(desk.journal, true), -1);
	desk_close(&desk);
	assert_int_equal(tally(&events), 3000);
	assert_in_range(events, ALL_MAX + 1, ALL_MAX + 100);
}

/* More fingerprints than there are windows: one that must give way tells
 * what it held back. */
static void
no_count_is_lost(void **state)
{
	struct desk desk = desk_open();
	uint64_t offset = 0;
	unsigned events;
	bool was_new;

	(void)state;
	for (; offset < EACH_MAX + 5; offset++)
		find(desk.journal, 1, offset, STREAM_STDOUT, &was_new);
	for (; offset < EACH_MAX + 5 + 600; offset++)
		find(desk.journal, offset, offset, STREAM_STDOUT, &was_new);
	journal_tick(desk.journal, true);
	desk_close(&desk);
	assert_int_equal(tally(&events), EACH_MAX + 5 + 600);
	assert_int_equal(events, EACH_MAX + 1 + 600);
}

/* --- bounds ------------------------------------------------------------- */

static void
full_queue_makes_no_gap(void **state)
{
	static char long_text[2000];
	struct desk desk = desk_open();
	uint64_t written = 0;
	unsigned events;
	bool was_new;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	while (journal_event(desk.journal, EVENT_JOB_STALL, SEVERITY_HIGH,
		   "stall", NULL, "%s", long_text) == 0)
		written++;
	assert_in_range(written, 100, 2000);
	assert_int_equal(journal_past(desk.journal)->seq, written);
	while (
	    find(desk.journal, written, written, STREAM_STDOUT, &was_new) == 1)
		written++;
	assert_int_equal(find(desk.journal, 1, written, STREAM_STDOUT,
			     &was_new),
	    -1);
	assert_false(was_new);
	desk_close(&desk);
	tally(&events);
	assert_int_equal(events, written);
}

static void
longest_finding_still_fits(void **state)
{
	static char tail[MESSAGE_TEXT_MAX];
	struct message_finding finding = {
		.severity = SEVERITY_HIGH,
		.source_length = 6,
	};
	struct desk desk = desk_open();
	unsigned events;
	bool was_new;

	(void)state;
	memset(tail, '\001', sizeof(tail)); /* six bytes each, in JSON */
	memcpy(tail, "rule:x", 6);
	finding.message_length = sizeof(tail) - 6;
	assert_int_equal(journal_finding(desk.journal, &finding, tail,
			     &was_new),
	    1);
	finding.offset = 1;
	finding.message_length = 10;
	finding.context_length = sizeof(tail) - 16;
	assert_int_equal(journal_finding(desk.journal, &finding, tail,
			     &was_new),
	    1);
	desk_close(&desk);
	tally(&events);
	assert_int_equal(events, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(numbers_go_on),
		FIXTURE_TEST(torn_end_is_cut_off),
		FIXTURE_TEST(finding_is_heard_once),
		FIXTURE_TEST(foreign_numbers_are_refused),
		FIXTURE_TEST(flood_is_capped),
		FIXTURE_TEST(flood_of_all_is_capped),
		FIXTURE_TEST(no_count_is_lost),
		FIXTURE_TEST(full_queue_makes_no_gap),
		FIXTURE_TEST(longest_finding_still_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
