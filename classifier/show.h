/*
 * show.h - answers of `jobwatch classify` as they are printed: a JSON object
 * for each line, or the lines themselves with what they are in the margin.
 */
#ifndef CLASSIFIER_SHOW_H
#define CLASSIFIER_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"

enum show_output { SHOW_QUIET, SHOW_CONTEXT, SHOW_ALERT, SHOW_OUTPUTS };

/* A line's answer; text is borrowed. */
struct show_row {
	uint64_t n; /* of the line, from 1 */
	enum show_output output;
	enum severity severity;
	enum kind kind;
	double score;
	const char *source;
	const char *reason; /* NULL: none */
	uint64_t group;	    /* 0: none */
};

struct show_options {
	bool json;
	bool only_alerts;
	bool explain;
	bool colour;
};

#define SHOW_BUFFER (64 * 1024)
#define SHOW_TAIL_MAX 1024 /* of an object: all but the number */

struct show {
	struct show_options options;
	int fd; /* borrowed */
	uint64_t lines;
	uint64_t alerts[SEVERITY_COUNT];
	struct show_row last; /* the one that tail is of */
	size_t tail_length;
	char tail[SHOW_TAIL_MAX];
	size_t used;
	char buffer[SHOW_BUFFER];
};

void show_init(struct show *show, int fd, const struct show_options *options);
/* True when a row's text is needed. */
static inline bool
show_wants_text(const struct show *show)
{
	return !show->options.json;
}
/* Prints a row; text, valid UTF-8, is not looked at for JSON. 0, or -1 with
 * errno. */
int show_row(struct show *show, const struct show_row *row,
    const struct text *text);
/* What was printed so far goes out. As above. */
int show_flush(struct show *show);

#endif
