/*
 * template.c - see template.h.
 *
 * Rows stay where they are; slots find them by their hash (open addressing,
 * linear). A row that is given away leaves no grave: the slots behind it
 * that belong further to the front move up.
 */
#include "template.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mask.h"

#define SLOTS (2 * TEMPLATES_MAX) /* a power of two */

struct templates {
	uint64_t gone;
	unsigned count;	       /* rows in use */
	unsigned hand;	       /* the row that is looked at next */
	uint16_t slots[SLOTS]; /* a row's number and one; 0: empty */
	struct template rows[TEMPLATES_MAX];
};

struct templates *
templates_new(void)
{
	return calloc(1, sizeof(struct templates));
}

void
templates_free(struct templates *templates)
{
	free(templates);
}

static struct template *
slot_row(struct templates *templates, unsigned slot)
{
	return &templates->rows[templates->slots[slot] - 1];
}

/* The slot of the hash, or the empty one where it would be. */
static unsigned
slot_find(struct templates *templates, uint64_t hash)
{
	unsigned slot = hash % SLOTS;

	while (templates->slots[slot] != 0 &&
	    slot_row(templates, slot)->hash != hash)
		slot = (slot + 1) % SLOTS;
	return slot;
}

static void
slot_clear(struct templates *templates, unsigned slot)
{
	unsigned next = slot;

	for (;;) {
		unsigned home;

		next = (next + 1) % SLOTS;
		if (templates->slots[next] == 0)
			break;
		home = slot_row(templates, next)->hash % SLOTS;
		/* It may not move to before where its search begins. */
		if ((next - home) % SLOTS < (next - slot) % SLOTS)
			continue;
		templates->slots[slot] = templates->slots[next];
		slot = next;
	}
	templates->slots[slot] = 0;
}

/* A row to use: an unused one, else one that was not met for a round. */
static struct template *
row_take(struct templates *templates)
{
	struct template *row;

	if (templates->count < TEMPLATES_MAX) {
		row = &templates->rows[templates->count++];
		row->id = (uint32_t)(row - templates->rows);
		return row;
	}
	for (;;) {
		row = &templates->rows[templates->hand];
		templates->hand = (templates->hand + 1) % TEMPLATES_MAX;
		if (!row->met)
			break;
		row->met = false;
	}
	templates->gone += row->count;
	slot_clear(templates, slot_find(templates, row->hash));
	return row;
}

/* The row of the shape, made now if it is new. */
static struct template *
row_of(struct templates *templates, const struct text *text, uint64_t offset)
{
	uint64_t hash = mask_hash(text);
	unsigned slot = slot_find(templates, hash);
	struct template *row;

	if (templates->slots[slot] != 0)
		return slot_row(templates, slot);
	row = row_take(templates);
	row->hash = hash;
	row->count = 0;
	row->first = offset;
	row->id += TEMPLATES_MAX; /* never 0, never the last one's */
	row->length = (uint8_t)mask_show(text, row->text, sizeof(row->text));
	slot = slot_find(templates, hash); /* they may have moved */
	templates->slots[slot] = (uint16_t)(row - templates->rows + 1);
	return row;
}

const struct template *
templates_count(struct templates *templates, const struct text *text,
    uint64_t offset, uint32_t *id)
{
	struct template *row = &templates->rows[*id % TEMPLATES_MAX];

	if (*id == 0 || row->id != *id) {
		row = row_of(templates, text, offset);
		*id = row->id;
	}
	row->count++;
	row->last = offset;
	row->met = true;
	return row->count == 1 ? row : NULL;
}

unsigned
templates_top(const struct templates *templates, const struct template **top,
    unsigned n)
{
	unsigned have = 0;

	for (unsigned i = 0; i < templates->count; i++) {
		const struct template *row = &templates->rows[i];
		unsigned at;

		if (have == n && row->count <= top[n - 1]->count)
			continue;
		if (have < n)
			have++;
		for (at = have - 1; at > 0 && top[at - 1]->count < row->count;
		     at--)
			top[at] = top[at - 1];
		top[at] = row;
	}
	return have;
}

uint64_t
templates_known(const struct templates *templates)
{
	return templates->count;
}

uint64_t
templates_gone(const struct templates *templates)
{
	return templates->gone;
}
