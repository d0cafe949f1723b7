/*
 * cues.h - which of many words does a line hold, in one pass.
 *
 * The filter before the patterns (Aho and Corasick's automaton, 1975): a
 * line without any cue costs a few cycles a byte and no pattern. Words are
 * found whatever their case, and a digit in one is any digit, so that lines
 * of one outline (outline.h) have the same cues; each word sets one bit of
 * the answer.
 */
#ifndef CLASSIFIER_CUES_H
#define CLASSIFIER_CUES_H

#include <stddef.h>
#include <stdint.h>

#define CUES_BITS 64

struct cues;

/* NULL: out of memory. */
struct cues *cues_new(void);
void cues_free(struct cues *cues); /* NULL is fine */
/* Adds words, separated by '|', that set `bit`; a newline in a word is an
 * end of the text, front or back. 0; -1: too many, or more kinds of letters
 * than there is room for: the table is wrong. */
int cues_add(struct cues *cues, const char *words, unsigned bit);
/* Ends the adding; must come before the first scan. */
void cues_seal(struct cues *cues);
uint64_t cues_scan(const struct cues *cues, const char *text, size_t n);

#endif
