/*
 * grammar.h - lines that belong together: one row for each kind of event
 * that takes several lines.
 *
 * A row reads a line as one of the events below, and its table says what
 * state that leads to. Reading looks at the line alone; what the lines
 * before it were is in the state.
 */
#ifndef CLASSIFIER_GRAMMAR_H
#define CLASSIFIER_GRAMMAR_H

#include "line.h"

enum grammar_event {
	GRAMMAR_OTHER, /* no part of it */
	GRAMMAR_BLANK,
	GRAMMAR_HEADER,
	GRAMMAR_BODY,
	GRAMMAR_FINAL, /* names the event: the finding */
	GRAMMAR_LINK,  /* says that another one follows */
	GRAMMAR_EVENTS
};

enum grammar_state {
	GRAMMAR_IDLE,
	GRAMMAR_OPEN,	/* header seen, final line not */
	GRAMMAR_DONE,	/* final line seen */
	GRAMMAR_LINKED, /* and that another follows, which belongs to it */
	GRAMMAR_STATES
};

struct grammar {
	const char *name;
	/* Words of which a header has one, for the filter (cues.h). */
	const char *cues;
	/* Where the header's own text starts in the line, or NULL: none. What
	 * is before it is a prefix that its other lines may have too. */
	const char *(*header)(const struct text *line);
	/* Any other line, without the prefix. */
	enum grammar_event (*read)(const struct text *line);
	unsigned char next[GRAMMAR_STATES][GRAMMAR_EVENTS];
};

extern const struct grammar grammar_python;

#endif
