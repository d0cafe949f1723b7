/*
 * alerts.h - which lines of the output raised events, by events.jsonl.
 *
 * An event points to the first byte of its line. The classifier is behind
 * the job: a line can be judged only when it has passed it, which
 * alerts_horizon tells.
 */
#ifndef JOBS_CMD_ALERTS_H
#define JOBS_CMD_ALERTS_H

#include "lines.h"
#include "severity.h"

struct alert {
	uint64_t offset;
	uint64_t seq; /* of the event */
	enum stream stream;
	enum severity severity;
};

struct alerts;

/* Those of `least` and graver. Borrows dir; reads nothing yet. NULL: out of
 * memory. */
struct alerts *alerts_new(int dir, enum severity least);
void alerts_free(struct alerts *alerts); /* NULL is fine */
/* Takes in the events that were added. 0, or -1 with errno. */
int alerts_read(struct alerts *alerts);
/* The gravest that the line raised, borrowed until the next call of
 * alerts_read; NULL: none. */
const struct alert *alerts_find(const struct alerts *alerts,
    const struct line *line);
/* Offset of the stream's first one from `from` on; UINT64_MAX: none. */
uint64_t alerts_next(const struct alerts *alerts, enum stream stream,
    uint64_t from);
/* How far the classifier has come: the events of all lines before are
 * there to be read. 0: not known, or nowhere. */
uint64_t alerts_horizon(int dir);

#endif
