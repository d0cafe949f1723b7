/*
 * look.h - what a line may be, as far as its outline tells (outline.h), and
 * a memory for it: job output repeats itself, and a line whose outline was
 * seen before need not be looked through again.
 *
 * This is sound, because nothing goes into a look that two lines of one
 * outline could differ in. It says which built-in patterns and rules may
 * match: they are then run on the line itself, with its own digits. A line
 * that nothing may match is not read for it. The prior's opinion is kept
 * where the line meets no pattern and no feature of it hangs on what its digits
 * are (features.h: by_value); no other verdict is.
 */
#ifndef CLASSIFIER_LOOK_H
#define CLASSIFIER_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct look {
	uint64_t cues;	 /* builtin.h */
	uint64_t rules;	 /* rules.h */
	uint32_t record; /* it may be one (record.h) */
	uint32_t shape;	 /* its template (template.h); 0: not asked yet */
	float score;	 /* the prior's (prior.h), where it is known */
	uint8_t severity, kind;
	bool judged; /* it is: by nothing but the outline */
};

struct looks;

/* NULL: out of memory. */
struct looks *looks_new(void);
void looks_free(struct looks *looks); /* NULL is fine */
/* The look of the outline with that hash; *known tells whether it was there,
 * else it is to be filled in, and another one was forgotten for it. It is
 * the caller's until the next call. */
struct look *looks_get(struct looks *looks, uint64_t hash, bool *known);

#endif
