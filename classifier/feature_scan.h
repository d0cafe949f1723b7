/*
 * feature_scan.h - between features.c and its parts: one line on its way to
 * a set of features.
 */
#ifndef CLASSIFIER_FEATURE_SCAN_H
#define CLASSIFIER_FEATURE_SCAN_H

#include <string.h>

#include "features.h"

enum feature_stand {
	STAND_PLAIN,
	STAND_FIRST, /* the first or second word */
	STAND_LAST,
	STAND_LABEL, /* a colon follows */
	STAND_VALUE, /* after "=" or ":" */
	STAND_UPPER,
	STAND_COUNTED,		       /* there were some of it */
	STAND_DENIED,		       /* there was none of it */
	STAND_LEARNED,		       /* how many are features */
	STAND_IN_NAME = STAND_LEARNED, /* a part of a name or a path */
	STAND_COUNT
};

#define FACT_WORDS ((FACT_COUNT + 63) / 64)

struct feature_scan {
	const struct text *line;
	struct prefix prefix;
	struct text body; /* the line's own text, not indented */
	size_t indent;
	struct tokens tokens; /* of the body */
	struct lexicon_hits hits;
	uint8_t stands[LEXICON_HITS_MAX]; /* enum feature_stand, by hit */
	uint64_t facts[FACT_WORDS];
	bool by_value; /* what a digit is was looked at, not only that it is */
};

static inline void
fact_set(struct feature_scan *scan, enum fact fact)
{
	scan->facts[fact / 64] |= 1ULL << (fact % 64);
}

static inline bool
fact_is_set(const struct feature_scan *scan, enum fact fact)
{
	return (scan->facts[fact / 64] >> (fact % 64) & 1) != 0;
}

static inline bool
stands_freely(enum feature_stand stand)
{
	return stand != STAND_IN_NAME && stand != STAND_DENIED;
}

static inline bool
is_any(enum lexicon_class class, const enum lexicon_class *these, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (these[i] == class)
			return true;
	return false;
}

#define IS_ANY(class, ...)                                         \
	is_any(class, (const enum lexicon_class[]){ __VA_ARGS__ }, \
	    sizeof((const enum lexicon_class[]){ __VA_ARGS__ }) /  \
		sizeof(enum lexicon_class))

static inline const struct token *
token_at(const struct feature_scan *scan, int i)
{
	if (i < 0 || i >= (int)scan->tokens.count)
		return NULL;
	return &scan->tokens.rows[i];
}

static inline bool
token_is_any(const struct token *token, const char *const *words)
{
	for (; *words != NULL; words++)
		if (token_is(token, *words))
			return true;
	return false;
}

/* What the bytes look like. */
void feature_shape(struct feature_scan *scan);
/* How each hit stands: said, denied, counted, a part of a name. */
void feature_stands(struct feature_scan *scan);
/* What the grammar of exits, shares, exceptions and times says. */
void feature_grammar(struct feature_scan *scan);

const char *fact_name(unsigned fact);

#endif
