/*
 * outline.h - a line with its digits made alike, as a number: what is cheap
 * to know of each line, and enough to remember much about it.
 *
 * In the outline each digit stands for any digit, but a run of zeros alone
 * stays one. All other bytes are as they are, so lines of one outline have
 * the same length, the same words, the same shape (mask.h: an accident is
 * told by which bytes are digits, and zero by the runs of zeros), and the
 * same cues (cues.h: a digit in a word is any digit).
 */
#ifndef CLASSIFIER_OUTLINE_H
#define CLASSIFIER_OUTLINE_H

#include <stdint.h>

#include "line.h"

/* Nobody who writes lines may know it, or two of his could be one. */
struct outline_key {
	uint64_t words[2];
};

/* A key from the system's randomness. 0, or -1 with errno. */
int outline_key_init(struct outline_key *key);
/* The hash of the outline, 64 bits. */
uint64_t outline_hash(const struct outline_key *key, const struct text *text);

#endif
