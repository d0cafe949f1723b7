/*
 * capture.c - see capture.h.
 *
 * Under a flood of small writes one splice a write costs more than it
 * moves, so after a streak of close wake-ups the pipe is left alone for up to
 * a millisecond at a time: shorter while it fills by half within that, until
 * nothing comes or it fills faster than we can wait. A timerfd measures it:
 * libevent's own timers last a tick (4 ms), and the job would stand still.
 */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "family.h"
#include "io.h"
#include "siphon.h"

#define STREAK_GAP_US 1000 /* wake-ups closer than this make a streak */
#define STREAK_LONG 4	   /* of this many wake-ups, then we wait */
#define WAIT_MOST_US 1000
#define WAIT_LEAST_US 125
#define PIPE_WANTED (256 << 10)
#define PIPE_ENOUGH (128 << 10)
#define DRAIN_MOST 64	    /* looks at a time */
#define TERMINAL_PIECE 4096 /* what a terminal gives in one go */

struct capture_stream {
	enum stream stream;
	struct siphon siphon; /* from the job to its staging pipe */
	int stage_read;
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
	int timer;	    /* its descriptor */
	int wait_us;
	bool waiting;
	int64_t last_us;
	unsigned streak;
	int capacity; /* of the smaller job pipe, or terminal */
};

/* Under the user's pipe quota a pipe keeps the size it has; a terminal has
 * no size to change (-1). */
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

	return ioctl(s->siphon.from, FIONREAD, &waiting) == 0 && waiting > 0;
}

/* No room for more of this stream: until the writer has made some. */
static void
capture_pause(struct capture *capture, struct capture_stream *s)
{
	s->full = true;
	event_del(s->readable);
	writer_want_room(capture->writer);
}

/* Moves what there is of one stream, by one splice: if more has come since,
 * the pipe is readable still. Bytes moved; the stream is closed at its end
 * (which a terminal tells by EIO), and marked full where nothing could be
 * taken. */
static size_t
capture_move(struct capture *capture, struct capture_stream *s)
{
	ssize_t n;

	do
		n = siphon_move(&s->siphon);
	while (n == -1 && errno == EINTR);
	if (n == 0 || (n == -1 && errno == EIO))
		capture_close(s);
	else if (n == -1 && capture_is_full(s))
		capture_pause(capture, s);
	if (n <= 0)
		return 0;
	s->bytes += (uint64_t)n;
	return (size_t)n;
}

/* One look at a stream. Bytes moved. */
static size_t
capture_take_one(struct capture *capture, struct capture_stream *s)
{
	int64_t now = clock_real_us();
	size_t n;

	if (writer_is_full(capture->writer) && s->open)
		capture_pause(capture, s);
	n = s->open && !s->full ? capture_move(capture, s) : 0;
	if (n > 0)
		writer_chunk(capture->writer, s->stream, (uint32_t)n, now);
	return n;
}

/* One look at both streams, in their order. Bytes moved. */
static size_t
capture_take(struct capture *capture)
{
	size_t moved = 0;

	for (int i = 0; i < STREAM_COUNT; i++)
		moved += capture_take_one(capture, &capture->streams[i]);
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
	const struct itimerspec time = {
		.it_value.tv_nsec = capture->wait_us * 1000L,
	};

	if (!capture->waiting)
		capture_listen(capture, false);
	capture->waiting = timerfd_settime(capture->timer, 0, &time, NULL) == 0;
	if (!capture->waiting)
		capture_listen(capture, true);
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
	size_t moved = capture_take_one(capture,
	    &capture->streams[fd == FAMILY_FD_JOB_ERR]);

	(void)what;
	if (moved > 0)
		capture->callbacks.output(capture->callbacks.arg);
	if (now - capture->last_us > STREAK_GAP_US ||
	    moved >= (size_t)capture->capacity / 4)
		capture->streak = 0;
	else if (++capture->streak >= STREAK_LONG)
		capture_wait(capture);
	capture->last_us = now;
	capture_check_end(capture, was_ended);
}

/* The next wait's length, by what this one brought. False: no more. */
static bool
capture_adapt(struct capture *capture, size_t moved)
{
	size_t capacity = (size_t)capture->capacity;

	if (moved >= capacity / 2)
		capture->wait_us /= 2;
	else if (moved < capacity / 8 && capture->wait_us < WAIT_MOST_US)
		capture->wait_us *= 2;
	return moved > 0 && capture->wait_us >= WAIT_LEAST_US;
}

static void
capture_wait_cb(evutil_socket_t fd, short what, void *arg)
{
	struct capture *capture = arg;
	bool was_ended = capture_is_ended(capture);
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));
	size_t moved = capture_take(capture);

	(void)n; /* what counts is that it fired */
	(void)what;
	if (capture_adapt(capture, moved)) {
		capture_wait(capture);
	} else {
		capture->waiting = false;
		capture->wait_us = WAIT_MOST_US;
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
	/* A stray that floods must not keep us here. */
	for (int i = 0; i < DRAIN_MOST && capture_take(capture) > 0; i++)
		;
	return !capture_is_ended(capture);
}

bool
capture_is_blocked(const struct capture *capture)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		if (capture->streams[i].open && capture->streams[i].full)
			return true;
	return false;
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

	io_nonblock(s->siphon.from, true);
	s->readable = event_new(base, s->siphon.from, EV_READ | EV_PERSIST,
	    capture_readable_cb, capture);
	if (s->readable == NULL)
		return -1;
	size = capture_enlarge(s->siphon.from);
	capture_enlarge(s->siphon.to);
	if (size == -1)
		size = TERMINAL_PIECE;
	if (size < capture->capacity)
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
	capture->timer = -1;
	capture->writer = writer;
	capture->callbacks = *callbacks;
	capture->capacity = PIPE_WANTED;
	capture->streams[STREAM_STDOUT] = (struct capture_stream){
		.stream = STREAM_STDOUT,
		.siphon = { FAMILY_FD_JOB_OUT, FAMILY_FD_STAGE_OUT_WRITE },
		.stage_read = FAMILY_FD_STAGE_OUT_READ,
	};
	capture->streams[STREAM_STDERR] = (struct capture_stream){
		.stream = STREAM_STDERR,
		.siphon = { FAMILY_FD_JOB_ERR, FAMILY_FD_STAGE_ERR_WRITE },
		.stage_read = FAMILY_FD_STAGE_ERR_READ,
	};
	capture->wait_us = WAIT_MOST_US;
	capture->timer = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	capture->wait = event_new(base, capture->timer, EV_READ | EV_PERSIST,
	    capture_wait_cb, capture);
	if (capture->timer == -1 || capture->wait == NULL ||
	    event_add(capture->wait, NULL) == -1)
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
	if (capture->timer != -1)
		close(capture->timer);
	free(capture);
}
