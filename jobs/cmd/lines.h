/*
 * lines.h - cuts the output into lines, each stream for itself.
 *
 * Bytes of stdout and stderr come in turns and may part a line; it is put
 * together again, and keeps the offset and the time of its first byte.
 *
 * Folded, a line is what a terminal would be left with after its carriage
 * returns: the text behind the last one, or before it when it ends the line
 * ("\r\n"). Earlier states of a progress bar take no room, however long.
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
	uint64_t offset;  /* of its first byte */
	uint64_t shown;	  /* of the text's first byte: the last state's */
	uint64_t end;	  /* behind its last byte, newline included */
	int64_t time_us;  /* when the text's first byte arrived */
	const char *text; /* without its newline; any bytes */
	size_t length;
	bool newline; /* false: a piece, or the job's unfinished last line */
};

typedef void lines_line_cb(const struct line *line, void *arg);

struct lines;

/* NULL: out of memory. */
struct lines *lines_new(bool fold, lines_line_cb *cb, void *arg);
void lines_free(struct lines *lines);
/* What comes next on the stream may be the rest of a line: it is left out,
 * up to its end, or folded to its next carriage return. */
void lines_tear(struct lines *lines, enum stream stream);
/* Bytes of one stream, as logread_get describes them. */
void lines_feed(struct lines *lines, const struct segment_chunk *chunk,
    const char *bytes, size_t n);
/* The stream's unfinished line as it is now. False: it has none. */
bool lines_open(const struct lines *lines, enum stream stream,
    struct line *line);
/* True when the stream's next byte is a line's first. */
bool lines_at_begin(const struct lines *lines, enum stream stream);
/* Hands out what has no newline and will not get one. */
void lines_flush(struct lines *lines);

#endif
