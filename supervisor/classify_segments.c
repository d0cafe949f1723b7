/*
 * classify_segments.c - hands the log to the classifier: segment by segment,
 * and how far it may read in them.
 *
 * It holds two descriptors for each segment that it has not passed, so one
 * that is far behind gets no more than MESSAGE_SEGMENTS_MAX ahead of where it
 * stands; the next follow when it has passed some.
 */
#include <errno.h>
#include <string.h>

#include "io.h"
#include "log.h"
#include "supervisor.h"

void
classify_pass(struct classify *classify)
{
	unsigned passed = 0;

	while (passed + 1 < classify->ahead_count &&
	    classify->ahead[passed + 1] <= classify->end)
		passed++;
	classify->ahead_count -= passed;
	memmove(classify->ahead, classify->ahead + passed,
	    classify->ahead_count * sizeof(classify->ahead[0]));
}

/* The segment that is to go next: one that the socket had no room for, else
 * the writer's. False: none is open yet. */
static bool
classify_take(struct classify *classify)
{
	return classify->next.log_fd != -1 ||
	    writer_take_segment(classify->supervisor->writer,
		&classify->next) == 1;
}

/* 0; -1 with errno, and the segment is kept. */
static int
classify_give(struct classify *classify)
{
	struct segment *next = &classify->next;
	const struct message_segment body = { .base = next->base };
	const int fds[] = { next->log_fd, next->index_fd };

	if (child_send(&classify->child, MESSAGE_SEGMENT, &body, sizeof(body),
		fds, 2) == -1)
		return -1;
	classify->ahead[classify->ahead_count++] = next->base;
	segment_release(next);
	return 0;
}

/* As many segments as it may have. 0, or -1: one could not be sent. */
static int
classify_feed(struct classify *classify)
{
	while (classify->ahead_count < MESSAGE_SEGMENTS_MAX &&
	    classify_take(classify))
		if (classify_give(classify) == -1)
			return -1;
	return 0;
}

/* How far it can read in what it was given: with the active segment, to the
 * log's end; else to the beginning of the last one, which has an end that
 * only the next one's base tells. */
static uint64_t
classify_reach(const struct classify *classify)
{
	const struct writer_progress *progress = &classify->supervisor
						      ->progress;
	uint64_t last;

	if (classify->ahead_count == 0)
		return 0;
	last = classify->ahead[classify->ahead_count - 1];
	return last >= progress->log_begin ? progress->log_end : last;
}

/* One at a time is under way: it answers with a cursor, then hears more. 0,
 * or -1: it could not be sent. */
static int
classify_tell(struct classify *classify)
{
	uint64_t log_end = classify->supervisor->progress.log_end;
	struct message_grown body = { .end = classify_reach(classify) };

	body.final = classify->ended && body.end == log_end;
	if (classify->told > classify->end || classify->final_told)
		return 0;
	if (body.end <= classify->told && !body.final) {
		if (body.end == log_end)
			writer_want_growth(classify->supervisor->writer,
			    log_end);
		return 0; /* else there is a segment still to come */
	}
	if (child_send(&classify->child, MESSAGE_GROWN, &body, sizeof(body),
		NULL, 0) == -1)
		return -1;
	classify->told = body.end;
	classify->final_told = body.final != 0;
	child_expect(&classify->child, CHILD_PATIENCE_MS);
	return 0;
}

void
classify_step(struct classify *classify)
{
	if (!child_is_up(&classify->child) ||
	    (classify_feed(classify) == 0 && classify_tell(classify) == 0))
		return;
	if (io_again(errno)) { /* it does not read: not for long, that is */
		child_want_write(&classify->child);
		child_expect(&classify->child, CHILD_PATIENCE_MS);
		return;
	}
	log_warn("cannot tell the classifier: %s; it is replaced",
	    strerror(errno));
	child_stop(&classify->child);
}

void
classify_resume(struct classify *classify)
{
	const struct message_resume body = {
		.cursor = classify->offset,
		.lines = classify->lines,
		.skip = classify->skip,
		.careful = classify->careful,
	};

	classify->told = classify->offset;
	classify->end = classify->offset;
	classify->final_told = false;
	classify->ahead_count = 0;
	segment_release(&classify->next);
	child_send(&classify->child, MESSAGE_RESUME, &body, sizeof(body), NULL,
	    0);
	writer_want_segments(classify->supervisor->writer, classify->offset);
}

void
classify_finish(struct classify *classify)
{
	classify->ended = true;
	if (classify->supervisor->progress.log_end == 0 ||
	    classify->supervisor->capture_only)
		classify->done = true;
	else
		classify_step(classify);
}
