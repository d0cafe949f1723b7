/*
 * occurrence.h - one line of events.jsonl, understood as far as it matters
 * for telling someone.
 */
#ifndef NOTIFY_OCCURRENCE_H
#define NOTIFY_OCCURRENCE_H

#include <jansson.h>
#include <stdint.h>

#include "severity.h"

struct occurrence {
	json_t *root; /* owned; the texts below are borrowed from it */
	uint64_t seq;
	const char *name;    /* "output.alert" */
	const char *message; /* "" where there is none */
	const char *source;  /* "" where there is none */
	enum severity severity;
	int kind;	/* enum kind, -1: none that is known */
	uint64_t order; /* messages of one order arrive in their order */
};

/* 0, or -1: the line is not an event. */
int occurrence_init(struct occurrence *occurrence, const char *line,
    size_t length);
void occurrence_release(struct occurrence *occurrence);
/* The value of a key of `data`, or NULL. */
const json_t *occurrence_data(const struct occurrence *occurrence,
    const char *key);
/* The event's time in microseconds, 0: none. */
int64_t occurrence_time_us(const struct occurrence *occurrence);

#endif
