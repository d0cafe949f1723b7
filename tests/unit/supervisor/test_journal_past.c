/*
 * test_journal_past.c - what a supervisor reads back from the events of its
 * predecessors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "journal.h"
#include "status.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(no_past),
		FIXTURE_TEST(past_of_a_running_job),
		FIXTURE_TEST(torn_line_does_not_count),
		FIXTURE_TEST(stall_is_cleared),
		FIXTURE_TEST(exit_is_recalled),
		FIXTURE_TEST(stop_is_recalled),
		FIXTURE_TEST(restart_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
