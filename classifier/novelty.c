/*
 * novelty.c - see novelty.h. A set with open addressing, half empty; it only
 * grows.
 */
#include "novelty.h"

#include <stdlib.h>

#define SLOTS (2 * NOVELTY_MAX) /* a power of two */

struct novelty {
	uint64_t lines;
	unsigned count;
	unsigned told;		/* of the burst; falls with the lines */
	uint64_t shapes[SLOTS]; /* 0: empty */
};

struct novelty *
novelty_new(void)
{
	return calloc(1, sizeof(struct novelty));
}

void
novelty_free(struct novelty *novelty)
{
	free(novelty);
}

void
novelty_known(struct novelty *novelty)
{
	if (++novelty->lines % NOVELTY_EACH == 0 && novelty->told > 0)
		novelty->told--;
}

/* True when it was not there, and there was room. */
static bool
novelty_add(struct novelty *novelty, uint64_t shape)
{
	unsigned slot;

	shape |= shape == 0;
	for (slot = shape % SLOTS; novelty->shapes[slot] != 0;
	     slot = (slot + 1) % SLOTS)
		if (novelty->shapes[slot] == shape)
			return false;
	if (novelty->count == NOVELTY_MAX)
		return false;
	novelty->count++;
	novelty->shapes[slot] = shape;
	return true;
}

bool
novelty_line(struct novelty *novelty, uint64_t shape)
{
	bool is_new = novelty_add(novelty, shape);

	novelty_known(novelty);
	if (!is_new || novelty->lines <= NOVELTY_QUIET ||
	    novelty->told == NOVELTY_BURST)
		return false;
	novelty->told++;
	return true;
}
