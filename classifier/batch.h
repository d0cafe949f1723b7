/*
 * batch.h - `jobwatch classify`: the engine of a job over standard input,
 * with the answers on standard output.
 */
#ifndef CLASSIFIER_BATCH_H
#define CLASSIFIER_BATCH_H

#include "show.h"
#include "why.h"

struct judge;

/* Reads to the end, and says so in one line at 2. Enters the sandbox first. 0,
 * or -1: why. */
int batch_run(struct judge *judge, const struct show_options *options,
    struct why *why);

#endif
