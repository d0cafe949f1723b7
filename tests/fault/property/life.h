/*
 * life.h - one life of a writer: from its start on what a predecessor has
 * left to its death, at a system call, after any of its acts, or at the end.
 */
#ifndef TESTS_FAULT_PROPERTY_LIFE_H
#define TESTS_FAULT_PROPERTY_LIFE_H

#include "world.h"

enum life_end {
	LIFE_OVER = 0,
	LIFE_WRONG = 1,	 /* as world_fail says */
	LIFE_UNBORN = 2, /* it could not start: another one is due */
};

/* Lives in a process of its own, and never returns. `last`: nothing fails any
 * more, and all that is owed is done before the end. */
void life_live(struct world *world, bool last) __attribute__((noreturn));

#endif
