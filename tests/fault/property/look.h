/*
 * look.h - reads a log as any reader would, and compares each byte with what
 * was said.
 */
#ifndef TESTS_FAULT_PROPERTY_LOOK_H
#define TESTS_FAULT_PROPERTY_LOOK_H

#include "logread.h"
#include "world.h"

/* The log of the job, from its first byte to its last, and views of it; ends
 * this life where something is wrong. */
void look_at_log(struct world *world);
/* The copies of its closed segments. */
void look_at_archive(struct world *world);
/* Some reads by a reader that has been open for a while. */
void look_again(struct world *world, struct logread *reader);
/* After all: names of files that should not be there, segments twice. */
void look_at_names(struct world *world);

#endif
