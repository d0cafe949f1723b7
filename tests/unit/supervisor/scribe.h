/*
 * scribe.h - a writer on the fixture's pipes and directory, and waiting for
 * what it does.
 */
#ifndef TESTS_UNIT_SUPERVISOR_SCRIBE_H
#define TESTS_UNIT_SUPERVISOR_SCRIBE_H

#include <time.h>

#include "clock.h"
#include "fixture.h"
#include "writer.h"

#define PATIENCE_US (20 * INT64_C(1000000)) /* far more than it takes */

static inline struct writer *
open_writer(uint64_t events_end, int64_t max_size)
{
	struct why why;
	struct writer *writer = writer_new(fixture.dir, fixture.reads,
	    events_end, max_size, &why);

	if (writer == NULL)
		fail_msg("%s", why.text);
	return writer;
}

static inline void
stage(struct writer *writer, enum stream stream, const char *text)
{
	fixture_stage(&fixture, stream, text);
	assert_int_equal(writer_chunk(writer, stream, (uint32_t)strlen(text),
			     clock_real_us()),
	    0);
}

/* Waits for news until `good` says so. */
static inline struct writer_progress
wait_until(struct writer *writer,
    bool (*good)(const struct writer_progress *, uint64_t), uint64_t value)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	struct writer_progress progress;

	for (;;) {
		writer_progress(writer, &progress);
		if (good(&progress, value))
			return progress;
		if (clock_mono_us() > end)
			fail_msg("the writer is stuck: error %d in %s",
			    progress.error, progress.error_what);
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
}

static inline bool
is_idle(const struct writer_progress *progress, uint64_t value)
{
	(void)value;
	return !progress->busy;
}

static inline bool
has_output(const struct writer_progress *progress, uint64_t value)
{
	return progress->log_end >= value;
}

static inline bool
has_failed(const struct writer_progress *progress, uint64_t value)
{
	return progress->error == (int)value;
}

static inline bool
has_rotated(const struct writer_progress *progress, uint64_t value)
{
	return progress->rotations >= value;
}

#endif
