/*
 * test_writer_errors.c - errors of the disk pass, and nothing is lost by
 * them.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "event.h"
#include "scribe.h"

/* No file may grow beyond this many bytes, as if the disk were full. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
goes_on_after_a_full_disk(void **state)
{
	static char block[4096];
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	memset(block, 'b', sizeof(block) - 1);
	block[sizeof(block) - 2] = '\n';
	limit_files(6000);
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, block);
	wait_until(writer, has_output, 4095);
	stage(writer, STREAM_STDERR, block);
	progress = wait_until(writer, has_failed, EFBIG);
	assert_string_equal(progress.error_what, "output.log");
	assert_true(progress.busy);
	/* What the disk still takes is written none the less. */
	assert_int_equal(writer_event(writer, "{1}\n", 4, true), 0);
	while (progress.events_end != 4)
		writer_progress(writer, &progress);
	limit_files(RLIM_INFINITY);
	progress = wait_until(writer, is_idle, 0);
	assert_int_equal(progress.error, 0);
	assert_int_equal(progress.log_end, 2 * 4095);
	writer_free(writer, 5000);
	assert_int_equal(strlen(fixture_output(&fixture)), 2 * 4095);
}

/* A status file that could not be written is the newest one at last. */
static void
newest_file_wins_after_an_error(void **state)
{
	static const char block[] = "status.json.tmp";
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	assert_int_equal(mkdirat(fixture.dir, block, 0700), 0);
	assert_int_equal(writer_start(writer), 0);
	writer_replace(writer, WRITER_STATUS, "{old}", 5, true);
	progress = wait_until(writer, has_failed, EISDIR);
	assert_string_equal(progress.error_what, "status.json");
	writer_replace(writer, WRITER_STATUS, "{new}", 5, false);
	assert_int_equal(unlinkat(fixture.dir, block, AT_REMOVEDIR), 0);
	wait_until(writer, is_idle, 0);
	writer_free(writer, 5000);
	assert_string_equal(fixture_file(&fixture, "status.json"), "{new}");
}

static void
events_are_whole_after_an_error(void **state)
{
	struct writer *writer = open_writer(0, 0);
	char line[64];

	(void)state;
	limit_files(1000);
	assert_int_equal(writer_start(writer), 0);
	for (int i = 0; i < 100; i++) {
		int n = snprintf(line, sizeof(line), "{\"seq\":%06d}\n", i);

		assert_int_equal(writer_event(writer, line, (size_t)n, true),
		    0);
	}
	wait_until(writer, has_failed, EFBIG);
	limit_files(RLIM_INFINITY);
	wait_until(writer, is_idle, 0);
	writer_free(writer, 5000);
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "{\"seq\":%06d}\n", i);
		assert_memory_equal(fixture_file(&fixture, EVENTS_FILE) +
			15 * i,
		    line, 15);
	}
	assert_int_equal(strlen(fixture_file(&fixture, EVENTS_FILE)), 1500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(goes_on_after_a_full_disk),
		FIXTURE_TEST(newest_file_wins_after_an_error),
		FIXTURE_TEST(events_are_whole_after_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
