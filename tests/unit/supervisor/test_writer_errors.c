/*
 * test_writer_errors.c - errors of the disk pass, and nothing is lost by
 * them.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
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
#include "writer_queue.h"

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
	limit_files(20); /* less than an index has already */
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, block);
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

/* A file that may not grow is closed, whatever max_size says. */
static void
a_limit_closes_segments(void **state)
{
	static char block[4096];
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	memset(block, 'b', sizeof(block) - 1);
	limit_files(6000);
	assert_int_equal(writer_start(writer), 0);
	for (uint64_t i = 1; i <= 10; i++) {
		stage(writer, STREAM_STDOUT, block);
		progress = wait_until(writer, has_output, i * 4095);
	}
	limit_files(RLIM_INFINITY);
	assert_int_equal(progress.rotations, 40950 / 6000);
	assert_int_equal(progress.loss.total, 0);
	writer_free(writer, 5000);
	assert_int_equal(strlen(fixture_output(&fixture)), 10 * 4095);
}

static bool
has_lost(const struct writer_progress *progress, uint64_t value)
{
	return progress->loss.total >= value;
}

static bool
has_stopped_losing(const struct writer_progress *progress, uint64_t value)
{
	(void)value;
	return !progress->loss.dropping && progress->loss.total > 0;
}

/* "drop-oldest" with nothing to drop: bytes are counted; what comes later
 * has the offsets that it would have had. */
static void
drops_what_the_disk_refuses(void **state)
{
	const struct writer_rules rules = { .drops = true,
		.max_retention_us = -1,
		.disk_free = -1 };
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;

	(void)state;
	writer_obey(writer, &rules);
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, "kept\n");
	wait_until(writer, has_output, 5);
	limit_files(5); /* the log's length: no index has room for a record */
	stage(writer, STREAM_STDOUT, "lost\n");
	stage(writer, STREAM_STDERR, "lost, too\n");
	progress = wait_until(writer, has_lost, 15);
	assert_true(progress.loss.dropping);
	assert_int_equal(progress.loss.error, EFBIG);
	assert_int_equal(progress.loss.begin, 5);
	assert_int_equal(progress.loss.end, 20);
	assert_int_equal(writer_backlog(writer), 0); /* nobody waits */
	limit_files(RLIM_INFINITY);
	progress = wait_until(writer, has_stopped_losing, 0);
	assert_int_equal(progress.log_begin, 20);
	stage(writer, STREAM_STDOUT, "again\n");
	wait_until(writer, has_output, 26);
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture), "kept\nagain\n");
}

/* The disk has room now and then: each run of lost bytes is told, though
 * nobody looks between two. */
static void
each_run_of_lost_bytes_is_told(void **state)
{
	const struct writer_rules rules = { .drops = true,
		.max_retention_us = -1,
		.disk_free = -1 };
	struct writer *writer = open_writer(0, 0);
	struct writer_loss loss;

	(void)state;
	writer_obey(writer, &rules);
	assert_int_equal(writer_start(writer), 0);
	for (uint64_t i = 0; i < 3; i++) {
		limit_files(0);
		stage(writer, STREAM_STDOUT, "lost\n");
		wait_until(writer, has_lost, (i + 1) * 5);
		limit_files(RLIM_INFINITY);
		wait_until(writer, has_stopped_losing, 0);
		stage(writer, STREAM_STDOUT, "kept\n");
		wait_until(writer, has_output, (i + 1) * 10);
	}
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(writer_take_loss(writer, &loss), 1);
		assert_int_equal(loss.begin, 10 * i);
		assert_int_equal(loss.end, 10 * i + 5);
	}
	assert_int_equal(writer_take_loss(writer, &loss), 0);
	writer_free(writer, 5000);
	/* The first one went to make room for what was lost last. */
	assert_string_equal(fixture_output(&fixture), "kept\nkept\n");
}

/* The writer's index stands for a disk that fails, but is not full. */
static int
break_index(struct writer *writer)
{
	int whole = dup(writer->log.index_fd);
	int broken = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(broken, writer->log.index_fd);
	close(broken);
	return whole;
}

static void
mend_index(struct writer *writer, int whole)
{
	dup2(whole, writer->log.index_fd);
	close(whole);
}

/* No segment goes for it: there is room enough. And it may work again. */
static void
another_error_costs_nothing(void **state)
{
	const struct writer_rules rules = { .drops = true,
		.max_retention_us = -1,
		.disk_free = -1 };
	struct writer *writer = open_writer(0, 6);
	struct writer_progress progress;
	int whole;

	(void)state;
	writer_obey(writer, &rules);
	stage(writer, STREAM_STDOUT, "one\n");
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, "two\n");
	wait_until(writer, has_output, 8);
	wait_until(writer, is_idle, 0);
	whole = break_index(writer);
	stage(writer, STREAM_STDOUT, "6");
	progress = wait_until(writer, has_failed, EBADF);
	assert_int_equal(progress.loss.total, 0);
	mend_index(writer, whole);
	progress = wait_until(writer, has_output, 9);
	assert_int_equal(progress.loss.total, 0);
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture), "one\ntwo\n6");
}

/* "drop-oldest" does not let the job wait for ever for a broken disk, either,
 * and what cannot be taken back in the index is so later. */
static void
patience_ends(void **state)
{
	const struct writer_rules rules = { .drops = true,
		.max_retention_us = -1,
		.disk_free = -1 };
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;
	int whole;

	(void)state;
	writer_obey(writer, &rules);
	assert_int_equal(writer_start(writer), 0);
	stage(writer, STREAM_STDOUT, "kept\n");
	wait_until(writer, has_output, 5);
	whole = break_index(writer);
	stage(writer, STREAM_STDOUT, "lost\n");
	progress = wait_until(writer, has_lost, 5);
	assert_int_equal(progress.loss.error, EBADF);
	mend_index(writer, whole);
	wait_until(writer, has_stopped_losing, 0);
	stage(writer, STREAM_STDOUT, "again\n");
	wait_until(writer, has_output, 16);
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture), "kept\nagain\n");
}

/* A predecessor has told of lost bytes up to 50, and died. */
static void
goes_on_behind_what_was_told_lost(void **state)
{
	struct writer *writer = open_writer(0, 0);

	(void)state;
	writer_recall_losses(writer, 50);
	assert_int_equal(writer_start(writer), 0);
	wait_until(writer, has_output, 50);
	stage(writer, STREAM_STDOUT, "there\n");
	wait_until(writer, has_output, 56);
	writer_free(writer, 5000);
	assert_string_equal(fixture_output(&fixture), "there\n");
}

/* A predecessor has noted a loss, and died before it could tell of all. */
static void
tells_what_was_noted(void **state)
{
	struct lossbook book = { .fd = -1 };
	struct writer_progress progress;
	struct writer_loss loss;
	struct writer *writer;

	(void)state;
	assert_int_equal(lossbook_open(&book, fixture.dir), 0);
	assert_int_equal(lossbook_note(&book, 0, 30, ENOSPC), 0);
	lossbook_close(&book);
	writer = open_writer(0, 0);
	writer_recall_losses(writer, 10);
	assert_int_equal(writer_start(writer), 0);
	progress = wait_until(writer, has_stopped_losing, 0);
	assert_int_equal(progress.loss.total, 20);
	assert_int_equal(writer_take_loss(writer, &loss), 1);
	assert_int_equal(loss.end, 30);
	assert_int_equal(loss.error, ENOSPC);
	stage(writer, STREAM_STDOUT, "there\n");
	wait_until(writer, has_output, 36);
	writer_free(writer, 5000);
}

static int64_t
cpu_us(struct writer *writer)
{
	struct timespec used;
	clockid_t clock;

	assert_int_equal(pthread_getcpuclockid(writer->thread, &clock), 0);
	assert_int_equal(clock_gettime(clock, &used), 0);
	return used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* Somebody has deleted the job, and the disk takes nothing on top of that:
 * nobody waits for it, and nothing is tried without end. */
static void
a_deleted_job_costs_nothing(void **state)
{
	struct writer *writer = open_writer(0, 0);
	struct writer_progress progress;
	char path[64];
	int64_t used, until;

	(void)state;
	snprintf(path, sizeof(path), "rm -r %s", fixture.path);
	assert_int_equal(writer_start(writer), 0);
	wait_until(writer, is_idle, 0);
	assert_int_equal(system(path), 0);
	limit_files(0);
	stage(writer, STREAM_STDOUT, "nowhere\n");
	writer_event(writer, "{1}\n", 4, true);
	do
		writer_progress(writer, &progress);
	while (!progress.gone || writer_backlog(writer) > 0);
	used = cpu_us(writer);
	until = clock_mono_us() + 300000;
	while (clock_mono_us() < until)
		sched_yield();
	assert_true(cpu_us(writer) - used < 100000);
	limit_files(RLIM_INFINITY);
	writer_free(writer, 5000);
	assert_int_equal(mkdir(fixture.path, 0700), 0); /* to be removed */
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
		FIXTURE_TEST(a_limit_closes_segments),
		FIXTURE_TEST(drops_what_the_disk_refuses),
		FIXTURE_TEST(each_run_of_lost_bytes_is_told),
		FIXTURE_TEST(another_error_costs_nothing),
		FIXTURE_TEST(patience_ends),
		FIXTURE_TEST(goes_on_behind_what_was_told_lost),
		FIXTURE_TEST(tells_what_was_noted),
		FIXTURE_TEST(a_deleted_job_costs_nothing),
		FIXTURE_TEST(newest_file_wins_after_an_error),
		FIXTURE_TEST(events_are_whole_after_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
