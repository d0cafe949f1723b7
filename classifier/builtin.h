/*
 * builtin.h - what is known about the output of any job: a first set.
 *
 * A table of patterns, each with the words (cues) without which it cannot
 * match, so that an ordinary line meets no pattern at all.
 */
#ifndef CLASSIFIER_BUILTIN_H
#define CLASSIFIER_BUILTIN_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"
#include "pattern.h"
#include "severity.h"

#define BUILTIN_ROWS_MAX 60
/* The bit of the cues that says: a grammar's header may be in the line. */
#define BUILTIN_CUE_HEADER 63
#define BUILTIN_HEADER(cues) (((cues) >> BUILTIN_CUE_HEADER) & 1)
#define BUILTIN_SCORE 0.9

struct builtin_row {
	const char *name;
	const char *cues; /* one of these words, in any case */
	const char *expression;
	enum severity severity;
	enum kind kind;
	/* Not for a line that says that there were none ("0 errors"). */
	bool vetoed;
};

extern const struct builtin_row builtin_rows[];
extern const unsigned builtin_row_count;
extern const char builtin_veto[];

struct builtin;

/* Compiles the table. NULL: why. */
struct builtin *builtin_new(struct matcher *matcher, struct why *why);
void builtin_free(struct builtin *builtin); /* NULL is fine */
/* The line's cues, a bit for each row. */
uint64_t builtin_cues(const struct builtin *builtin, const struct text *text);
/* The first row that the line meets, given its cues; NULL: none. */
const struct builtin_row *builtin_match(const struct builtin *builtin,
    uint64_t cues, const struct text *text);

#endif
