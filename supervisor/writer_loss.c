/*
 * writer_loss.c - where the disk takes no more output, what [log] on_full says.
 *
 * "block": the bytes wait in their pipes, and so does the job. "drop-oldest":
 * closed segments go, the oldest first; when there is none, new bytes are
 * taken out of staging and counted. Their offsets are never given to others:
 * the segment that is opened when the disk takes bytes again begins behind
 * them. A disk that fails otherwise (EIO, no descriptors) has nothing to gain
 * by that, and may work again in a moment: no segment goes for it, and bytes
 * only when it has failed for a while.
 *
 * Before bytes go, it is noted in place, in a file that has its room already:
 * whoever comes after a crash knows of them and tells (lossbook.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "clock.h"
#include "writer_output.h"

#define AGAIN_US INT64_C(1000000)    /* between tries of a disk that was full */
#define PATIENCE_US INT64_C(2000000) /* with one that fails otherwise */

bool
writer_lacks_room(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
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
	chunk.length += writer->carried.length; /* the rest of the same */
	if (logfile_forgive(&writer->log) == -1)
		return -1;
	writer->carried = chunk;
	return 0;
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

/* Before they go: who dies in between names too much, never too little. Where
 * it cannot be noted they go none the less: the job does not wait. */
static void
writer_note_loss(struct writer *writer, uint64_t begin, uint64_t end)
{
	struct lossbook *book = &writer->lossbook;

	if (book->fd == -1 && lossbook_open(book, writer->dir) == -1)
		return;
	lossbook_note(book, begin, end, writer->loss.error);
}

/* Takes length bytes of a stream out of staging, for good. */
static int
writer_drop(struct writer *writer, enum stream stream, uint64_t length)
{
	int stage = writer->stage_fds[stream == STREAM_STDERR];
	uint64_t begin = writer->loss.begin, end = writer->loss.end + length;
	ssize_t n = 0;

	writer_note_loss(writer, begin, end);
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
	writer->loss.end = end;
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

/* A run is over, and to be told of; called locked. */
static void
writer_end_loss(struct writer *writer, const struct writer_loss *loss)
{
	writer->losses[(writer->loss_head + writer->loss_count++) %
	    LOSSES_MAX] = *loss;
}

/* The segment behind the lost bytes is opened, where need be at the oldest
 * one's cost. */
static int
writer_begin_behind(struct writer *writer)
{
	if (writer->log.owed > 0 && logfile_forgive(&writer->log) == -1)
		return -1;
	return writer_rotate_at_cost(writer, TRIGGER_LOSS);
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
	writer_end_loss(writer, &writer->loss);
	writer_unlock(writer);
	writer_show_loss(writer);
	return true;
}

/* While the disk is full: 1 did something, 0 nothing to do, -1. */
int
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
int
writer_not_taken(struct writer *writer)
{
	int error = errno;
	bool room = writer_lacks_room(error), drops = writer_drops(writer);

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

/* --- what predecessors have lost ---------------------------------------- */

/* The log ends where the run begins: it goes on. What the index still promises
 * was among the lost bytes. */
static void
writer_resume_loss(struct writer *writer, uint64_t end, int error)
{
	writer->loss.begin = writer->log.end;
	writer->loss.end = end;
	writer->loss.error = error;
	writer->loss.dropping = true;
	writer->backlog = 0;
	for (int i = 0; i < STREAM_COUNT; i++)
		writer->inherited[i] = 0;
}

static void
writer_recall_loss(struct writer *writer, const struct lossbook_run *run,
    uint64_t told)
{
	const struct writer_loss past = { .begin = run->begin,
		.end = run->end,
		.error = run->error };

	if (run->end <= told)
		return;
	writer->loss.total += run->end -
	    (run->begin > told ? run->begin : told);
	if (run->end > writer->log.end)
		writer_resume_loss(writer, run->end, run->error);
	else if (writer->loss_count < LOSSES_MAX)
		writer_end_loss(writer, &past);
}

/* The slots behind the last one hold the oldest runs. */
void
writer_recall_losses(struct writer *writer, uint64_t told)
{
	const struct lossbook *book = &writer->lossbook;

	if (told > writer->log.end)
		writer_resume_loss(writer, told, 0);
	for (unsigned i = 1; book->fd != -1 && i <= LOSSBOOK_SLOTS; i++)
		writer_recall_loss(writer,
		    &book->runs[(book->slot + i) % LOSSBOOK_SLOTS], told);
	writer->progress.loss = writer->loss;
}
