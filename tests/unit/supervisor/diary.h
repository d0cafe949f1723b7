/*
 * diary.h - a log file in the fixture's directory, written to as the writer's
 * thread would.
 */
#ifndef TESTS_UNIT_SUPERVISOR_DIARY_H
#define TESTS_UNIT_SUPERVISOR_DIARY_H

#include "fixture.h"
#include "logfile.h"

#define NOW INT64_C(1700000000000000)

static inline void
open_log(struct logfile *log)
{
	struct why why;

	if (logfile_init(log, fixture.dir, &why) == -1)
		fail_msg("%s", why.text);
}

static inline void
move_all(struct logfile *log)
{
	while (log->owed > 0)
		assert_true(logfile_move(log, fixture.reads) > 0);
}

static inline void
say(struct logfile *log, enum stream stream, const char *text, int64_t time)
{
	fixture_stage(&fixture, stream, text);
	assert_int_equal(logfile_promise(log, stream, (uint32_t)strlen(text),
			     time),
	    0);
	move_all(log);
}

static inline struct segment_record
record_of(const struct logfile *log, uint64_t number)
{
	struct segment_record record;

	assert_int_equal(pread(log->index_fd, &record, sizeof(record),
			     (off_t)(sizeof(struct segment_header) +
				 number * sizeof(record))),
	    sizeof(record));
	return record;
}

#endif
