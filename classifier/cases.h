/*
 * cases.h - what is known of logs and no single word says: a failure that is
 * stated of a run, a milestone that is not a step's, a warning that warns.
 *
 * A case is a row: its name, what must and must not be in the line, and the
 * weight that it would have if nothing were learned. Training starts from
 * these weights and is drawn back to them.
 *
 * In `when`, terms between blanks must all hold; each is one or several of
 *
 *	name	a class of the lexicon, not denied and no part of a name
 *	^name	the same, as the first or second word
 *	name$	the same, as the last word
 *	@name	a fact
 *
 * with '|' between them for any, and '!' before the term for none.
 */
#ifndef CLASSIFIER_CASES_H
#define CLASSIFIER_CASES_H

#include "feature_scan.h"

struct case_row {
	const char *name;
	float weight;
	const char *when;
};

extern const struct case_row case_rows[];
extern const unsigned case_row_count;

struct cases;

/* Compiles the table. NULL: why. */
struct cases *cases_new(struct why *why);
void cases_free(struct cases *cases); /* NULL is fine */
/* Calls add with the number of each case that holds. */
void cases_find(const struct cases *cases, const struct feature_scan *scan,
    void (*add)(void *arg, unsigned row), void *arg);

#endif
