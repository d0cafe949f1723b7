/*
 * selection.h - which lines of the output were asked for: those that match,
 * those that raised events, or all.
 */
#ifndef JOBS_CMD_SELECTION_H
#define JOBS_CMD_SELECTION_H

#include "alerts.h"
#include "logs.h"
#include "search.h"

struct selection {
	struct search *search; /* owned; NULL: any text will do */
	bool invert;	       /* those that do not match */
	struct alerts *alerts; /* owned; NULL: with or without an event */
};

enum selection_answer {
	SELECTION_NO,
	SELECTION_YES,
	SELECTION_COSTLY, /* its pattern takes too long on the line */
};

/* Borrows the job's directory. An exit code; what is wrong has been said. */
int selection_init(struct selection *selection, const struct logs *logs);
void selection_release(struct selection *selection);
/* True when every line is wanted. */
bool selection_is_all(const struct selection *selection);
/* alert: what the line raised; NULL: nothing, or nobody asked. */
enum selection_answer selection_line(const struct selection *selection,
    const struct line *line, const struct alert **alert);
/* True when selection_next may be asked about these bytes, or a part. */
bool selection_skims(const struct selection *selection, const char *bytes,
    size_t n);
/* A place in the first line of n bytes that may be wanted; NULL: none is.
 * The bytes are those of the chunk, and begin with a line. */
const char *selection_next(const struct selection *selection,
    const struct segment_chunk *chunk, const char *bytes, size_t n);

#endif
