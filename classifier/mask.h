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

/* The letters are hashed into fingerprints, which events keep on disk. */
enum mask {
	MASK_NUMBER = 'N', /* dates, clock times and addresses are one too */
	MASK_ZERO = '0',   /* a number of zeros alone, when it is no name's */
	MASK_HEX = 'H',	   /* 0x…, or eight digits and more */
	MASK_UUID = 'U',
	MASK_PATH = 'P',
	MASK_DURATION = 'D', /* "250ms", "1h30m" */
	MASK_INSTANT = 'I',  /* a duration of zeros alone */
};

/*
 * The accident at the front of n bytes, which follow the byte `before`: its
 * length, and which; 0: there is none.
 */
size_t mask_at(const char *p, size_t n, char before, enum mask *mask);
/* FNV-1a, 64 bits, over the line with its accidents masked, each wide blank
 * as one, and without blanks at its end. */
uint64_t mask_hash(const struct text *text);
/* The masked line for a person: "step <N> took <TIME>"; as much of it as cap
 * bytes take, cut between characters. Length; there is no NUL. */
size_t mask_show(const struct text *text, char *room, size_t cap);

#endif
