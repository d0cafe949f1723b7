/*
 * writer.c - the writer's start and end, and how it stands; see writer.h.
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

#include "logread.h"
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

void
writer_poke(struct writer *writer)
{
	pthread_cond_signal(&writer->work);
}

bool
writer_asked(struct writer *writer, const bool *flag)
{
	bool asked;

	writer_lock(writer);
	asked = *flag;
	writer_unlock(writer);
	return asked;
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
	    writer->lines_count > 0 || writer->rotate != TRIGGER_NONE ||
	    writer->upkeep || writer->actions || writer->want_segments ||
	    writer->want_plan)
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

/* --- life --------------------------------------------------------------- */

void
writer_obey(struct writer *writer, const struct writer_rules *rules)
{
	writer->rules = *rules;
	writer->upkeep = true;
}

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

/* Without it segments are cut between two chunks. */
static void
writer_open_peek(struct writer *writer)
{
	if (pipe2(writer->peek, O_CLOEXEC | O_NONBLOCK) == -1)
		writer->peek[0] = writer->peek[1] = -1;
	else
		fcntl(writer->peek[1], F_SETPIPE_SZ, PEEK_MAX);
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
	writer->rules = (struct writer_rules){ .max_size = max_size,
		.max_retention_us = -1,
		.disk_free = -1 };
	writer->task_state = TASK_STATE_IDLE;
	memcpy(writer->stage_fds, stage_fds, sizeof(writer->stage_fds));
	writer->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	writer->events_fd = openat(dir, EVENTS_FILE,
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	writer->actions_fd = openat(dir, "actions.log",
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	writer->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	writer_open_peek(writer);
	writer->pins_fd = pins_create(dir); /* -1: tried again when asked */
	lossbook_open(&writer->lossbook, dir);
	if (writer->wake == -1 || writer->events_fd == -1 ||
	    writer->actions_fd == -1 || writer->null_fd == -1 ||
	    ftruncate(writer->events_fd, (off_t)events_end) == -1) {
		why_errno(why, "cannot open %s", EVENTS_FILE);
		goto fail;
	}
	if (logfile_init(&writer->log, dir, why) == -1)
		goto fail;
	writer->progress.events_end = events_end;
	writer->progress.events_queued = events_end;
	writer_reserve_events(writer);
	writer->progress.log_begin = writer->log.base;
	writer->progress.sequence = writer->log.sequence;
	writer->progress.disk_free = -1;
	writer->progress.created_us = writer->log.created_us;
	writer_recall_upkeep(writer);
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

/* What is behind the last event goes back to the disk, if it can. */
static void
writer_unreserve_events(struct writer *writer)
{
	off_t end = (off_t)writer->progress.events_end;
	int result = ftruncate(writer->events_fd, end);

	(void)result;
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
	writer_unreserve_events(writer);
	logread_close(writer->list);
	logfile_release(&writer->log);
	close(writer->events_fd);
	close(writer->actions_fd);
	close(writer->null_fd);
	close(writer->peek[0]);
	close(writer->peek[1]);
	if (writer->pins_fd != -1)
		close(writer->pins_fd);
	lossbook_close(&writer->lossbook);
	writer_drop_task(writer);
	close(writer->wake);
	free(writer);
}
