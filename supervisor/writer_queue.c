/*
 * writer_queue.c - the loop's side of the writer: what it hands over, and what
 * it takes. Nothing here waits for the disk.
 */
#include "writer_queue.h"

#include <string.h>

int
writer_chunk(struct writer *writer, enum stream stream, uint32_t length,
    int64_t time_us)
{
	unsigned tail;
	int result = 0;

	writer_lock(writer);
	if (writer->chunk_count == CHUNKS_MAX) {
		result = -1;
	} else {
		tail = (writer->chunk_head + writer->chunk_count++) %
		    CHUNKS_MAX;
		writer->chunks[tail] = (struct writer_chunk){ stream, length,
			time_us };
		writer->backlog += length;
		writer_poke(writer);
	}
	writer_unlock(writer);
	return result;
}

bool
writer_is_full(struct writer *writer)
{
	bool full;

	writer_lock(writer);
	full = writer->chunk_count == CHUNKS_MAX;
	writer_unlock(writer);
	return full;
}

uint64_t
writer_owed(const struct writer *writer, enum stream stream)
{
	return writer->inherited[stream];
}

uint64_t
writer_backlog(struct writer *writer)
{
	uint64_t backlog;

	writer_lock(writer);
	backlog = writer->backlog;
	writer_unlock(writer);
	return backlog;
}

void
writer_check_room(struct writer *writer)
{
	if (!writer->want_room || writer->backlog > ROOM_BACKLOG ||
	    writer->chunk_count > CHUNKS_MAX / 2)
		return;
	writer->want_room = false;
	writer_wake(writer);
}

void
writer_want_room(struct writer *writer)
{
	writer_lock(writer);
	writer->want_room = true;
	if (writer->backlog == 0) /* else what moves next will say so */
		writer_check_room(writer);
	writer_unlock(writer);
}

void
writer_want_growth(struct writer *writer, uint64_t offset)
{
	writer_lock(writer);
	writer->want_growth = writer->progress.log_end <= offset;
	writer->growth = offset;
	if (!writer->want_growth)
		writer_wake(writer);
	writer_unlock(writer);
}

static void
ring_put(char *ring, size_t cap, size_t at, const char *bytes, size_t n)
{
	size_t first = cap - at % cap;

	if (first > n)
		first = n;
	memcpy(ring + at % cap, bytes, first);
	memcpy(ring, bytes + first, n - first);
}

void
ring_get(const char *ring, size_t cap, size_t at, char *bytes, size_t n)
{
	size_t first = cap - at % cap;

	if (first > n)
		first = n;
	memcpy(bytes, ring + at % cap, first);
	memcpy(bytes + first, ring, n - first);
}

int
writer_event(struct writer *writer, const char *line, size_t n, bool sync)
{
	int result = -1;

	writer_lock(writer);
	if (n <= sizeof(writer->batch) &&
	    n <= WRITER_EVENTS_MAX - writer->event_count) {
		ring_put(writer->events, WRITER_EVENTS_MAX,
		    writer->event_head + writer->event_count, line, n);
		writer->event_count += n;
		writer->event_sync = writer->event_sync || sync;
		writer->progress.events_queued += n;
		writer_poke(writer);
		result = 0;
	}
	writer_unlock(writer);
	return result;
}

bool
writer_has_room(struct writer *writer)
{
	bool room;

	writer_lock(writer);
	room = WRITER_EVENTS_MAX - writer->event_count >= EVENT_LINE_MAX;
	writer_unlock(writer);
	return room;
}

int
writer_replace(struct writer *writer, enum writer_file file, const char *bytes,
    size_t n, bool sync)
{
	struct writer_slot *slot = &writer->files[file];

	if (n > sizeof(slot->bytes))
		return -1;
	writer_lock(writer);
	slot->sync = sync || (slot->waiting && slot->sync);
	slot->waiting = true;
	slot->length = n;
	slot->after = writer->progress.events_queued;
	memcpy(slot->bytes, bytes, n);
	writer_poke(writer);
	writer_unlock(writer);
	return 0;
}

void
writer_rotate(struct writer *writer, enum writer_trigger trigger)
{
	writer_lock(writer);
	writer->rotate = trigger;
	writer_poke(writer);
	writer_unlock(writer);
}

void
writer_log(const char *line, size_t n, void *arg)
{
	struct writer *writer = arg;

	writer_lock(writer);
	if (n <= sizeof(writer->lines) - writer->lines_count) {
		memcpy(writer->lines + writer->lines_count, line, n);
		writer->lines_count += n;
		writer_poke(writer);
	}
	writer_unlock(writer);
}

void
writer_actions(struct writer *writer)
{
	writer_lock(writer);
	writer->actions = true;
	writer_poke(writer);
	writer_unlock(writer);
}

void
writer_drop_segments(struct writer *writer)
{
	for (; writer->segment_count > 0; writer->segment_count--) {
		segment_release(&writer->segments[writer->segment_head]);
		writer->segment_head = (writer->segment_head + 1) %
		    SEGMENTS_MAX;
	}
}

void
writer_want_segments(struct writer *writer, uint64_t offset)
{
	writer_lock(writer);
	writer_drop_segments(writer);
	writer->want_segments = true;
	writer->feed_segments = false;
	writer->segments_fresh = true;
	writer->generation++;
	writer->segments_from = offset;
	writer_poke(writer);
	writer_unlock(writer);
}

int
writer_take_segment(struct writer *writer, struct segment *segment)
{
	int result = 0;

	writer_lock(writer);
	if (writer->segment_count > 0) {
		*segment = writer->segments[writer->segment_head];
		writer->segment_head = (writer->segment_head + 1) %
		    SEGMENTS_MAX;
		writer->segment_count--;
		if (!writer->feed_segments) {
			/* The list was cut at SEGMENTS_MAX: go on with it. */
			writer->want_segments = true;
			writer_poke(writer);
		}
		result = 1;
	}
	writer_unlock(writer);
	return result;
}

/* --- closed segments ---------------------------------------------------- */

int
writer_take_closed(struct writer *writer, struct writer_closed *closed)
{
	int result = 0;

	writer_lock(writer);
	if (writer->closed_count > 0) {
		*closed = writer->closed[writer->closed_head];
		writer->closed_head = (writer->closed_head + 1) % CLOSED_MAX;
		writer->closed_count--;
		result = 1;
	}
	writer_unlock(writer);
	return result;
}

int
writer_take_loss(struct writer *writer, struct writer_loss *loss)
{
	int result = 0;

	writer_lock(writer);
	if (writer->loss_count > 0) {
		*loss = writer->losses[writer->loss_head];
		writer->loss_head = (writer->loss_head + 1) % LOSSES_MAX;
		writer->loss_count--;
		result = 1;
	}
	writer_unlock(writer);
	return result;
}

void
writer_unpin(struct writer *writer, uint64_t offset)
{
	writer_lock(writer);
	writer->pin = offset;
	if (writer->held_end != 0 && offset >= writer->held_end) {
		writer->held_end = 0;
		writer->upkeep = true;
		writer_poke(writer);
	}
	writer_unlock(writer);
}

void
writer_want_upkeep(struct writer *writer)
{
	writer_lock(writer);
	writer->upkeep = true;
	writer_poke(writer);
	writer_unlock(writer);
}

int
writer_take_task(struct writer *writer, struct writer_task *task)
{
	int result = 0;

	writer_lock(writer);
	if (writer->task_state == TASK_STATE_OFFERED) {
		*task = writer->task;
		writer->task_state = TASK_STATE_TAKEN;
		result = 1;
	}
	writer_unlock(writer);
	return result;
}

bool
writer_has_task(struct writer *writer)
{
	bool has;

	writer_lock(writer);
	has = writer->task_state == TASK_STATE_OFFERED;
	writer_unlock(writer);
	return has;
}

void
writer_end_task(struct writer *writer, bool ok)
{
	writer_lock(writer);
	writer->task_state = ok ? TASK_STATE_DONE : TASK_STATE_FAILED;
	writer->upkeep = true;
	writer_poke(writer);
	writer_unlock(writer);
}

/* --- a full disk -------------------------------------------------------- */

void
writer_give_up(struct writer *writer)
{
	writer_lock(writer);
	writer->gives_up = true;
	writer_poke(writer);
	writer_unlock(writer);
}

bool
writer_drops(struct writer *writer)
{
	return writer->rules.drops || writer_asked(writer, &writer->gives_up);
}
