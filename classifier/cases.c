/*
 * cases.c - see cases.h. A line is a set of bits, as is each term.
 */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#define TERMS_MAX 8
#define CASES_MAX 192
#define CLASS_WORDS ((CLASS_COUNT + 63) / 64)

enum bits_part {
	BITS_FREE,
	BITS_FIRST = BITS_FREE + CLASS_WORDS,
	BITS_LAST = BITS_FIRST + CLASS_WORDS,
	BITS_FACTS = BITS_LAST + CLASS_WORDS,
	BITS_WORDS = BITS_FACTS + FACT_WORDS
};

struct bits {
	uint64_t words[BITS_WORDS];
};

struct term {
	struct bits any;
	bool none;
};

struct case_terms {
	unsigned count;
	struct term terms[TERMS_MAX];
};

/* Which rows may hold because of one bit: those whose first term has it. */
struct candidates {
	uint64_t words[CASES_MAX / 64];
};

struct cases {
	unsigned count;
	struct candidates of[BITS_WORDS * 64];
	struct case_terms rows[CASES_MAX];
};

static void
bits_set(struct bits *bits, enum bits_part part, unsigned bit)
{
	bits->words[part + bit / 64] |= 1ULL << (bit % 64);
}

static int
find_fact(const char *name, size_t n)
{
	for (unsigned i = 0; i < FACT_COUNT; i++)
		if (strncmp(fact_name(i), name, n) == 0 &&
		    fact_name(i)[n] == '\0')
			return (int)i;
	return -1;
}

static int
find_class(const char *name, size_t n)
{
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		if (strncmp(lexicon_class_name(i), name, n) == 0 &&
		    lexicon_class_name(i)[n] == '\0')
			return (int)i;
	return -1;
}

static int
term_add(struct term *term, const char *name, size_t n)
{
	enum bits_part part = BITS_FREE;
	int bit;

	if (name[0] == '@') {
		bit = find_fact(name + 1, n - 1);
		part = BITS_FACTS;
	} else if (name[0] == '^') {
		bit = find_class(name + 1, n - 1);
		part = BITS_FIRST;
	} else if (name[n - 1] == '$') {
		bit = find_class(name, n - 1);
		part = BITS_LAST;
	} else {
		bit = find_class(name, n);
	}
	if (bit == -1)
		return -1;
	bits_set(&term->any, part, (unsigned)bit);
	return 0;
}

static int
case_compile(struct case_terms *terms, const char *p)
{
	while (*p != '\0') {
		struct term *term = &terms->terms[terms->count];
		size_t n = strcspn(p, " ");

		if (terms->count++ == TERMS_MAX)
			return -1;
		if (*p == '!') {
			term->none = true;
			p++;
			n--;
		}
		for (size_t at = 0, part; at < n; at += part + 1) {
			part = strcspn(p + at, "| ");
			if (part == 0 || term_add(term, p + at, part) == -1)
				return -1;
		}
		p += n;
		while (*p == ' ')
			p++;
	}
	return 0;
}

/* A first term that is about what must not be there says nothing. */
static int
cases_index(struct cases *cases, unsigned row)
{
	const struct term *term = &cases->rows[row].terms[0];

	if (term->none)
		return -1;
	for (unsigned bit = 0; bit < BITS_WORDS * 64; bit++)
		if ((term->any.words[bit / 64] >> (bit % 64) & 1) != 0)
			cases->of[bit].words[row / 64] |= 1ULL << (row % 64);
	return 0;
}

struct cases *
cases_new(struct why *why)
{
	struct cases *cases = calloc(1, sizeof(*cases));

	if (cases == NULL || case_row_count > CASES_MAX) {
		free(cases);
		why_errno(why, "cannot build the table of cases");
		return NULL;
	}
	cases->count = case_row_count;
	for (unsigned i = 0; i < case_row_count; i++)
		if (case_compile(&cases->rows[i], case_rows[i].when) == -1 ||
		    cases_index(cases, i) == -1) {
			why_set(why, "cannot read when \"%s\" holds: %s",
			    case_rows[i].name, case_rows[i].when);
			free(cases);
			return NULL;
		}
	return cases;
}

void
cases_free(struct cases *cases)
{
	free(cases);
}

static void
bits_of(const struct feature_scan *scan, struct bits *bits)
{
	memset(bits, 0, sizeof(*bits));
	memcpy(bits->words + BITS_FACTS, scan->facts, sizeof(scan->facts));
	for (unsigned i = 0; i < scan->hits.count; i++) {
		const struct lexicon_hit *hit = &scan->hits.rows[i];

		if (!stands_freely(scan->stands[i]))
			continue;
		bits_set(bits, BITS_FREE, hit->class);
		if (hit->first <= 1)
			bits_set(bits, BITS_FIRST, hit->class);
		if (hit->last + 1u == scan->tokens.count)
			bits_set(bits, BITS_LAST, hit->class);
	}
}

static bool
bits_meet(const struct bits *a, const struct bits *b)
{
	uint64_t both = 0;

	for (unsigned i = 0; i < BITS_WORDS; i++)
		both |= a->words[i] & b->words[i];
	return both != 0;
}

static bool
case_holds(const struct case_terms *terms, const struct bits *bits)
{
	for (unsigned i = 0; i < terms->count; i++)
		if (bits_meet(&terms->terms[i].any, bits) ==
		    terms->terms[i].none)
			return false;
	return true;
}

static void
candidates_of(const struct cases *cases, const struct bits *bits,
    struct candidates *all)
{
	memset(all, 0, sizeof(*all));
	for (unsigned i = 0; i < BITS_WORDS; i++)
		for (uint64_t left = bits->words[i]; left != 0;
		     left &= left - 1) {
			unsigned bit = i * 64 + (unsigned)__builtin_ctzll(left);

			for (unsigned k = 0; k < CASES_MAX / 64; k++)
				all->words[k] |= cases->of[bit].words[k];
		}
}

void
cases_find(const struct cases *cases, const struct feature_scan *scan,
    void (*add)(void *arg, unsigned row), void *arg)
{
	struct candidates all;
	struct bits bits;

	bits_of(scan, &bits);
	candidates_of(cases, &bits, &all);
	for (unsigned k = 0; k < CASES_MAX / 64; k++)
		for (uint64_t left = all.words[k]; left != 0;
		     left &= left - 1) {
			unsigned row = k * 64 + (unsigned)__builtin_ctzll(left);

			if (case_holds(&cases->rows[row], &bits))
				add(arg, row);
		}
}
