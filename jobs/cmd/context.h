/*
 * context.h - the lines around those that were looked for, as grep's -A, -B
 * and -C show them: each line once, groups that do not touch set apart.
 */
#ifndef JOBS_CMD_CONTEXT_H
#define JOBS_CMD_CONTEXT_H

#include "alerts.h"
#include "lines.h"

/* Of lines kept in case one that is looked for follows; the oldest go. */
#define CONTEXT_BYTES_MAX (64u << 20)

struct context_rows {
	/* A line to show; selected: it was looked for. */
	void (*line)(const struct line *line, const struct alert *alert,
	    bool selected, void *arg);
	/* What follows does not touch what was shown before. */
	void (*apart)(void *arg);
	void *arg;
};

struct context;

/* NULL: out of memory. rows is copied. */
struct context *context_new(unsigned long before, unsigned long after,
    const struct context_rows *rows);
void context_free(struct context *context); /* NULL is fine */
/* The next line. alert: of a selected one, or NULL. */
void context_add(struct context *context, const struct line *line,
    const struct alert *alert, bool selected);
/* Lines were passed over that can be no context. */
void context_gap(struct context *context);
/* True while the next line is wanted, whatever it is. */
bool context_hungry(const struct context *context);

#endif
