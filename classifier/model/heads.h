/*
 * heads.h - the prior's answers to all its questions, trained on every log,
 * as the file that is shipped.
 */
#ifndef MODEL_HEADS_H
#define MODEL_HEADS_H

#include <stdio.h>

#include "folds.h"

/* Writes the weights (prior.h has the format). 0, or -1: errno is set. */
int heads_write(struct folds *folds, FILE *out);

#endif
