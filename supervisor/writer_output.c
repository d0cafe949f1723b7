/*
 * writer_output.c - the writer's thread moves output: staging to segment.
 * What becomes of it where the disk takes no more: writer_loss.c.
 */
#include <errno.h>
#include <stdio.h>

#include "writer_output.h"

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

int
writer_rotate_log(struct writer *writer, enum writer_trigger trigger)
{
	struct writer_closed closed = { .trigger = trigger,
		.bytes = writer->log.end - writer->log.base };
	uint64_t gap = writer->loss.dropping
	    ? writer->loss.end - writer->loss.begin
	    : 0;
	int result = 0;

	if (closed.bytes > 0)
		result = logfile_rotate(&writer->log, gap, closed.name,
		    sizeof(closed.name));
	else if (gap > 0)
		result = logfile_skip(&writer->log, gap);
	if (result == -1)
		return -1;
	writer->cut = writer->put_off = false;
	writer_rotated(writer, &closed);
	return 0;
}

int
writer_rotate_at_cost(struct writer *writer, enum writer_trigger trigger)
{
	int error;

	if (writer_rotate_log(writer, trigger) == 0)
		return 0;
	error = errno;
	if (writer_lacks_room(error) && writer_make_room(writer))
		return writer_rotate_log(writer, trigger);
	errno = error;
	return -1;
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
	if (writer_rotate_at_cost(writer, TRIGGER_SIZE) == -1)
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
	return writer_rotate_at_cost(writer, trigger) == -1 ? -1 : 1;
}

/* --- staging to log ----------------------------------------------------- */

void
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

bool
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
void
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

int
writer_do_output(struct writer *writer)
{
	int result;

	if (writer->loss.dropping)
		return writer_do_loss(writer);
	result = writer_move(writer);
	return result == -1 ? writer_not_taken(writer) : result;
}
