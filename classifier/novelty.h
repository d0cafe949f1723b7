/*
 * novelty.h - lines of a shape that this job has never printed before.
 *
 * The policy asks for it ([classify] novelty). The first NOVELTY_QUIET lines
 * are only learnt from: at the beginning everything is new. Then a new shape
 * is told of, but of a flood of them only some.
 */
#ifndef CLASSIFIER_NOVELTY_H
#define CLASSIFIER_NOVELTY_H

#include <stdbool.h>
#include <stdint.h>

#define NOVELTY_QUIET 500 /* lines */
/* As many may be told of at once; then one more for each NOVELTY_EACH lines. */
#define NOVELTY_BURST 10
#define NOVELTY_EACH 100
/* Shapes that are remembered. A job with more of them has no use for this:
 * nothing is new to it any more. */
#define NOVELTY_MAX 32768
#define NOVELTY_SCORE 0.5

struct novelty;

/* NULL: out of memory. */
struct novelty *novelty_new(void);
void novelty_free(struct novelty *novelty); /* NULL is fine */
/* A line came, of a shape that was known. */
void novelty_known(struct novelty *novelty);
/* A line came whose shape may be new. True when it is, and to be told of. */
bool novelty_line(struct novelty *novelty, uint64_t shape);

#endif
