/*
 * stand.h - a capture on a real loop, with the pipes at the family's numbers,
 * and the job's side of them.
 */
#ifndef TESTS_UNIT_SUPERVISOR_STAND_H
#define TESTS_UNIT_SUPERVISOR_STAND_H

#include <stdbool.h>

#include "capture.h"
#include "family.h"
#include "fixture.h"

#define PATIENCE_S 30 /* far more than it takes */

/* The job's side, and what the loop has said. */
struct stand {
	struct fixture fixture; /* its own pipes are not used here */
	int job[STREAM_COUNT];	/* write ends */
	struct event_base *base;
	struct writer *writer;
	struct event *wake;
	struct event *patience;
	struct capture *capture;
	unsigned outputs;
	unsigned ends;
	uint64_t wanted; /* leave the loop when the log is that long */
};

static const int fixed_reads[STREAM_COUNT] = { FAMILY_FD_STAGE_OUT_READ,
	FAMILY_FD_STAGE_ERR_READ };

static inline void
place(int fd, int number)
{
	assert_int_equal(dup3(fd, number, O_CLOEXEC), number);
	close(fd);
}

/* A pipe with its ends at fixed numbers; -1 gives back the write end. */
static inline int
place_pipe(int read_number, int write_number)
{
	int ends[2];

	fixture_pipe(ends);
	place(ends[0], read_number);
	if (write_number == -1)
		return ends[1];
	place(ends[1], write_number);
	return -1;
}

static inline void
output_cb(void *arg)
{
	struct stand *stand = arg;

	stand->outputs++;
}

static inline void
ended_cb(void *arg)
{
	struct stand *stand = arg;

	stand->ends++;
}

static inline bool
stand_is_done(struct stand *stand)
{
	struct writer_progress progress;

	writer_progress(stand->writer, &progress);
	return progress.log_end >= stand->wanted && !progress.busy;
}

static inline void
wake_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stand *stand = arg;

	(void)fd;
	(void)what;
	writer_ack(stand->writer);
	if (stand->capture != NULL)
		capture_resume(stand->capture);
}

static inline void
patience_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fail_msg("nothing happens any more");
}

static inline void
stand_writer(struct stand *stand)
{
	struct why why;

	stand->writer = writer_new(stand->fixture.dir, fixed_reads, 0, 0, &why);
	assert_non_null(stand->writer);
	stand->wake = event_new(stand->base, writer_wake_fd(stand->writer),
	    EV_READ | EV_PERSIST, wake_cb, stand);
	assert_int_equal(event_add(stand->wake, NULL), 0);
}

/* Begins with what a predecessor has left in the index (NULL: nothing). */
static inline void
stand_init(struct stand *stand, const void *index, size_t n)
{
	*stand = (struct stand){ 0 };
	fixture_init(&stand->fixture);
	if (index != NULL)
		assert_int_equal(io_replace(stand->fixture.dir, SEGMENT_INDEX,
				     index, n, false),
		    0);
	stand->job[STREAM_STDOUT] = place_pipe(FAMILY_FD_JOB_OUT, -1);
	stand->job[STREAM_STDERR] = place_pipe(FAMILY_FD_JOB_ERR, -1);
	place_pipe(FAMILY_FD_STAGE_OUT_READ, FAMILY_FD_STAGE_OUT_WRITE);
	place_pipe(FAMILY_FD_STAGE_ERR_READ, FAMILY_FD_STAGE_ERR_WRITE);
	stand->base = event_base_new();
	assert_non_null(stand->base);
	stand_writer(stand);
	stand->patience = evtimer_new(stand->base, patience_cb, stand);
	assert_non_null(stand->patience);
}

static inline void
stand_capture(struct stand *stand)
{
	struct capture_callbacks callbacks = { output_cb, ended_cb, stand };
	struct why why;

	stand->capture = capture_new(stand->base, stand->writer, &callbacks,
	    &why);
	if (stand->capture == NULL)
		fail_msg("%s", why.text);
}

/* Runs the loop until the log has `wanted` bytes. */
static inline void
stand_run(struct stand *stand, uint64_t wanted)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	stand->wanted = wanted;
	evtimer_add(stand->patience, &patience);
	while (!stand_is_done(stand))
		event_base_loop(stand->base, EVLOOP_ONCE);
	evtimer_del(stand->patience);
}

static inline void
stand_release(struct stand *stand)
{
	capture_free(stand->capture);
	event_free(stand->wake);
	event_free(stand->patience);
	writer_free(stand->writer, 20000);
	event_base_free(stand->base);
	for (int fd = FAMILY_FD_JOB_OUT; fd <= FAMILY_FD_STAGE_ERR_WRITE; fd++)
		close(fd);
	for (int i = 0; i < STREAM_COUNT; i++)
		if (stand->job[i] != -1)
			close(stand->job[i]);
	fixture_release(&stand->fixture);
}

/* The job closes its outputs. */
static inline void
stand_hang_up(struct stand *stand, enum stream stream)
{
	close(stand->job[stream]);
	stand->job[stream] = -1;
}

#endif
