/*
 * jsonscan.h - steps over the members of a JSON object without building it.
 *
 * For lists of a thousand documents of which a few keys are shown: jansson
 * takes 20 us for a status.json, this takes one. It checks how values nest,
 * not what they say, so it is for files of our own writing.
 */
#ifndef JOBS_CORE_JSONSCAN_H
#define JOBS_CORE_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>

struct jsonscan {
	const char *at; /* borrowed */
	const char *end;
};

/* A run of the text, borrowed; a key without its quotes, escapes kept. */
struct jsonspan {
	const char *text;
	size_t length;
};

/* 0, or -1: not an object. */
int jsonscan_start(struct jsonscan *scan, const char *text, size_t n);
/* The next member: 1; 0: that was all; -1: malformed. */
int jsonscan_next(struct jsonscan *scan, struct jsonspan *key,
    struct jsonspan *value);
/* True when the span is this text. */
bool jsonspan_is(const struct jsonspan *span, const char *text);

#endif
