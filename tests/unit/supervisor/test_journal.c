/*
 * test_journal.c - what is read back from events, how they are numbered, and
 * what a flood of them comes to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "fixture.h"
#include "journal.h"
#include "status.h"

#define EACH_MAX 60  /* events of one fingerprint in its window */
#define ALL_MAX 1200 /* of all together */

static struct fixture fixture;
static const struct event_job identity = { "job-1", "corr", "trace" };

static int
setup(void **state)
{
	(void)state;
	fixture_init(&fixture);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_release(&fixture);
	return 0;
}

/* --- the past ----------------------------------------------------------- */

static void
read_past(const char *text, struct journal_past *past)
{
	struct why why;
	int fd = openat(fixture.dir, EVENTS_FILE, O_WRONLY | O_CREAT | O_TRUNC,
	    0600);

	assert_int_equal(io_write_all(fd, text, strlen(text)), 0);
	close(fd);
	assert_int_equal(journal_read(fixture.dir, past, &why), 0);
}

static void
no_past(void **state)
{
	struct journal_past past;
	struct why why;

	(void)state;
	assert_int_equal(journal_read(fixture.dir, &past, &why), 0);
	assert_int_equal(past.end, 0);
	assert_int_equal(past.seq, 0);
	assert_false(past.started);
	assert_false(past.ended);
}

static const char running
    [] = "{\"seq\":1,\"event\":\"job.start\",\"severity\":\"none\"}\n"
	 "{\"seq\":2,\"event\":\"output.alert\",\"severity\":\"high\","
	 "\"stream\":\"stdout\",\"offset\":100}\n"
	 "{\"seq\":3,\"event\":\"output.milestone\",\"severity\":\"low\","
	 "\"stream\":\"stderr\",\"offset\":250}\n"
	 "{\"seq\":4,\"event\":\"output.alert\",\"severity\":\"critical\","
	 "\"stream\":\"stdout\",\"offset\":80}\n"
	 "{\"seq\":5,\"event\":\"job.stall\",\"severity\":\"high\"}\n";

static void
past_of_a_running_job(void **state)
{
	struct journal_past past;

	(void)state;
	read_past(running, &past);
	assert_int_equal(past.end, strlen(running));
	assert_int_equal(past.seq, 5);
	assert_int_equal(past.alerts[SEVERITY_HIGH], 2);
	assert_int_equal(past.alerts[SEVERITY_CRITICAL], 1);
	assert_int_equal(past.alerts[SEVERITY_LOW], 1);
	assert_int_equal(past.alerts[SEVERITY_NONE], 0);
	assert_int_equal(past.heard[STREAM_STDOUT], 101);
	assert_int_equal(past.heard[STREAM_STDERR], 251);
	assert_true(past.started);
	assert_true(past.stalled);
	assert_false(past.ended);
	assert_int_equal(past.stop_reason, REASON_NONE);
}

static void
torn_line_does_not_count(void **state)
{
	struct journal_past past;
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "%s{\"seq\":6,\"event\":\"job.exit\"",
	    running);
	read_past(text, &past);
	assert_int_equal(past.end, strlen(running));
	assert_int_equal(past.seq, 5);
	assert_false(past.ended);
	/* A whole line that is not JSON is passed over, never cut off. */
	snprintf(text, sizeof(text), "%s{\"se\n{\"seq\":7}\n", running);
	read_past(text, &past);
	assert_int_equal(past.end, strlen(text));
	assert_int_equal(past.seq, 7);
}

static void
stall_is_cleared(void **state)
{
	struct journal_past past;
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text),
	    "%s{\"seq\":6,"
	    "\"event\":\"job.stall.clear\",\"severity\":\"low\"}\n",
	    running);
	read_past(text, &past);
	assert_false(past.stalled);
}

static void
exit_is_recalled(void **state)
{
	struct journal_past past;

	(void)state;
	read_past("{\"seq\":1,\"event\":\"job.exit\",\"severity\":\"high\","
		  "\"data\":{\"exit_code\":3,\"signal\":null,"
		  "\"reason\":\"exit\"}}\n",
	    &past);
	assert_true(past.ended);
	assert_true(past.exit_known);
	assert_int_equal(past.exit_status, 3 << 8);
	assert_int_equal(past.exit_reason, REASON_EXIT);
	read_past("{\"seq\":1,\"event\":\"job.exit\",\"data\":"
		  "{\"exit_code\":null,\"signal\":9,\"reason\":\"stall\"}}\n",
	    &past);
	assert_true(past.exit_known);
	assert_int_equal(past.exit_status, 9);
	assert_int_equal(past.exit_reason, REASON_STALL);
	read_past("{\"seq\":1,\"event\":\"job.lost\",\"data\":{\"pid\":7}}\n",
	    &past);
	assert_true(past.ended);
	assert_false(past.exit_known);
}

static void
stop_is_recalled(void **state)
{
	struct journal_past past;

	(void)state;
	read_past("{\"seq\":1,\"event\":\"job.stop\",\"severity\":\"high\","
		  "\"message\":\"no output for 5m\","
		  "\"data\":{\"by\":\"policy\",\"reason\":\"stall\"}}\n",
	    &past);
	assert_int_equal(past.stop_reason, REASON_STALL);
	assert_string_equal(past.stop_detail, "no output for 5m");
	read_past("{\"seq\":1,\"event\":\"job.stop\",\"data\":"
		  "{\"reason\":\"nonsense\"}}\n",
	    &past);
	assert_int_equal(past.stop_reason, REASON_NONE);
}

/* A supervisor that takes over in the second attempt must not believe that
 * the job has ended, or that somebody wants it to. */
static void
restart_begins_anew(void **state)
{
	static const char first
	    [] = "{\"seq\":1,\"event\":\"job.start\",\"data\":{\"pid\":7,"
		 "\"started_at\":\"2026-03-02T14:00:00.000000Z\"}}\n"
		 "{\"seq\":2,\"event\":\"output.alert\",\"severity\":\"high\","
		 "\"stream\":\"stdout\",\"offset\":100}\n"
		 "{\"seq\":3,\"event\":\"job.stall\",\"severity\":\"high\"}\n"
		 "{\"seq\":4,\"event\":\"job.stop\",\"message\":\"silent\","
		 "\"time\":\"2026-03-02T14:05:00.000000Z\",\"data\":"
		 "{\"reason\":\"stall\",\"signal\":15,\"grace_s\":30}}\n"
		 "{\"seq\":5,\"event\":\"job.exit\",\"severity\":\"critical\","
		 "\"data\":{\"signal\":9,\"reason\":\"stall\","
		 "\"runtime_s\":300.5}}\n";
	static const char again[] = "{\"seq\":6,\"event\":\"job.restart\"}\n";
	struct journal_past past;
	char text[2048];

	(void)state;
	read_past(first, &past);
	assert_true(past.ended);
	assert_int_equal(past.stop_reason, REASON_STALL);
	snprintf(text, sizeof(text), "%s%s", first, again);
	read_past(text, &past);
	assert_int_equal(past.seq, 6);
	assert_int_equal(past.alerts[SEVERITY_CRITICAL], 1);
	assert_int_equal(past.heard[STREAM_STDOUT], 101);
	assert_false(past.started);
	assert_int_equal(past.pid, 0);
	assert_int_equal(past.started_us, 0);
	assert_false(past.stalled);
	assert_false(past.stopping);
	assert_int_equal(past.stop_reason, REASON_NONE);
	assert_int_equal(past.stop_signal, 0);
	assert_int_equal(past.stop_grace_ms, 0);
	assert_int_equal(past.stop_time_us, 0);
	assert_string_equal(past.stop_detail, "");
	assert_false(past.ended);
	assert_false(past.exit_known);
	assert_int_equal(past.exit_status, 0);
	assert_int_equal(past.exit_reason, REASON_NONE);
	assert_int_equal(past.runtime_us, -1);
}

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
	struct journal_past past;
	struct desk desk;
	unsigned events;
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "%s{\"seq\":6,\"event\":\"torn", running);
	read_past(text, &past);
	desk = desk_open();
	journal_event(desk.journal, EVENT_JOB_STALL_CLEAR, SEVERITY_LOW,
	    "stall", NULL, "goes on");
	desk_close(&desk);
	tally(&events);
	assert_int_equal(events, 6);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(no_past),
		TEST(past_of_a_running_job),
		TEST(torn_line_does_not_count),
		TEST(stall_is_cleared),
		TEST(exit_is_recalled),
		TEST(stop_is_recalled),
		TEST(restart_begins_anew),
		TEST(numbers_go_on),
		TEST(torn_end_is_cut_off),
		TEST(finding_is_heard_once),
		TEST(foreign_numbers_are_refused),
		TEST(flood_is_capped),
		TEST(flood_of_all_is_capped),
		TEST(no_count_is_lost),
		TEST(full_queue_makes_no_gap),
		TEST(longest_finding_still_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
