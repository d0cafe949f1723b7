/*
 * test_races.c - readers beside a writer that rotates, and beside retention,
 * as fast as they can: what a reader does not find has gone, and all that came
 * after it is there.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "diary.h"
#include "shelf.h"

#define LINE "one line of some length, as there are many\n"
#define LINE_LENGTH (sizeof(LINE) - 1)
#define READINGS 300
#define KEEP 2

struct race {
	atomic_bool over;
	atomic_ullong end; /* of what a reader must find */
	atomic_ullong removed;
};

static struct race race;
static struct shelf shelf;

static void
retain(const struct logfile *log)
{
	assert_int_equal(shelf_read(&shelf, fixture.dir, log->sequence), 0);
	while (shelf.count > KEEP) {
		assert_int_equal(shelf_remove_first(&shelf, fixture.dir), 0);
		race.removed++;
	}
}

/* Three lines a segment, two of them kept. */
static void *
write_on(void *arg)
{
	struct logfile log;
	char name[64];

	(void)arg;
	open_log(&log);
	while (!race.over) {
		for (int i = 0; i < 3; i++)
			say(&log, STREAM_STDOUT, LINE, clock_real_us());
		assert_int_equal(logfile_rotate(&log, 0, name, sizeof(name)),
		    0);
		race.end = log.end;
		retain(&log);
	}
	logfile_release(&log);
	return NULL;
}

/* Reads on from wherever the log begins now. Where it came to. */
static uint64_t
read_all(void)
{
	struct why why;
	struct logread *reader = logread_open(fixture.dir, &why);
	struct segment_chunk chunk;
	uint64_t offset = 0;
	char bytes[4096];
	ssize_t n;

	if (reader == NULL)
		fail_msg("%s", why.text);
	while ((n = logread_get(reader, offset, bytes, sizeof(bytes), &chunk)) >
	    0) {
		assert_int_equal(chunk.offset % LINE_LENGTH, 0);
		assert_memory_equal(bytes, LINE, LINE_LENGTH);
		offset = chunk.offset + (uint64_t)n;
	}
	assert_int_equal(n, 0);
	logread_close(reader);
	return offset;
}

static void
a_reader_comes_to_the_end(void **state)
{
	pthread_t writer;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_on, NULL), 0);
	while (race.removed == 0)
		;
	for (int i = 0; i < READINGS; i++) {
		uint64_t least = race.end;

		assert_true(read_all() >= least);
	}
	race.over = true;
	pthread_join(writer, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_reader_comes_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
