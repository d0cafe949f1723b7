/*
 * reader.h - the job's output, segment after segment, in runs of one stream.
 *
 * The supervisor hands in segments in order; the reader walks from the
 * position it was given to the end it is told, through a buffer, and lets
 * go of each segment when it has passed it.
 */
#ifndef CLASSIFIER_READER_H
#define CLASSIFIER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "segment.h"

#define READER_SEGMENTS_MAX MESSAGE_SEGMENTS_MAX /* not passed yet */
#define READER_BUFFER (256 * 1024)

/* Bytes of one stream that follow each other, borrowed from the reader. */
struct run {
	uint64_t offset;
	const char *bytes;
	size_t length;
	enum stream stream;
	bool torn; /* output before it is missing */
};

struct reader {
	struct segment segments[READER_SEGMENTS_MAX];
	unsigned count;
	uint64_t position;
	char *buffer;	   /* owned, READER_BUFFER */
	uint64_t buffered; /* offset of its first byte */
	size_t have;
	bool torn; /* bytes before the position are missing */
};

/* 0, or -1: out of memory. */
int reader_init(struct reader *reader);
void reader_release(struct reader *reader);
/*
 * Takes both descriptors. 0, or -1 with errno, and they are still the
 * caller's: EBADMSG not a segment of that base, or not in order; ENOBUFS too
 * many at once.
 */
int reader_add(struct reader *reader, uint64_t base, int log_fd, int index_fd);
/*
 * The next run before offset `end`; it stays valid until the next call.
 * 1; 0: the position is at `end`; -1 with errno (ENODATA: bytes that were
 * promised are not there).
 */
int reader_next(struct reader *reader, uint64_t end, struct run *run);

#endif
