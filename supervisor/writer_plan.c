/*
 * writer_plan.c - what a rotation would do, and retention, compression and
 * archive with it: the shelf is taken through them, and the disk is not.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "writer_queue.h"

#define BLOCK 512 /* what st_blocks counts, inode(7) */

_Static_assert(PLAN_NAME == SHELF_NAME, "names are those of the shelf");

/* --- the loop's side ---------------------------------------------------- */

void
writer_want_plan(struct writer *writer)
{
	writer_lock(writer);
	writer->want_plan = true;
	writer_poke(writer);
	writer_unlock(writer);
}

int
writer_take_plan(struct writer *writer, struct writer_plan *plan)
{
	bool taken;

	writer_lock(writer);
	taken = writer->have_plan;
	if (taken)
		*plan = writer->plan;
	writer->have_plan = false;
	writer_unlock(writer);
	return taken;
}

/* --- the thread's ------------------------------------------------------- */

static void
plan_add(struct writer_plan *plan, enum plan_kind kind, const char *name)
{
	struct writer_plan_row *row = &plan->rows[kind];

	if (row->count < PLAN_ROWS)
		snprintf(row->names[row->count], PLAN_NAME, "%s", name);
	row->count++;
}

static int64_t
plan_blocks(int fd)
{
	struct stat st;

	return fstat(fd, &st) == -1 ? 0 : (int64_t)st.st_blocks * BLOCK;
}

/* The active segment stands on the shelf as if it were closed; the next one
 * has nothing yet. */
static void
plan_close(struct writer *writer, struct writer_plan *plan,
    struct shelf_limits *limits)
{
	struct shelf *shelf = &writer->shelf;
	struct shelf_segment *closed = &shelf->segments[shelf->count];

	plan->bytes = writer->log.end - writer->log.base;
	if (plan->bytes == 0)
		return;
	logfile_closed_name(&writer->log, plan->closes, PLAN_NAME);
	if (shelf->count == SHELF_MAX)
		return; /* these oldest ones come first anyway */
	*closed = (struct shelf_segment){
		.sequence = writer->log.sequence,
		.bytes = plan_blocks(writer->log.log_fd) +
		    plan_blocks(writer->log.index_fd),
		.closed_us = clock_real_us(),
	};
	snprintf(closed->name, SHELF_NAME, "%s", plan->closes);
	shelf->bytes += closed->bytes;
	shelf->count++;
	limits->active_size = 0;
}

static void
plan_retain(struct writer *writer, struct writer_plan *plan,
    const struct shelf_limits *limits)
{
	struct shelf *shelf = &writer->shelf;

	while (shelf_is_over(shelf, limits, clock_real_us())) {
		if (writer->rules.archive &&
		    shelf->segments[0].sequence > writer->archived)
			plan_add(plan, PLAN_ARCHIVE, shelf->segments[0].name);
		plan_add(plan, PLAN_REMOVE, shelf->segments[0].name);
		shelf_forget_first(shelf);
	}
}

/* Those that stay. */
static void
plan_tasks(struct writer *writer, struct writer_plan *plan)
{
	struct shelf *shelf = &writer->shelf;
	const struct shelf_segment *segment;
	uint64_t after = writer->archived;

	while (writer->rules.suffix != NULL &&
	    (segment = shelf_to_compress(shelf, writer_spared(writer))) !=
		NULL) {
		plan_add(plan, PLAN_COMPRESS, segment->name);
		shelf->segments[segment - shelf->segments].compressed = true;
	}
	while (writer->rules.archive &&
	    (segment = shelf_after(shelf, after)) != NULL) {
		plan_add(plan, PLAN_ARCHIVE, segment->name);
		after = segment->sequence;
	}
}

/* 1: made one, 0: nobody asked, -1: errno. The shelf is read anew by whoever
 * looks at it next. */
int
writer_do_plan(struct writer *writer)
{
	struct writer_plan *plan = &writer->plan;
	struct shelf_limits limits = writer_limits(writer);

	if (!writer_asked(writer, &writer->want_plan))
		return 0;
	if (shelf_read(&writer->shelf, writer->dir, writer->log.sequence) == -1)
		return -1;
	writer_lock(writer);
	writer->want_plan = writer->have_plan = false; /* it is ours now */
	writer_unlock(writer);
	*plan = (struct writer_plan){ 0 };
	plan_close(writer, plan, &limits);
	plan_retain(writer, plan, &limits);
	plan_tasks(writer, plan);
	writer_lock(writer);
	writer->have_plan = true;
	writer_wake(writer);
	writer_unlock(writer);
	return 1;
}
