/*
 * writer_upkeep.c - the writer's thread looks after closed segments: which of
 * them retention takes, and what is to be done with the others.
 *
 * One task at a time is offered to the loop, which has a child do it; the
 * thread only opens files before and renames them after. What was done
 * stands in UPKEEP_FILE, so that a successor goes on there.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "writer_queue.h"

#define UPKEEP_FILE "cursor-segments"
#define UPKEEP_FRESH "compressing" /* the new log, until it is whole */
/* A reader keeps what is to go: look again then, and later and later. */
#define HELD_MS INT64_C(1000)
#define UPKEEP_SHARE 10 /* a look is followed by so many times its time */
#define DANGER_SHARE 20 /* a disk is in danger below 1/20 free, */
#define DANGER_MOST (INT64_C(1) << 30) /* but not above this */

/* --- what is done already ----------------------------------------------- */

void
writer_recall_upkeep(struct writer *writer)
{
	char *text = io_load(writer->dir, UPKEEP_FILE, 4096, NULL);
	json_t *saved = text == NULL ? NULL : json_loads(text, 0, NULL);

	free(text);
	writer->hooked = (uint64_t)json_integer_value(
	    json_object_get(saved, "hooked"));
	writer->archived = (uint64_t)json_integer_value(
	    json_object_get(saved, "archived"));
	json_decref(saved);
	shelf_discard(writer->dir, UPKEEP_FRESH);
	unlinkat(writer->dir, UPKEEP_FILE ".tmp", 0);
}

static int
writer_save_upkeep(struct writer *writer)
{
	char text[128];
	int n = snprintf(text, sizeof(text),
	    "{\"hooked\":%llu,\"archived\":%llu}\n",
	    (unsigned long long)writer->hooked,
	    (unsigned long long)writer->archived);

	return io_replace(writer->dir, UPKEEP_FILE, text, (size_t)n, false);
}

/* --- retention ---------------------------------------------------------- */

/* Shows the room that there is; true when it is so little that readers that
 * are behind must not keep segments. */
static bool
writer_is_in_danger(struct writer *writer)
{
	int64_t least = writer->rules.disk_free, space, size;
	struct statvfs fs;

	if (fstatvfs(writer->dir, &fs) == -1)
		return false;
	space = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	size = (int64_t)fs.f_blocks * (int64_t)fs.f_frsize;
	if (least < 0)
		least = size / DANGER_SHARE < DANGER_MOST ? size / DANGER_SHARE
							  : DANGER_MOST;
	writer_lock(writer);
	writer->progress.disk_free = space;
	writer_unlock(writer);
	return space < least;
}

/* A reader that is behind holds a lock on the numbers that it still needs
 * (jobs/core/pins.h). */
static bool
writer_is_pinned(struct writer *writer)
{
	bool held;
	uint64_t end;

	if (writer->pins_fd == -1) /* there was no room for it at the start */
		writer->pins_fd = pins_create(writer->dir);
	if (shelf_first_end(&writer->shelf, writer->dir, writer->log.base,
		&end) == -1)
		return true; /* not known */
	writer_lock(writer);
	held = end > writer->pin;
	writer->held_end = held ? end : 0;
	writer_unlock(writer);
	if (held)
		return true;
	return pins_hold(writer->pins_fd, writer->shelf.segments[0].sequence);
}

/* What is to be copied away first stays, whatever the limits say. */
static bool
writer_may_remove(struct writer *writer, bool danger)
{
	if (writer->rules.archive &&
	    writer->shelf.segments[0].sequence > writer->archived)
		return false;
	return danger || !writer_is_pinned(writer);
}

struct shelf_limits
writer_limits(const struct writer *writer)
{
	return (struct shelf_limits){
		.keep = writer->rules.keep,
		.total_size = writer->rules.total_size,
		.max_age_us = writer->rules.max_retention_us,
		.active_size = (int64_t)(writer->log.end - writer->log.base),
	};
}

unsigned
writer_spared(const struct writer *writer)
{
	return writer->rules.delay && !writer->rules.archive ? 1 : 0;
}

static int
writer_retain(struct writer *writer)
{
	const struct shelf_limits limits = writer_limits(writer);
	bool danger = writer_is_in_danger(writer), over;
	int64_t again_ms = 0;

	while (
	    (over = shelf_is_over(&writer->shelf, &limits, clock_real_us())) &&
	    writer_may_remove(writer, danger))
		if (shelf_remove_first(&writer->shelf, writer->dir) == -1)
			return -1;
	writer->holds = over ? writer->holds + 1 : 0;
	if (over)
		again_ms = writer->holds < 6 ? HELD_MS << writer->holds
					     : HELD_MS << 6;
	else if (limits.max_age_us >= 0 && writer->shelf.count > 0)
		again_ms = (writer->shelf.segments[0].closed_us +
			       limits.max_age_us - clock_real_us()) /
			1000 +
		    1;
	writer_lock(writer);
	writer->progress.look_ms = again_ms;
	writer_unlock(writer);
	return 0;
}

bool
writer_make_room(struct writer *writer)
{
	if (!writer_drops(writer) ||
	    shelf_read(&writer->shelf, writer->dir, writer->log.sequence) ==
		-1 ||
	    writer->shelf.count == 0 ||
	    (writer->rules.archive &&
		writer->shelf.segments[0].sequence > writer->archived))
		return false;
	return shelf_remove_first(&writer->shelf, writer->dir) == 0;
}

/* --- tasks -------------------------------------------------------------- */

/* Opens what a compression needs: the pair to read, the pair to write. */
static int
writer_open_task(struct writer *writer, struct writer_task *task)
{
	char index[SHELF_NAME + 8];

	if (task->kind != TASK_COMPRESS)
		return 0;
	snprintf(index, sizeof(index), "%s.idx", task->name);
	/* New ones: a child that was killed may write into the old ones yet,
	 * as long as the disk holds it. */
	if (shelf_discard(writer->dir, UPKEEP_FRESH) == -1)
		return -1;
	task->fds[0] = openat(writer->dir, task->name, O_RDONLY | O_CLOEXEC);
	task->fds[1] = openat(writer->dir, index, O_RDONLY | O_CLOEXEC);
	task->fds[2] = openat(writer->dir, UPKEEP_FRESH,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	task->fds[3] = openat(writer->dir, UPKEEP_FRESH ".idx",
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	for (int i = 0; i < TASK_FDS; i++)
		if (task->fds[i] == -1)
			return -1;
	return 0;
}

static void
writer_close_task(struct writer_task *task)
{
	for (int i = 0; i < TASK_FDS; i++)
		if (task->fds[i] != -1)
			close(task->fds[i]);
}

void
writer_drop_task(struct writer *writer)
{
	if (writer->task_state == TASK_STATE_OFFERED)
		writer_close_task(&writer->task);
	if (writer->task_state != TASK_STATE_IDLE)
		shelf_discard(writer->dir, UPKEEP_FRESH);
}

static enum writer_task_kind
writer_choose(struct writer *writer, const struct shelf_segment **segment)
{
	const struct writer_rules *rules = &writer->rules;

	*segment = shelf_after(&writer->shelf, writer->hooked);
	if (rules->hook && *segment != NULL)
		return TASK_HOOK;
	*segment = shelf_to_compress(&writer->shelf, writer_spared(writer));
	if (rules->suffix != NULL && *segment != NULL)
		return TASK_COMPRESS;
	*segment = shelf_after(&writer->shelf, writer->archived);
	if (rules->archive && *segment != NULL)
		return TASK_ARCHIVE;
	return TASK_NONE;
}

static int
writer_offer_task(struct writer *writer)
{
	struct writer_task task = { .fds = { -1, -1, -1, -1 } };
	const struct shelf_segment *segment;

	task.kind = writer_choose(writer, &segment);
	if (task.kind != TASK_NONE) {
		task.sequence = segment->sequence;
		snprintf(task.name, sizeof(task.name), "%s", segment->name);
		if (writer_open_task(writer, &task) == -1) {
			int saved = errno;

			writer_close_task(&task);
			shelf_discard(writer->dir, UPKEEP_FRESH);
			errno = saved;
			return -1;
		}
	}
	writer_lock(writer);
	writer->task = task;
	writer->task_state = task.kind == TASK_NONE ? TASK_STATE_IDLE
						    : TASK_STATE_OFFERED;
	writer_wake(writer);
	writer_unlock(writer);
	return 0;
}

/* What a child has done well takes effect here. */
static int
writer_finish_task(struct writer *writer)
{
	struct writer_task *task = &writer->task;

	if (task->kind == TASK_COMPRESS)
		return shelf_replace(writer->dir, task->name, UPKEEP_FRESH,
		    writer->rules.suffix);
	if (task->kind == TASK_HOOK)
		writer->hooked = task->sequence;
	if (task->kind == TASK_ARCHIVE)
		writer->archived = task->sequence;
	return writer_save_upkeep(writer);
}

/* What the loop says of the task takes effect. The state then, or -1. */
static int
writer_settle_task(struct writer *writer)
{
	enum writer_task_state state;

	writer_lock(writer);
	state = writer->task_state;
	writer_unlock(writer);
	if (state == TASK_STATE_DONE && writer_finish_task(writer) == -1)
		return -1;
	if (state == TASK_STATE_FAILED) /* it may lack but the room */
		shelf_discard(writer->dir, UPKEEP_FRESH);
	writer_lock(writer);
	if (state == TASK_STATE_DONE || state == TASK_STATE_FAILED)
		writer->task_state = TASK_STATE_IDLE;
	writer->upkeep = false;
	writer_unlock(writer);
	return (int)state;
}

static void
writer_show_shelf(struct writer *writer, bool again)
{
	writer_lock(writer);
	writer->progress.closed_segments = writer->shelf.count;
	writer->progress.closed_bytes = writer->shelf.bytes;
	writer->upkeep = writer->upkeep || again;
	writer_unlock(writer);
}

/* 1: looked, 0: nobody asked, -1. What has failed is offered again when the
 * loop asks for a look, which it does when its time has come. */
int
writer_do_upkeep(struct writer *writer)
{
	int64_t began = clock_mono_us();
	bool failed;
	int state;

	if (!writer_asked(writer, &writer->upkeep) || writer->loss.dropping ||
	    began < writer->upkeep_us)
		return 0;
	state = writer_settle_task(writer);
	if (state == -1)
		return -1;
	failed = shelf_read(&writer->shelf, writer->dir,
		     writer->log.sequence) == -1 ||
	    writer_retain(writer) == -1;
	if (!failed && (state == TASK_STATE_IDLE || state == TASK_STATE_DONE))
		failed = writer_offer_task(writer) == -1;
	writer_show_shelf(writer, failed);
	/* Thousands of segments take a while: most time is for output. */
	writer->upkeep_us = clock_mono_us() +
	    UPKEEP_SHARE * (clock_mono_us() - began);
	return failed ? -1 : 1;
}
