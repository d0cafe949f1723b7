/*
 * capture.c - see capture.h.
 *
 * Under a flood of small writes one splice a write costs more than it
 * moves, so after a streak of close wake-ups the pipe is left alone for a
 * millisecond at a time, until little comes or it fills faster than that.
 */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "clock.h"
#include "family.h"
#include "io.h"

#define STREAK_GAP_US 200 /* wake-ups closer than this make a streak */
#define STREAK_LONG 16	  /* of this many wake-ups, then we wait */
#define WAIT_US 1000
#define PIPE_WANTED (256 << 10)
#define PIPE_ENOUGH (128 << 10)
#define MOVE_MAX (1u << 20)

struct capture_stream {
	enum stream stream;
	int job_fd;
	int stage_read;
	int stage_write;
	struct event *readable;
	bool open;
	bool full; /* staging is; resumed when the writer has moved some */
	uint64_t bytes;
};

struct capture {
	struct capture_stream streams[STREAM_COUNT];
	struct writer *writer;
	struct capture_callbacks callbacks;
	struct event *wait; /* the flood timer */
	bool waiting;
	int64_t last_us;
	unsigned streak;
	int capacity; /* of the smaller job pipe */
};

/* Under the user's pipe quota a pipe keeps the size it has. */
static int
capture_enlarge(int fd)
{
	if (fcntl(fd, F_SETPIPE_SZ, PIPE_WANTED) == -1)
		fcntl(fd, F_SETPIPE_SZ, PIPE_ENOUGH);
	return fcntl(fd, F_GETPIPE_SZ);
}

static void
capture_close(struct capture_stream *s)
{
	s->open = false;
	s->full = false;
	event_del(s->readable);
}

/* What splice's EAGAIN did not say: is the job's pipe empty, or ours full? */
static bool
capture_is_full(const struct capture_stream *s)
{
	int waiting = 0;

	return ioctl(s->job_fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

/* Moves what there is of one stream. Bytes moved; the stream is closed at
 * its end, and marked full where it could not all be taken. */
static size_t
capture_move(struct capture_stream *s)
{
	size_t moved = 0;
	ssize_t n;

	while (s->open) {
		n = splice(s->job_fd, NULL, s->stage_write, NULL, MOVE_MAX,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0) {
			capture_close(s);
			break;
		}
		if (n == -1) {
			s->full = capture_is_full(s);
			break;
		}
		moved += (size_t)n;
		if (moved >= MOVE_MAX)
			break;
	}
	s->bytes += moved;
	if (s->full)
		event_del(s->readable);
	return moved;
}

/* One look at both streams, in their order. Bytes moved. */
static size_t
capture_take(struct capture *capture)
{
	size_t moved = 0;

	for (int i = 0; i < STREAM_COUNT; i++) {
		struct capture_stream *s = &capture->streams[i];
		int64_t now = clock_real_us();
		size_t n;

		if (writer_is_full(capture->writer))
			s->full = s->open;
		n = s->open && !s->full ? capture_move(s) : 0;
		if (n > 0)
			writer_chunk(capture->writer, s->stream, (uint32_t)n,
			    now);
		moved += n;
	}
	if (moved > 0)
		capture->callbacks.output(capture->callbacks.arg);
	return moved;
}

bool
capture_is_ended(const struct capture *capture)
{
	return !capture->streams[STREAM_STDOUT].open &&
	    !capture->streams[STREAM_STDERR].open;
}

static void
capture_listen(struct capture *capture, bool on)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct capture_stream *s = &capture->streams[i];

		if (s->open && !s->full && on)
			event_add(s->readable, NULL);
		else
			event_del(s->readable);
	}
}

static void
capture_wait(struct capture *capture)
{
	const struct timeval time = { .tv_usec = WAIT_US };

	capture->waiting = true;
	capture_listen(capture, false);
	event_add(capture->wait, &time);
}

static void
capture_check_end(struct capture *capture, bool was_ended)
{
	if (!was_ended && capture_is_ended(capture))
		capture->callbacks.ended(capture->callbacks.arg);
}

static void
capture_readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct capture *capture = arg;
	int64_t now = clock_mono_us();
	bool was_ended = capture_is_ended(capture);
	size_t moved = capture_take(capture);

	(void)fd;
	(void)what;
	if (now - capture->last_us > STREAK_GAP_US ||
	    moved >= (size_t)capture->capacity / 4)
		capture->streak = 0;
	else if (++capture->streak >= STREAK_LONG)
		capture_wait(capture);
	capture->last_us = now;
	capture_check_end(capture, was_ended);
}

static void
capture_wait_cb(evutil_socket_t fd, short what, void *arg)
{
	struct capture *capture = arg;
	bool was_ended = capture_is_ended(capture);
	size_t moved = capture_take(capture);

	(void)fd;
	(void)what;
	capture->waiting = false;
	if (moved > 0 && moved < (size_t)capture->capacity / 2) {
		capture_wait(capture);
	} else {
		capture->streak = 0;
		capture_listen(capture, true);
	}
	capture_check_end(capture, was_ended);
}

void
capture_resume(struct capture *capture)
{
	bool resumed = false;

	for (int i = 0; i < STREAM_COUNT; i++) {
		resumed = resumed || capture->streams[i].full;
		capture->streams[i].full = false;
	}
	if (resumed && !capture->waiting)
		capture_listen(capture, true);
}

bool
capture_drain(struct capture *capture)
{
	while (capture_take(capture) > 0)
		;
	return !capture_is_ended(capture);
}

void
capture_stop(struct capture *capture)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		if (capture->streams[i].open)
			capture_close(&capture->streams[i]);
}

uint64_t
capture_bytes(const struct capture *capture, enum stream stream)
{
	return capture->streams[stream].bytes;
}

/* Queues what a predecessor had put into staging. Its time is not known
 * any more; now is the nearest. */
static void
capture_adopt(struct capture *capture, struct capture_stream *s)
{
	uint64_t owed = writer_owed(capture->writer, s->stream);
	int staged = 0;

	if (ioctl(s->stage_read, FIONREAD, &staged) == -1 ||
	    (uint64_t)staged <= owed)
		return;
	writer_chunk(capture->writer, s->stream,
	    (uint32_t)((uint64_t)staged - owed), clock_real_us());
	s->bytes += (uint64_t)staged - owed;
}

static int
capture_stream_init(struct capture *capture, struct event_base *base,
    struct capture_stream *s)
{
	int size;

	io_nonblock(s->job_fd, true);
	s->readable = event_new(base, s->job_fd, EV_READ | EV_PERSIST,
	    capture_readable_cb, capture);
	if (s->readable == NULL)
		return -1;
	size = capture_enlarge(s->job_fd);
	capture_enlarge(s->stage_write);
	if (size > 0 && size < capture->capacity)
		capture->capacity = size;
	s->open = true;
	capture_adopt(capture, s);
	return event_add(s->readable, NULL);
}

struct capture *
capture_new(struct event_base *base, struct writer *writer,
    const struct capture_callbacks *callbacks, struct why *why)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (capture == NULL)
		goto fail;
	capture->writer = writer;
	capture->callbacks = *callbacks;
	capture->capacity = PIPE_WANTED;
	capture->streams[STREAM_STDOUT] = (struct capture_stream){
		.stream = STREAM_STDOUT,
		.job_fd = FAMILY_FD_JOB_OUT,
		.stage_read = FAMILY_FD_STAGE_OUT_READ,
		.stage_write = FAMILY_FD_STAGE_OUT_WRITE,
	};
	capture->streams[STREAM_STDERR] = (struct capture_stream){
		.stream = STREAM_STDERR,
		.job_fd = FAMILY_FD_JOB_ERR,
		.stage_read = FAMILY_FD_STAGE_ERR_READ,
		.stage_write = FAMILY_FD_STAGE_ERR_WRITE,
	};
	capture->wait = evtimer_new(base, capture_wait_cb, capture);
	if (capture->wait == NULL)
		goto fail;
	for (int i = 0; i < STREAM_COUNT; i++)
		if (capture_stream_init(capture, base, &capture->streams[i]) ==
		    -1)
			goto fail;
	return capture;
fail:
	why_errno(why, "cannot capture");
	capture_free(capture);
	return NULL;
}

void
capture_free(struct capture *capture)
{
	if (capture == NULL)
		return;
	for (int i = 0; i < STREAM_COUNT; i++)
		if (capture->streams[i].readable != NULL)
			event_free(capture->streams[i].readable);
	if (capture->wait != NULL)
		event_free(capture->wait);
	free(capture);
}
