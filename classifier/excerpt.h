/*
 * excerpt.h - the lines of one event, cut in the middle when they are many:
 * of a long traceback its head and its end are what a person reads.
 */
#ifndef CLASSIFIER_EXCERPT_H
#define CLASSIFIER_EXCERPT_H

#include "history.h"
#include "line.h"

struct excerpt {
	size_t head; /* bytes that stay; 0: nothing was dropped yet */
	size_t length;
	char bytes[CONTEXT_MAX]; /* lines, each with its newline */
};

void excerpt_clear(struct excerpt *excerpt);
void excerpt_add(struct excerpt *excerpt, const struct text *text);

#endif
