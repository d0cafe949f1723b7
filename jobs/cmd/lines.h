/*
 * lines.h - cuts the output into lines, each stream for itself.
 *
 * Bytes of stdout and stderr come in turns and may part a line; it is put
 * together again, and keeps the offset and the time of its first byte.
 */
#ifndef JOBS_CMD_LINES_H
#define JOBS_CMD_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segment.h"

#define LINES_MAX (256u << 10) /* a longer line comes in pieces */

struct line {
	enum stream stream;
	uint64_t offset;
	int64_t time_us;
	const char *text; /* without its newline; any bytes */
	size_t length;
	bool newline; /* false: a piece, or the job's unfinished last line */
};

typedef void lines_line_cb(const struct line *line, void *arg);

struct lines;

/* NULL: out of memory. */
struct lines *lines_new(lines_line_cb *cb, void *arg);
void lines_free(struct lines *lines);
/* Bytes of one stream, as logread_get describes them. */
void lines_feed(struct lines *lines, const struct segment_chunk *chunk,
    const char *bytes, size_t n);
/* Hands out what has no newline and will not get one. */
void lines_flush(struct lines *lines);

#endif
