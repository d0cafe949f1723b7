/*
 * policy_suggest.h - the known word that a misspelled one is nearest to.
 */
#ifndef JOBS_CORE_POLICY_SUGGEST_H
#define JOBS_CORE_POLICY_SUGGEST_H

#define SUGGEST_WORD_MAX 40 /* longer words are nobody's misspelling */

/* Changes from one word to the other: a letter put in, taken out, replaced,
 * or swapped with its neighbour; case counts for nothing. SUGGEST_WORD_MAX:
 * a word is too long to be compared. */
int suggest_distance(const char *left, const char *right);

/* Start with { .word = … }, offer each known word; best is the nearest, or
 * NULL where none is near enough to be meant. All borrowed. */
struct suggest {
	const char *word;
	const char *best;
	int distance; /* of best */
};
void suggest_offer(struct suggest *suggest, const char *known);

#endif
