/*
 * writer_output.c - the writer's thread moves output: staging to segment, and
 * where the disk takes no more, what [log] on_full says.
 *
 * "block": the bytes wait in their pipes, and so does the job. "drop-oldest":
 * closed segments go, the oldest first; when there is none, new bytes are
 * taken out of staging and counted. Their offsets are never given to others:
 * the segment that is opened when the disk takes bytes again begins behind
 * them. A disk that fails otherwise (EIO, no descriptors) has nothing to gain
 * by that, and may work again in a moment: no segment goes for it, and bytes
 * only when it has failed for a while.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "writer_queue.h"

#define AGAIN_US INT64_C(1000000)    /* between tries of a disk that was full */
#define PATIENCE_US INT64_C(2000000) /* with one that fails otherwise */

static bool
output_is_about_room(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

/* --- rotation ----------------------------------------------------------- */

/* A closed segment is news for the loop; the oldest news goes for the
 * newest. */
static void
writer_rotated(struct writer *writer, const struct writer_closed *closed)
{
	unsigned tail;

	writer_lock(writer);
	if (writer->closed_count == CLOSED_MAX) {
		writer->closed_head = (writer->closed_head + 1) % CLOSED_MAX;
		writer->closed_count--;
	}
	tail = (writer->closed_head + writer->closed_count++) % CLOSED_MAX;
	writer->closed[tail] = *closed;
	writer->rotate = TRIGGER_NONE;
	writer->upkeep = true;
	writer->progress.rotations++;
	writer->progress.closed_segments++; /* until retention has looked */
	writer->progress.sequence = writer->log.sequence;
	writer->progress.log_begin = writer->log.base;
	writer->progress.log_end = writer->log.end;
	writer->progress.created_us = writer->log.created_us;
	if (writer->feed_segments) /* the new one is for the classifier */
		writer->want_segments = true;
	writer_wake(writer);
	writer_unlock(writer);
}

static int
writer_rotate_log(struct writer *writer, enum writer_trigger trigger)
{
	struct writer_closed closed = { .trigger = trigger,
		.bytes = writer->log.end - writer->log.base };
	uint64_t gap = writer->loss.dropping
	    ? writer->loss.end - writer->loss.begin
	    : 0;

	if ((closed.bytes > 0 || gap > 0) &&
	    logfile_rotate(&writer->log, gap, closed.name,
		sizeof(closed.name)) == -1)
		return -1;
	writer->cut = writer->put_off = false;
	writer_rotated(writer, &closed);
	return 0;
}

/* Filled up to a line end, or beyond what is allowed. */
static bool
writer_is_long(const struct writer *writer)
{
	int64_t size = (int64_t)(writer->log.end - writer->log.base);
	int64_t max = writer->rules.max_size;

	if (max <= 0)
		return false;
	return writer->cut || (size >= max && writer->log.line_end) ||
	    size >= max + max / 4;
}

/* Where a long one cannot be closed, it takes more for now: the disk may do
 * for output what it does not for that. */
static void
writer_close_long(struct writer *writer)
{
	if (!writer_is_long(writer) || writer->put_off)
		return;
	if (writer_rotate_log(writer, TRIGGER_SIZE) == 0)
		return;
	if (output_is_about_room(errno) && writer_make_room(writer) &&
	    writer_rotate_log(writer, TRIGGER_SIZE) == 0)
		return;
	writer->put_off = true;
}

int
writer_do_rotation(struct writer *writer)
{
	enum writer_trigger trigger;

	writer_lock(writer);
	trigger = writer->rotate;
	writer_unlock(writer);
	if (trigger == TRIGGER_NONE && writer->put_off)
		trigger = TRIGGER_SIZE;
	if (trigger == TRIGGER_NONE || writer->log.owed > 0 ||
	    writer->loss.dropping)
		return 0;
	return writer_rotate_log(writer, trigger) == -1 ? -1 : 1;
}

/* --- staging to log ----------------------------------------------------- */

static void
writer_grown(struct writer *writer, uint64_t moved)
{
	writer->refused_us = 0;
	writer_lock(writer);
	writer->backlog -= moved < writer->backlog ? moved : writer->backlog;
	writer->progress.log_end = writer->log.end;
	writer->progress.last_time_us = writer->log.last.time_us;
	writer_check_room(writer);
	if (writer->want_growth && writer->log.end > writer->growth) {
		writer->want_growth = false;
		writer_wake(writer);
	}
	writer_unlock(writer);
}

static bool
writer_peek_chunk(struct writer *writer, struct writer_chunk *chunk)
{
	bool some;

	if (writer->carried.length > 0) {
		*chunk = writer->carried;
		return true;
	}
	writer_lock(writer);
	some = writer->chunk_count > 0;
	*chunk = writer->chunks[writer->chunk_head];
	writer_unlock(writer);
	return some;
}

/* Takes n bytes off the next chunk. */
static void
writer_pop_chunk(struct writer *writer, uint32_t n)
{
	struct writer_chunk *chunk;

	if (writer->carried.length > 0) {
		writer->carried.length -= n;
		return;
	}
	writer_lock(writer);
	chunk = &writer->chunks[writer->chunk_head];
	chunk->length -= n;
	if (chunk->length == 0) {
		writer->chunk_head = (writer->chunk_head + 1) % CHUNKS_MAX;
		writer->chunk_count--;
	}
	writer_unlock(writer);
}

/* What is promised and not moved is the next chunk again. 0, or -1. */
static int
writer_take_back(struct writer *writer)
{
	const struct segment_record *last = &writer->log.last;
	struct writer_chunk chunk = {
		.stream = last->stream == STREAM_STDERR ? STREAM_STDERR
							: STREAM_STDOUT,
		.length = writer->log.owed,
		.time_us = last->time_us,
	};

	if (chunk.length == 0)
		return 0;
	if (logfile_forgive(&writer->log) == -1)
		return -1;
	writer->carried = chunk;
	return 0;
}

/* Promises the next chunk, or what of it this segment is to have, in the
 * index: none where it is to be closed first. 1, 0: there is no chunk, -1. */
static int
writer_promise(struct writer *writer)
{
	struct writer_chunk chunk;
	uint32_t n;

	if (!writer_peek_chunk(writer, &chunk))
		return 0;
	n = writer->put_off ? chunk.length : writer_cut(writer, &chunk);
	if (n == 0)
		return 1;
	if (logfile_promise(&writer->log, chunk.stream, n, chunk.time_us) == -1)
		return -1;
	writer_pop_chunk(writer, n);
	return 1;
}

/* A chunk or a slice of it. 1: did something, 0, -1. */
static int
writer_move(struct writer *writer)
{
	int64_t moved, owed;
	int promised;

	if (writer->log.owed == 0) {
		writer_close_long(writer);
		promised = writer_promise(writer);
		if (promised != 1 || writer->log.owed == 0)
			return promised;
	}
	owed = writer->log.owed;
	moved = logfile_move(&writer->log, writer->stage_fds);
	if (moved == -1)
		return -1;
	if (moved == 0) { /* promised before a reboot: the pipe is gone */
		if (logfile_forgive(&writer->log) == -1)
			return -1;
		moved = owed; /* nobody is to wait for it */
	}
	writer_grown(writer, (uint64_t)moved);
	return 1;
}

/* --- a disk that takes no more ------------------------------------------ */

/* The loop tells of it. */
static void
writer_show_loss(struct writer *writer)
{
	writer_lock(writer);
	writer->progress.loss = writer->loss;
	writer_wake(writer);
	writer_unlock(writer);
}

/* Takes length bytes of a stream out of staging, for good. */
static int
writer_drop(struct writer *writer, enum stream stream, uint64_t length)
{
	int stage = writer->stage_fds[stream == STREAM_STDERR];
	ssize_t n = 0;

	for (uint64_t left = length; left > 0; left -= (uint64_t)n) {
		n = splice(stage, NULL, writer->null_fd, NULL, left,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n == 0 || (n == -1 && errno == EAGAIN))
			break; /* less than was said: a reboot took it */
		else if (n == -1)
			return -1;
	}
	writer->loss.end += length;
	writer->loss.total += length;
	writer_grown(writer, length);
	return 0;
}

/* From here on bytes are counted instead of kept. A promise that cannot be
 * taken back now is before anything follows it. */
static int
writer_start_dropping(struct writer *writer)
{
	const struct segment_record *last = &writer->log.last;
	enum stream stream = last->stream == STREAM_STDERR ? STREAM_STDERR
							   : STREAM_STDOUT;
	int error = errno;

	writer->loss.begin = writer->loss.end = writer->log.end;
	writer->loss.dropping = true;
	writer->loss.error = error;
	writer->loss.again_us = clock_mono_us() + AGAIN_US;
	if (writer_take_back(writer) == -1 &&
	    writer_drop(writer, stream, writer->log.owed) == -1)
		return -1;
	writer_show_loss(writer);
	return 1;
}

/* The segment behind the lost bytes is opened, where need be at the oldest
 * one's cost. */
static int
writer_begin_behind(struct writer *writer)
{
	if (writer->log.owed > 0 && logfile_forgive(&writer->log) == -1)
		return -1;
	if (writer_rotate_log(writer, TRIGGER_LOSS) == 0)
		return 0;
	if (!output_is_about_room(errno) || !writer_make_room(writer))
		return -1;
	return writer_rotate_log(writer, TRIGGER_LOSS);
}

/* A try to go on behind what was lost. True when the disk takes bytes. Not
 * while the loop has yet to tell of so many runs: no range may go unnamed. */
static bool
writer_stop_dropping(struct writer *writer)
{
	int64_t now = clock_mono_us();
	bool room;

	if (now < writer->loss.again_us)
		return false;
	writer->loss.again_us = now + AGAIN_US;
	writer_lock(writer);
	room = writer->loss_count < LOSSES_MAX;
	writer_unlock(writer);
	if (!room || writer_begin_behind(writer) == -1)
		return false;
	writer->loss.dropping = false;
	writer->refused_us = 0;
	writer_lock(writer);
	writer->losses[(writer->loss_head + writer->loss_count++) %
	    LOSSES_MAX] = writer->loss;
	writer_unlock(writer);
	writer_show_loss(writer);
	return true;
}

/* While the disk is full: 1 did something, 0 nothing to do, -1. */
static int
writer_do_loss(struct writer *writer)
{
	struct writer_chunk chunk;

	if (writer_stop_dropping(writer))
		return 1;
	if (!writer_peek_chunk(writer, &chunk))
		return 0;
	if (writer_drop(writer, chunk.stream, chunk.length) == -1)
		return -1;
	writer_pop_chunk(writer, chunk.length);
	writer_lock(writer);
	writer->progress.loss = writer->loss; /* told now and then */
	writer_unlock(writer);
	return 1;
}

/* The file may not grow, though the disk has room (RLIMIT_FSIZE): what was
 * promised in this segment goes into the next. 0, or -1. */
static int
writer_carry_over(struct writer *writer)
{
	if (writer_take_back(writer) == -1)
		return -1;
	return writer_rotate_log(writer, TRIGGER_SIZE);
}

/* A disk that fails, not for want of room: true once it has done so for a
 * while. */
static bool
writer_is_out_of_patience(struct writer *writer)
{
	int64_t now = clock_mono_us();

	if (writer->refused_us == 0)
		writer->refused_us = now;
	return now - writer->refused_us >= PATIENCE_US;
}

/* errno says why output was not taken. 1: go on, -1: try again later. */
static int
writer_not_taken(struct writer *writer)
{
	int error = errno;
	bool room = output_is_about_room(error), drops = writer_drops(writer);

	if (error == EFBIG && writer->log.end > writer->log.base &&
	    writer_carry_over(writer) == 0)
		return 1;
	if (drops && room && writer_make_room(writer))
		return 1;
	errno = error;
	if (!drops || (!room && !writer_is_out_of_patience(writer)))
		return -1;
	return writer_start_dropping(writer);
}

int
writer_do_output(struct writer *writer)
{
	int result;

	if (writer->loss.dropping)
		return writer_do_loss(writer);
	result = writer_move(writer);
	return result == -1 ? writer_not_taken(writer) : result;
}
