/*
 * mask.h - the accidents of a line: what may differ between two lines that
 * say the same. Numbers, hexadecimal ids, UUIDs, absolute paths, addresses
 * and durations are; words, signs and "nan" and "inf" are not.
 */
#ifndef CLASSIFIER_MASK_H
#define CLASSIFIER_MASK_H

#include <stddef.h>
#include <stdint.h>

#include "line.h"

/* FNV-1a, 64 bits, over the line with its accidents masked, each wide blank
 * as one, and without blanks at its end. */
uint64_t mask_hash(const struct text *text);
/* The masked line for a person: "step <N> took <TIME>"; as much of it as cap
 * bytes take, cut between characters. Length; there is no NUL. */
size_t mask_show(const struct text *text, char *room, size_t cap);

#endif
