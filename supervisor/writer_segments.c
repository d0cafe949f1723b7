/*
 * writer_segments.c - the writer's thread opens segments for the classifier.
 *
 * A list of all segments costs time with their number, so it is kept while
 * the classifier is behind, and read anew when what comes next is not in it.
 */
#include <errno.h>

#include "logread.h"
#include "writer_queue.h"

/* Queues a segment for the loop, which owns it from then on. */
static void
writer_offer(struct writer *writer, struct segment *segment,
    unsigned generation)
{
	unsigned tail;

	writer_lock(writer);
	if (generation != writer->generation) {
		segment_release(segment);
		writer_unlock(writer);
		return;
	}
	tail = (writer->segment_head + writer->segment_count++) % SEGMENTS_MAX;
	writer->segments[tail] = *segment;
	writer->segments_from = segment->base + 1;
	writer_unlock(writer);
}

/* Room for one more segment, and from which base on. */
static bool
writer_next_base(struct writer *writer, uint64_t *base, unsigned *generation)
{
	bool room;

	writer_lock(writer);
	if (writer->segments_fresh)
		writer->segments_from = logread_base(writer->list,
		    writer->segments_from);
	writer->segments_fresh = false;
	*base = writer->segments_from;
	*generation = writer->generation;
	room = writer->segment_count < SEGMENTS_MAX;
	writer_unlock(writer);
	return room;
}

static int
writer_read_list(struct writer *writer)
{
	struct why why;

	logread_close(writer->list);
	writer->list = logread_open(writer->dir, &why);
	return writer->list == NULL ? -1 : 0;
}

/* The first segment from base `least` on. 1; 0: there is none; -1. A rotation
 * gives the active one another name, and makes one more; it is our thread's
 * work, so that a list read since we began knows all. */
static int
writer_find_segment(struct writer *writer, uint64_t least,
    struct segment *segment, bool *is_new)
{
	int found = logread_segment(writer->list, least, segment);

	if (found == 1 || *is_new)
		return found;
	*is_new = true;
	if (writer_read_list(writer) == -1)
		return -1;
	return logread_segment(writer->list, least, segment);
}

/* As many as there is room for. 1: there are more; 0: that is all; -1. */
static int
writer_offer_all(struct writer *writer, bool is_new)
{
	struct segment segment;
	unsigned generation;
	uint64_t base;
	int found = 1;

	while (found == 1 && writer_next_base(writer, &base, &generation)) {
		found = writer_find_segment(writer, base, &segment, &is_new);
		if (found == 1)
			writer_offer(writer, &segment, generation);
	}
	return found;
}

/* How far that came. When the loop takes one and there are more, it asks for
 * the rest; what it took meanwhile makes room for more at once. */
static void
writer_settle_segments(struct writer *writer, int found)
{
	writer_lock(writer);
	writer->feed_segments = found == 0;
	if (found == -1 || (found == 1 && writer->segment_count < SEGMENTS_MAX))
		writer->want_segments = true;
	writer_wake(writer);
	writer_unlock(writer);
}

int
writer_do_segments(struct writer *writer)
{
	bool is_new = writer->list == NULL;
	int found = 0;

	if (!writer_asked(writer, &writer->want_segments))
		return 0;
	if (is_new)
		found = writer_read_list(writer);
	writer_lock(writer);
	writer->want_segments = false; /* who asks meanwhile is heard */
	writer_unlock(writer);
	if (found == 0)
		found = writer_offer_all(writer, is_new);
	if (found != 1) {
		int saved = errno;

		logread_close(writer->list);
		writer->list = NULL;
		errno = saved;
	}
	writer_settle_segments(writer, found);
	return found == -1 ? -1 : 1;
}
