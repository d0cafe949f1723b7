/*
 * assembly.h - lines out of runs, each stream for itself.
 *
 * The streams interleave anywhere, in the middle of lines too. A line that
 * lies whole in its run is lent without a copy; else it is put together in
 * the stream's buffer, LINE_KEPT_MAX bytes of it. A line that outgrows this
 * keeps what follows its last carriage return (a progress bar's newest
 * state), and without one its head. What comes out does not depend on how
 * the bytes were cut into runs.
 */
#ifndef CLASSIFIER_ASSEMBLY_H
#define CLASSIFIER_ASSEMBLY_H

#include <stdbool.h>

#include "line.h"
#include "reader.h"

struct assembly_stream {
	bool open; /* a line has begun and not ended */
	bool full; /* the rest of it is only counted */
	uint64_t offset;
	uint64_t length;
	size_t kept;
	char *bytes; /* owned, LINE_KEPT_MAX */
};

struct assembly {
	struct assembly_stream streams[STREAM_COUNT];
};

/* 0, or -1: out of memory. */
int assembly_init(struct assembly *assembly);
void assembly_release(struct assembly *assembly);
/*
 * Takes bytes off the run's front up to the end of a line. 1: line is it;
 * 0: the run is used up.
 */
int assembly_next(struct assembly *assembly, struct run *run,
    struct line *line);
/* Ends an unfinished line, the earlier one first. 1, or 0: none is open. */
int assembly_flush(struct assembly *assembly, struct line *line);
/* True while a line has begun and not ended. */
bool assembly_open(const struct assembly *assembly);

#endif
