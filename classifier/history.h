/*
 * history.h - the last lines of a stream, for the context of a finding.
 */
#ifndef CLASSIFIER_HISTORY_H
#define CLASSIFIER_HISTORY_H

#include "line.h"

#define HISTORY_LINES_MAX 201 /* notify.context_lines and the line */
#define HISTORY_LINE_MAX 1024 /* of each line; the rest is cut */
#define CONTEXT_MAX 16384     /* of a finding */

struct history {
	unsigned capacity; /* lines that are kept */
	unsigned count;
	unsigned newest;
	struct history_line *lines; /* owned */
};

/* 0, or -1: out of memory. Keeps as many lines, but 1 to the maximum. */
int history_init(struct history *history, int64_t lines);
void history_release(struct history *history);
void history_add(struct history *history, const struct text *text);
/* The lines in order, each with its newline, the oldest left out when room
 * is short. Length. */
size_t history_copy(const struct history *history, char room[CONTEXT_MAX]);

#endif
