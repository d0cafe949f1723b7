/*
 * look.c - see look.h.
 *
 * A set of two for each value of some bits of the hash, the one used last in
 * front: to look one up touches one or two cache lines.
 */
#include "look.h"

#include <stdlib.h>
#include <string.h>

#define LOOKS_SETS 4096 /* a power of two */

struct looks_row {
	uint64_t hash; /* 0: empty */
	struct look look;
};

struct looks_set {
	struct looks_row rows[2];
};

struct looks {
	struct looks_set sets[LOOKS_SETS];
};

struct looks *
looks_new(void)
{
	return calloc(1, sizeof(struct looks));
}

void
looks_free(struct looks *looks)
{
	free(looks);
}

struct look *
looks_get(struct looks *looks, uint64_t hash, bool *known)
{
	struct looks_set *set = &looks->sets[hash & (LOOKS_SETS - 1)];
	struct looks_row *rows = set->rows, found;

	hash |= 1ULL << 63; /* none is 0 */
	*known = true;
	if (rows[0].hash == hash)
		return &rows[0].look;
	found = rows[1];
	rows[1] = rows[0];
	*known = found.hash == hash;
	if (!*known)
		found = (struct looks_row){ .hash = hash };
	rows[0] = found;
	return &rows[0].look;
}
