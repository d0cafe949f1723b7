/*
 * grammar.h - lines that belong together: one row for each kind of event
 * that takes several lines.
 *
 * A row reads a line as one of the events below, and its machine says what
 * state that leads to. Reading looks at the line alone; what the lines
 * before it were is in the state. Expressions meet a line without its prefix
 * (a header's as prefix.h finds it, the others' as the header had it).
 *
 * The rows are in grammar_*.c, a file for each family, and the list of all in
 * grammar.c.
 */
#ifndef CLASSIFIER_GRAMMAR_H
#define CLASSIFIER_GRAMMAR_H

#include <stdbool.h>

#include "line.h"
#include "pattern.h"

enum grammar_event {
	GRAMMAR_OTHER, /* no part of it */
	GRAMMAR_BLANK,
	GRAMMAR_HEADER,
	GRAMMAR_BODY,
	GRAMMAR_FINAL, /* names the event */
	GRAMMAR_LINK,  /* says that another one follows */
	GRAMMAR_END,   /* the last line */
	GRAMMAR_EVENTS
};

enum grammar_state {
	GRAMMAR_IDLE,
	GRAMMAR_MAYBE,	/* header seen, which alone says too little */
	GRAMMAR_OPEN,	/* it is one, and goes on */
	GRAMMAR_DONE,	/* all that matters was seen */
	GRAMMAR_LINKED, /* the next line belongs to it */
	GRAMMAR_STATES
};

struct grammar_machine {
	unsigned char next[GRAMMAR_STATES][GRAMMAR_EVENTS];
};

/* Header, body, and a final line that names the event; chains. */
extern const struct grammar_machine grammar_by_final;
/* The header names it; whatever reads as body belongs to it. */
extern const struct grammar_machine grammar_by_header;
/* The same, but only a line of body makes it one. */
extern const struct grammar_machine grammar_by_body;
/* The same, and some lines of text may stand between header and body. */
extern const struct grammar_machine grammar_by_frames;
/* As by its header, and the line behind that belongs to it in any case. */
extern const struct grammar_machine grammar_by_message;
/* Everything to its end belongs to it. */
extern const struct grammar_machine grammar_by_end;
/* The same, if a final line comes before anything else but body. */
extern const struct grammar_machine grammar_box;

#define GRAMMAR_LINES_MAX 5
#define GRAMMARS_MAX 32

enum grammar_flag {
	/* The header is told; else the final line. */
	GRAMMAR_HEADER_NAMES = 1 << 0,
	/* The header is a frame, and says nothing of the event. */
	GRAMMAR_HEADER_FRAMES = 1 << 1,
	/* All lines together are a record (record.h), which decides. */
	GRAMMAR_RECORD = 1 << 2,
};

struct grammar {
	const char *name;
	/* Words of which a header has one, for the filter (cues.h). */
	const char *cues;
	const char *header;
	/* Tried in order; the first that matches says what the line is. */
	struct {
		enum grammar_event event;
		const char *expression; /* NULL: no more */
	} lines[GRAMMAR_LINES_MAX];
	const struct grammar_machine *machine;
	unsigned flags;
	enum severity severity; /* at least; none: a failure's, high */
};

/* Each ended by a row without a name. */
extern const struct grammar grammar_python[];
extern const struct grammar grammar_managed[];
extern const struct grammar grammar_native[];
extern const struct grammar grammar_ops[];
extern const struct grammar grammar_tests[];

/* A row, compiled. */
struct grammar_row {
	const struct grammar *grammar;
	struct pattern *header;
	struct pattern *lines[GRAMMAR_LINES_MAX];
};

struct grammars {
	struct matcher *matcher; /* borrowed */
	struct grammar_row rows[GRAMMARS_MAX];
	unsigned count;
};

/* Compiles all rows. 0, or -1: why; release it in any case. */
int grammars_init(struct grammars *grammars, struct matcher *matcher,
    struct why *why);
void grammars_release(struct grammars *grammars);
/* All families' rows, one after the other; NULL: no more. */
const struct grammar *grammar_get(unsigned i);
/* The row of which the line is a header; *at is where that begins in it.
 * NULL: none. */
const struct grammar_row *grammars_header(const struct grammars *grammars,
    const struct text *line, size_t *at);
/* True when a line without its prefix is a header of the row. */
bool grammars_is_header(const struct grammars *grammars,
    const struct grammar_row *row, const struct text *line);
/* What a line without its prefix is to a row; never GRAMMAR_HEADER. */
enum grammar_event grammars_read(const struct grammars *grammars,
    const struct grammar_row *row, const struct text *line);

#endif
