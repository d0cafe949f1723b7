/*
 * cues.c - see cues.h.
 *
 * The transition table is dense: a row of 64 letters for each state, and a
 * state is named by the index of its row's first cell, so that a step is an
 * addition and a load. Bytes that occur in no word share letter 0.
 */
#include "cues.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CUES_LETTERS 64
#define CUES_STATES 1023 /* times CUES_LETTERS fits 16 bits */

struct cues {
	uint8_t letter[256];
	unsigned letters;
	unsigned states;
	size_t longest; /* word */
	uint16_t next[CUES_STATES * CUES_LETTERS];
	uint64_t found[CUES_STATES];
	uint16_t fallback[CUES_STATES];
};

struct cues *
cues_new(void)
{
	struct cues *cues = calloc(1, sizeof(*cues));

	if (cues == NULL)
		return NULL;
	cues->letters = 1;
	cues->states = 1;
	return cues;
}

void
cues_free(struct cues *cues)
{
	free(cues);
}

static unsigned char
cues_other_case(unsigned char c)
{
	if (c >= 'a' && c <= 'z')
		return (unsigned char)(c - 'a' + 'A');
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A' + 'a');
	return c;
}

/* The letter's number, given now if it is new; 0: no room. */
static unsigned
cues_letter(struct cues *cues, unsigned char c)
{
	if (cues->letter[c] == 0 && cues->letters < CUES_LETTERS) {
		bool digit = c >= '0' && c <= '9';

		cues->letter[c] = (uint8_t)cues->letters;
		cues->letter[cues_other_case(c)] = (uint8_t)cues->letters;
		if (digit)
			memset(&cues->letter['0'], (int)cues->letters, 10);
		cues->letters++;
	}
	return cues->letter[c];
}

static int
cues_add_word(struct cues *cues, const char *word, size_t n, unsigned bit)
{
	unsigned state = 0;

	if (n > cues->longest)
		cues->longest = n;
	for (size_t i = 0; i < n; i++) {
		unsigned letter = cues_letter(cues, (unsigned char)word[i]);
		uint16_t *cell = &cues->next[state * CUES_LETTERS + letter];

		if (letter == 0 || (*cell == 0 && cues->states == CUES_STATES))
			return -1;
		if (*cell == 0)
			*cell = (uint16_t)cues->states++;
		state = *cell;
	}
	cues->found[state] |= 1ULL << bit;
	return 0;
}

int
cues_add(struct cues *cues, const char *words, unsigned bit)
{
	while (*words != '\0') {
		size_t n = strcspn(words, "|");

		if (n > 0 && cues_add_word(cues, words, n, bit) == -1)
			return -1;
		words += n + (words[n] == '|');
	}
	return 0;
}

/* One state's row: where the tree has no branch, go where the longest
 * suffix goes. The states come in order of depth, so that one is done. */
static void
cues_seal_state(struct cues *cues, unsigned state, uint16_t *queue,
    unsigned *last)
{
	uint16_t *row = &cues->next[state * CUES_LETTERS];
	unsigned fallback = cues->fallback[state];
	const uint16_t *other = &cues->next[fallback * CUES_LETTERS];

	cues->found[state] |= cues->found[fallback];
	for (unsigned letter = 0; letter < CUES_LETTERS; letter++) {
		if (row[letter] == 0) {
			row[letter] = state == 0 ? 0 : other[letter];
			continue;
		}
		cues->fallback[row[letter]] = state == 0 ? 0 : other[letter];
		queue[(*last)++] = row[letter];
	}
}

void
cues_seal(struct cues *cues)
{
	uint16_t queue[CUES_STATES];
	unsigned first = 0, last = 1;

	queue[0] = 0;
	while (first < last)
		cues_seal_state(cues, queue[first++], queue, &last);
	for (unsigned i = 0; i < cues->states * CUES_LETTERS; i++)
		cues->next[i] = (uint16_t)(cues->next[i] * CUES_LETTERS);
}

/* One part of a line, from a state on. */
static unsigned
cues_scan_part(const struct cues *cues, unsigned state, const unsigned char *p,
    size_t n, uint64_t *found)
{
	for (size_t i = 0; i < n; i++) {
		state = cues->next[state + cues->letter[p[i]]];
		*found |= cues->found[state / CUES_LETTERS];
	}
	return state;
}

/* Four parts at once, since each step waits for the load of the one before:
 * they overlap so far that each word lies in one of them. */
static unsigned
cues_scan_parts(const struct cues *cues, unsigned first,
    const unsigned char *text, size_t n, uint64_t *found)
{
	size_t length = (n + 3 * cues->longest + 3) / 4;
	size_t stride = (n - length) / 3;
	const unsigned char *p = text, *q = p + stride, *r = q + stride;
	const unsigned char *s = text + n - length;
	unsigned a = first, b = 0, c = 0, d = 0;
	uint64_t all = 0;

	for (size_t i = 0; i < length; i++) {
		a = cues->next[a + cues->letter[p[i]]];
		b = cues->next[b + cues->letter[q[i]]];
		c = cues->next[c + cues->letter[r[i]]];
		d = cues->next[d + cues->letter[s[i]]];
		all |= cues->found[a / CUES_LETTERS] |
		    cues->found[b / CUES_LETTERS] |
		    cues->found[c / CUES_LETTERS] |
		    cues->found[d / CUES_LETTERS];
	}
	*found |= all;
	return d;
}

uint64_t
cues_scan(const struct cues *cues, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned state = cues->next[cues->letter['\n']];
	uint64_t found = 0;

	if (n > 2 * cues->longest)
		state = cues_scan_parts(cues, state, p, n, &found);
	else
		state = cues_scan_part(cues, state, p, n, &found);
	state = cues->next[state + cues->letter['\n']];
	return found | cues->found[state / CUES_LETTERS];
}
