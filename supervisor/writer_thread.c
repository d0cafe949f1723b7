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

#include "clock.h"
#include "family.h"
#include "io.h"
#include "logread.h"
#include "writer_queue.h"

#define RETRY_US 500000	    /* after an error of the disk */
#define RESERVE (64u << 10) /* for events: a full disk is worth some */
#define SLICE (256u << 10)  /* action records at a time */

static const char *const writer_files[WRITER_FILE_COUNT] = {
	[WRITER_STATUS] = "status.json",
	[WRITER_CURSOR] = "cursor-classifier",
};

/* --- the thread --------------------------------------------------------- */

/* After a failure: was it because nobody wants these files any more? Then
 * bytes go on into the open log, which vanishes with us, and the rest is
 * dropped. */
static bool
writer_is_gone(struct writer *writer)
{
	struct stat st;

	if (fstat(writer->dir, &st) == -1 || st.st_nlink > 0)
		return false;
	writer->rules.max_size = 0;
	writer_lock(writer);
	writer->gives_up = true; /* where even that fails */
	writer->progress.gone = true;
	writer->rotate = TRIGGER_NONE;
	writer->want_segments = writer->upkeep = writer->want_plan = false;
	for (int i = 0; i < WRITER_FILE_COUNT; i++)
		writer->files[i].waiting = false;
	writer_wake(writer);
	writer_unlock(writer);
	return true;
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

/* A file system that cannot do so has no room to promise. */
void
writer_reserve_events(struct writer *writer)
{
	uint64_t end = writer->progress.events_end; /* only we change it */

	if (writer->events_reserved >= end + RESERVE / 2)
		return;
	fallocate(writer->events_fd, FALLOC_FL_KEEP_SIZE, (off_t)end, RESERVE);
	writer->events_reserved = end + RESERVE;
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
	writer_reserve_events(writer);
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
	off_t end;
	bool failed;
	ssize_t n;

	if (!writer_asked(writer, &writer->actions))
		return 0;
	end = lseek(writer->actions_fd, 0, SEEK_END);
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

/* --- rounds ------------------------------------------------------------- */

static int
writer_do_status(struct writer *writer)
{
	return writer_do_file(writer, WRITER_STATUS);
}

static int
writer_do_cursor(struct writer *writer)
{
	return writer_do_file(writer, WRITER_CURSOR);
}

/* In this order. Each: 1 did something, 0 has nothing to do, -1 errno. */
static const struct writer_work {
	const char *name; /* of what could not be written */
	int (*work)(struct writer *writer);
} writer_works[] = {
	{ "events.jsonl", writer_do_events },
	{ SEGMENT_LOG, writer_do_output },
	{ "status.json", writer_do_status },
	{ "cursor-classifier", writer_do_cursor },
	{ "rotation", writer_do_rotation },
	{ "actions.log", writer_do_actions },
	{ "segments", writer_do_segments },
	{ "closed segments", writer_do_upkeep },
	{ "closed segments", writer_do_plan },
};
#define WORKS (sizeof(writer_works) / sizeof(writer_works[0]))
_Static_assert(WORKS <= WORKS_MAX, "writer_queue.h has room for each");

static void
writer_failed(struct writer *writer, size_t work)
{
	int error = errno;

	writer->retry_us[work] = clock_mono_us() + RETRY_US;
	writer_lock(writer);
	writer->progress.error = error;
	snprintf(writer->progress.error_what,
	    sizeof(writer->progress.error_what), "%s", writer_works[work].name);
	writer_wake(writer);
	writer_unlock(writer);
}

/* What failed before has worked; are there others? */
static void
writer_recovered(struct writer *writer, size_t work)
{
	writer->retry_us[work] = 0;
	for (size_t i = 0; i < WORKS; i++)
		if (writer->retry_us[i] != 0)
			return;
	writer_lock(writer);
	writer->progress.error = 0;
	writer_wake(writer);
	writer_unlock(writer);
}

/* What the disk refuses waits for its time, and nothing else for it. */
static int
writer_do_work(struct writer *writer, size_t work, int64_t now)
{
	int result;

	if (writer->retry_us[work] > now)
		return 0;
	result = writer_works[work].work(writer);
	if (result == -1 && writer_is_gone(writer))
		writer->retry_us[work] = now + RETRY_US; /* to nobody's harm */
	else if (result == -1)
		writer_failed(writer, work);
	else if (writer->retry_us[work] != 0)
		writer_recovered(writer, work);
	return result == 1;
}

/* True when something was done, and there may be more. */
static bool
writer_round(struct writer *writer)
{
	int64_t now = clock_mono_us();
	bool did = false;

	writer_do_lines(writer);
	for (size_t i = 0; i < WORKS; i++)
		did = writer_do_work(writer, i, now) == 1 || did;
	return did;
}

/* When the next try of something that failed is due; 0: none is. */
static int64_t
writer_next_try(struct writer *writer)
{
	int64_t next = writer->loss.dropping ? writer->loss.again_us : 0;

	if (next == 0 && writer_asked(writer, &writer->upkeep))
		next = writer->upkeep_us;
	for (size_t i = 0; i < WORKS; i++)
		if (writer->retry_us[i] != 0 &&
		    (next == 0 || writer->retry_us[i] < next))
			next = writer->retry_us[i];
	return next;
}

static void
writer_sleep(struct writer *writer, int64_t until_us)
{
	const struct timespec until = {
		.tv_sec = until_us / 1000000,
		.tv_nsec = until_us % 1000000 * 1000,
	};

	if (until_us == 0)
		pthread_cond_wait(&writer->work, &writer->mutex);
	else
		pthread_cond_timedwait(&writer->work, &writer->mutex, &until);
}

/* Of output that was taken from the queue. */
static bool
writer_owes_nothing(const struct writer *writer)
{
	return writer->log.owed == 0 && writer->carried.length == 0;
}

/* Waits for work, if there is none that can be done. Returns false to end. */
static bool
writer_wait(struct writer *writer, bool did)
{
	int64_t next = writer_next_try(writer);
	bool go_on, idle;

	writer_lock(writer);
	idle = writer_is_idle(writer) && writer_owes_nothing(writer);
	if (!did && idle && writer->progress.busy) {
		writer->progress.busy = false;
		pthread_cond_signal(&writer->done);
		writer_wake(writer);
	}
	if (!did && !(writer->stop && idle) && (idle || next != 0))
		writer_sleep(writer, next);
	idle = writer_is_idle(writer) && writer_owes_nothing(writer);
	go_on = !(writer->stop && idle);
	if (!idle) /* that it is so no more, the loop is woken for */
		writer->progress.busy = true;
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
