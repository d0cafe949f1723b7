/*
 * writer_segments.c - the writer's thread opens segments for the classifier.
 */
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
writer_next_base(struct writer *writer, struct logread *reader, uint64_t *base,
    unsigned *generation)
{
	bool room;

	writer_lock(writer);
	if (writer->segments_fresh)
		writer->segments_from = logread_base(reader,
		    writer->segments_from);
	writer->segments_fresh = false;
	*base = writer->segments_from;
	*generation = writer->generation;
	room = writer->segment_count < SEGMENTS_MAX;
	writer_unlock(writer);
	return room;
}

/* When the loop takes one from a full list, it asks for the rest. */
int
writer_do_segments(struct writer *writer)
{
	struct logread *reader;
	struct segment segment;
	unsigned generation;
	struct why why;
	uint64_t base;
	int found = 1;

	if (!writer_asked(writer, &writer->want_segments))
		return 0;
	reader = logread_open(writer->dir, &why);
	if (reader == NULL)
		return -1;
	writer_lock(writer);
	writer->want_segments = false; /* who asks meanwhile is heard */
	writer_unlock(writer);
	while (found == 1 &&
	    writer_next_base(writer, reader, &base, &generation)) {
		found = logread_segment(reader, base, &segment);
		if (found == 1)
			writer_offer(writer, &segment, generation);
	}
	logread_close(reader);
	writer_lock(writer);
	writer->feed_segments = found == 0;
	if (found == -1)
		writer->want_segments = true;
	writer_wake(writer);
	writer_unlock(writer);
	return found == -1 ? -1 : 1;
}
