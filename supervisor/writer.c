/*
 * writer.c - the loop's side of the writer; see writer.h. Nothing here waits
 * for the disk.
 */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "writer_queue.h"

/* --- the loop's side ---------------------------------------------------- */

void
writer_lock(struct writer *writer)
{
	pthread_mutex_lock(&writer->mutex);
}

void
writer_unlock(struct writer *writer)
{
	pthread_mutex_unlock(&writer->mutex);
}

static void
writer_poke(struct writer *writer)
{
	pthread_cond_signal(&writer->work);
}

void
writer_wake(struct writer *writer)
{
	const uint64_t one = 1;
	ssize_t n = write(writer->wake, &one, sizeof(one));

	(void)n; /* EAGAIN: it is readable already */
}

int
writer_wake_fd(const struct writer *writer)
{
	return writer->wake;
}

void
writer_ack(struct writer *writer)
{
	uint64_t count;
	ssize_t n = read(writer->wake, &count, sizeof(count));

	(void)n; /* EAGAIN: nothing to take back */
}

bool
writer_is_idle(const struct writer *writer)
{
	if (writer->chunk_count > 0 || writer->event_count > 0 ||
	    writer->lines_count > 0 || writer->rotate || writer->actions ||
	    writer->want_segments)
		return false;
	for (int i = 0; i < WRITER_FILE_COUNT; i++)
		if (writer->files[i].waiting)
			return false;
	return true;
}

void
writer_progress(struct writer *writer, struct writer_progress *progress)
{
	writer_lock(writer);
	*progress = writer->progress;
	progress->busy = progress->busy || !writer_is_idle(writer);
	writer_unlock(writer);
}

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
writer_rotate(struct writer *writer)
{
	writer_lock(writer);
	writer->rotate = true;
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

static void
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

/* --- life --------------------------------------------------------------- */

int
writer_start(struct writer *writer)
{
	pthread_condattr_t attributes;
	pthread_attr_t thread;
	int error;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&writer->mutex, NULL);
	pthread_cond_init(&writer->work, &attributes);
	pthread_cond_init(&writer->done, &attributes);
	pthread_attr_init(&thread);
	pthread_attr_setstacksize(&thread, 256 << 10);
	error = pthread_create(&writer->thread, &thread, writer_main, writer);
	pthread_attr_destroy(&thread);
	if (error != 0)
		errno = error;
	return error == 0 ? 0 : -1;
}

struct writer *
writer_new(int dir, const int stage_fds[STREAM_COUNT], uint64_t events_end,
    int64_t max_size, struct why *why)
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL) {
		why_errno(why, "cannot start the writer");
		return NULL;
	}
	writer->dir = dir;
	writer->max_size = max_size;
	memcpy(writer->stage_fds, stage_fds, sizeof(writer->stage_fds));
	writer->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	writer->events_fd = openat(dir, EVENTS_FILE,
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	writer->actions_fd = openat(dir, "actions.log",
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (writer->wake == -1 || writer->events_fd == -1 ||
	    writer->actions_fd == -1 ||
	    ftruncate(writer->events_fd, (off_t)events_end) == -1) {
		why_errno(why, "cannot open %s", EVENTS_FILE);
		goto fail;
	}
	if (logfile_init(&writer->log, dir, why) == -1)
		goto fail;
	writer->progress.events_end = events_end;
	writer->progress.events_queued = events_end;
	writer->progress.log_begin = writer->log.base;
	writer->progress.sequence = writer->log.sequence;
	writer->progress.log_end = writer->log.end;
	writer->progress.last_time_us = writer->log.last.time_us;
	writer->progress.busy = true;
	writer->backlog = writer->log.owed;
	writer->inherited[writer->log.last.stream ==
	    STREAM_STDERR] = writer->log.owed;
	return writer;
fail:
	free(writer);
	return NULL;
}

void
writer_free(struct writer *writer, int patience_ms)
{
	struct timespec until;
	int error;

	writer_lock(writer);
	writer->stop = true;
	writer_poke(writer);
	writer_unlock(writer);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += patience_ms / 1000;
	error = pthread_timedjoin_np(writer->thread, NULL, &until);
	if (error != 0)
		return; /* stuck in the disk: its memory must stay */
	writer_drop_segments(writer);
	logfile_release(&writer->log);
	close(writer->events_fd);
	close(writer->actions_fd);
	close(writer->wake);
	free(writer);
}
