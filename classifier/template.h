/*
 * template.h - the shapes of the lines that a job prints, each with how often
 * it did.
 *
 * A shape is a line with its accidents masked (mask.h), known by the hash of
 * that. There is room for TEMPLATES_MAX; then one that was not met for long
 * makes room (the clock's hand), and its lines are counted together.
 */
#ifndef CLASSIFIER_TEMPLATE_H
#define CLASSIFIER_TEMPLATE_H

#include <stdint.h>

#include "line.h"

#define TEMPLATES_MAX 16384
#define TEMPLATE_TEXT_MAX 96

struct template
{
	uint64_t hash;
	uint64_t count;
	uint64_t first; /* offsets of the first and the last line */
	uint64_t last;
	uint32_t id; /* the row, and how often it was given; 0: free */
	uint8_t met; /* since the hand was here */
	uint8_t length;
	char text[TEMPLATE_TEXT_MAX]; /* masked, for a person */
};

struct templates;

/* NULL: out of memory. */
struct templates *templates_new(void);
void templates_free(struct templates *templates); /* NULL is fine */
/*
 * Counts the line at offset. *id is what was set for a line of the same
 * outline (outline.h), which has the same shape; 0: none was. It is set. The
 * shape when this was its first line, or the first since it had to go; else
 * NULL.
 */
const struct template *templates_count(struct templates *templates,
    const struct text *text, uint64_t offset, uint32_t *id);
/* The n shapes with the most lines, the most first; how many there are. They
 * are the table's, until the next line. */
unsigned templates_top(const struct templates *templates,
    const struct template **top, unsigned n);
/* How many shapes are known, and lines of shapes that had to go. */
uint64_t templates_known(const struct templates *templates);
uint64_t templates_gone(const struct templates *templates);

#endif
