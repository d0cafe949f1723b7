/*
 * search.h - which lines a --grep pattern matches, and where.
 *
 * A line is matched as it is seen: without its colours (see ansi.h), unless
 * the search is for raw bytes. Bytes that are no UTF-8 match nothing but
 * themselves never: they part what is before from what is after.
 */
#ifndef JOBS_CMD_SEARCH_H
#define JOBS_CMD_SEARCH_H

#include <stdbool.h>

#include "lines.h"
#include "pattern.h"

struct search;

/* flags: of pattern_flag. NULL: why, which names the place in expression. */
struct search *search_new(const char *expression, unsigned flags, bool raw,
    struct why *why);
void search_free(struct search *search); /* NULL is fine */
/* PATTERN_COSTLY after a bound of steps, or of two seconds. */
enum pattern_answer search_line(struct search *search, const struct line *line);
/* Where the line matches, in order, up to max places that are not empty,
 * counted as for screen_print. How many. */
size_t search_marks(struct search *search, const struct line *line,
    struct pattern_span *marks, size_t max);
/* True when search_next may be asked about these bytes. */
bool search_skims(const struct search *search, const char *bytes, size_t n);
/* A place in the first line of n bytes that may match; NULL: none of them
 * does. */
const char *search_next(const struct search *search, const char *bytes,
    size_t n);

#endif
