/*
 * writer_thread.c - the writer's thread: what it does, and in which order.
 *
 * Read writer_main and writer_round. The log, the event file and the slot
 * on its way are the thread's own; all else is taken and given under lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "family.h"
#include "io.h"
#include "logread.h"
#include "writer_queue.h"

#define RETRY_MS 500	   /* after an error of the disk */
#define SLICE (256u << 10) /* action records at a time */
#define OVERSHOOT 4	   /* a segment is cut at max_size * 5 / 4 anyway */

static const char *const writer_files[WRITER_FILE_COUNT] = {
	[WRITER_STATUS] = "status.json",
	[WRITER_CURSOR] = "cursor-classifier",
};

/* --- the thread --------------------------------------------------------- */

static void
writer_failed(struct writer *writer, const char *what)
{
	int error = errno;

	writer_lock(writer);
	writer->progress.error = error;
	snprintf(writer->progress.error_what,
	    sizeof(writer->progress.error_what), "%s", what);
	writer_wake(writer);
	writer_unlock(writer);
}

/* After a failure: was it because nobody wants these files any more? Then
 * bytes go on into the open log, which vanishes with us, and the rest is
 * dropped. */
static bool
writer_is_gone(struct writer *writer)
{
	struct stat st;

	if (fstat(writer->dir, &st) == -1 || st.st_nlink > 0)
		return false;
	writer->max_size = 0;
	writer_lock(writer);
	writer->progress.gone = true;
	writer->rotate = writer->want_segments = false;
	for (int i = 0; i < WRITER_FILE_COUNT; i++)
		writer->files[i].waiting = false;
	writer_wake(writer);
	writer_unlock(writer);
	return true;
}

/* The segment that a rotation has opened is news for the classifier. */
static void
writer_rotated(struct writer *writer, const char *name, uint64_t bytes)
{
	writer_lock(writer);
	writer->rotate = false;
	writer->progress.rotations++;
	writer->progress.sequence = writer->log.sequence;
	writer->progress.rotated_bytes = bytes;
	writer->progress.log_begin = writer->log.base;
	snprintf(writer->progress.rotated_name,
	    sizeof(writer->progress.rotated_name), "%s", name);
	if (writer->feed_segments)
		writer->want_segments = true;
	writer_wake(writer);
	writer_unlock(writer);
}

static int
writer_do_rotate(struct writer *writer)
{
	char name[64] = "";
	uint64_t bytes = writer->log.end - writer->log.base;

	if (bytes > 0 && logfile_rotate(&writer->log, name, sizeof(name)) == -1)
		return -1;
	writer_rotated(writer, name, bytes);
	return 0;
}

static bool
writer_wants_rotation(const struct writer *writer)
{
	int64_t size = (int64_t)(writer->log.end - writer->log.base);

	if (writer->max_size <= 0 || size < writer->max_size)
		return false;
	return writer->log.line_end ||
	    size >= writer->max_size + writer->max_size / OVERSHOOT;
}

static void
writer_grown(struct writer *writer, int64_t moved)
{
	writer_lock(writer);
	writer->backlog -= (uint64_t)moved < writer->backlog ? (uint64_t)moved
							     : writer->backlog;
	writer->progress.log_end = writer->log.end;
	writer->progress.last_time_us = writer->log.last.time_us;
	writer_check_room(writer);
	if (writer->want_growth && writer->log.end > writer->growth) {
		writer->want_growth = false;
		writer_wake(writer);
	}
	writer_unlock(writer);
}

/* Takes the next chunk and promises it in the index. 1, 0: none, -1. */
static int
writer_promise(struct writer *writer)
{
	struct writer_chunk chunk;

	writer_lock(writer);
	if (writer->chunk_count == 0) {
		writer_unlock(writer);
		return 0;
	}
	chunk = writer->chunks[writer->chunk_head];
	writer_unlock(writer);
	if (logfile_promise(&writer->log, chunk.stream, chunk.length,
		chunk.time_us) == -1)
		return -1;
	writer_lock(writer);
	writer->chunk_head = (writer->chunk_head + 1) % CHUNKS_MAX;
	writer->chunk_count--;
	writer_unlock(writer);
	return 1;
}

/* Output: staging to log, a chunk or a slice at a time. 1: did something. */
static int
writer_do_output(struct writer *writer)
{
	int64_t moved, owed;
	int promised;

	if (writer->log.owed == 0) {
		if (writer_wants_rotation(writer) &&
		    writer_do_rotate(writer) == -1)
			return -1;
		if ((promised = writer_promise(writer)) != 1)
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
	writer_grown(writer, moved);
	return 1;
}

/* Whole lines from the ring, as many as fit the batch. */
static size_t
writer_event_batch(struct writer *writer, bool *sync)
{
	size_t n;

	writer_lock(writer);
	n = writer->event_count;
	if (n > sizeof(writer->batch))
		n = sizeof(writer->batch);
	ring_get(writer->events, WRITER_EVENTS_MAX, writer->event_head,
	    writer->batch, n);
	while (n > 0 && writer->batch[n - 1] != '\n')
		n--;
	*sync = writer->event_sync;
	writer_unlock(writer);
	return n;
}

static int
writer_do_events(struct writer *writer)
{
	bool sync;
	size_t n = writer_event_batch(writer, &sync);
	uint64_t end = writer->progress.events_end; /* only we change it */

	if (n == 0)
		return 0;
	if (io_pwrite_all(writer->events_fd, writer->batch, n, (off_t)end) ==
	    -1)
		return -1;
	/* Readers may have it now; a power cut must not take it back. */
	writer_lock(writer);
	writer->event_head = (writer->event_head + n) % WRITER_EVENTS_MAX;
	writer->event_count -= n;
	writer->event_sync = writer->event_sync && writer->event_count > 0;
	writer->progress.events_end = end + n;
	writer_wake(writer);
	writer_unlock(writer);
	if (sync && fdatasync(writer->events_fd) == -1)
		return -1;
	return 1;
}

static int
writer_do_file(struct writer *writer, enum writer_file file)
{
	struct writer_slot *slot = &writer->files[file];

	writer_lock(writer);
	if (!slot->waiting || slot->after > writer->progress.events_end) {
		writer_unlock(writer);
		return 0;
	}
	writer->outgoing.length = slot->length;
	writer->outgoing.sync = slot->sync;
	memcpy(writer->outgoing.bytes, slot->bytes, slot->length);
	slot->waiting = slot->sync = false;
	writer_unlock(writer);
	if (io_replace(writer->dir, writer_files[file], writer->outgoing.bytes,
		writer->outgoing.length, writer->outgoing.sync) == 0)
		return 1;
	writer_lock(writer); /* it still waits, unless a newer one does */
	slot->sync = slot->sync || writer->outgoing.sync;
	if (!slot->waiting) {
		slot->waiting = true;
		slot->length = writer->outgoing.length;
		memcpy(slot->bytes, writer->outgoing.bytes, slot->length);
	}
	writer_unlock(writer);
	return -1;
}

/* Action records, as many as there are. The file's end says how far it got
 * before a crash. */
static int
writer_do_actions(struct writer *writer)
{
	off_t end = lseek(writer->actions_fd, 0, SEEK_END);
	bool failed;
	ssize_t n;

	writer_lock(writer);
	writer->actions = false; /* what comes from now on is asked anew */
	writer_unlock(writer);
	n = splice(FAMILY_FD_STAGE_ACT_READ, NULL, writer->actions_fd, &end,
	    SLICE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	failed = n == -1 && errno != EAGAIN;
	writer_lock(writer);
	if (n > 0 || failed)
		writer->actions = true;
	writer_wake(writer);
	writer_unlock(writer);
	return failed ? -1 : n > 0;
}

/* family.log is for whoever looks for a fault of ours: a line that the disk
 * does not take is gone. */
static void
writer_do_lines(struct writer *writer)
{
	ssize_t written = 0;
	size_t n;

	writer_lock(writer);
	n = writer->lines_count;
	memcpy(writer->batch, writer->lines, n);
	writer->lines_count = 0;
	writer_unlock(writer);
	if (n > 0)
		written = write(STDERR_FILENO, writer->batch, n);
	(void)written;
}

/* One kind of work; did gets 1 for work done, -1 for a failure, which also
 * keeps the others from waiting for it. */
static void
writer_note(struct writer *writer, int result, const char *what, int *did)
{
	if (result == -1 && writer_is_gone(writer)) {
		*did = 1;
	} else if (result == -1) {
		writer_failed(writer, what);
		*did = -1;
	} else if (result == 1 && *did == 0) {
		*did = 1;
	}
}

static int
writer_round(struct writer *writer)
{
	bool rotate, list, actions;
	int did = 0;

	writer_do_lines(writer);
	writer_note(writer, writer_do_events(writer), "events.jsonl", &did);
	writer_note(writer, writer_do_output(writer), "output.log", &did);
	for (int i = 0; i < WRITER_FILE_COUNT; i++)
		writer_note(writer, writer_do_file(writer, i), writer_files[i],
		    &did);
	writer_lock(writer);
	rotate = writer->rotate && writer->log.owed == 0;
	list = writer->want_segments;
	actions = writer->actions;
	writer_unlock(writer);
	if (rotate)
		writer_note(writer, writer_do_rotate(writer), "rotation", &did);
	if (actions)
		writer_note(writer, writer_do_actions(writer), "actions.log",
		    &did);
	if (list)
		writer_note(writer, writer_list_segments(writer), "segments",
		    &did);
	return did;
}

/* Waits for work, or after a failure for a while. Returns false to end. */
static bool
writer_wait(struct writer *writer, int did)
{
	struct timespec until;
	bool go_on;

	writer_lock(writer);
	if (did == -1) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += RETRY_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&writer->work, &writer->mutex, &until);
	} else if (did == 1) {
		writer->progress.error = 0;
	}
	if (did == 0 && writer->log.owed == 0) {
		writer->progress.busy = false;
		pthread_cond_signal(&writer->done);
		if (writer_is_idle(writer) && writer->progress.error == 0)
			writer_wake(writer);
		while (writer_is_idle(writer) && !writer->stop)
			pthread_cond_wait(&writer->work, &writer->mutex);
	}
	go_on = !(writer->stop && writer_is_idle(writer));
	writer->progress.busy = go_on;
	writer_unlock(writer);
	return go_on;
}

void *
writer_main(void *arg)
{
	struct writer *writer = arg;

	while (writer_wait(writer, writer_round(writer)))
		;
	return NULL;
}
