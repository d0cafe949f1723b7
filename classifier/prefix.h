/*
 * prefix.h - what loggers and launchers put before a line's own text: times,
 * levels, ranks, hosts, threads, logger names.
 *
 * One row for each form, tried again and again from the line's start; see
 * prefix.c. The text that is left keeps its own indentation.
 */
#ifndef CLASSIFIER_PREFIX_H
#define CLASSIFIER_PREFIX_H

#include <stdbool.h>

#include "level.h"
#include "line.h"

#define PREFIX_MAX 256 /* a longer one is cut between two of its parts */

struct prefix {
	size_t length;	  /* where the line's own text begins */
	enum level level; /* the innermost that was found */
	size_t level_at;  /* of its word, letter or number */
	size_t level_length;
	bool stamped; /* there was a time or a date */
};

/*
 * Reads the front of a cleaned line. The level may lie in the text itself,
 * when it is a part of the sentence: "error: no such file", "Error: x".
 */
struct prefix prefix_skip(const struct text *text);

#endif
