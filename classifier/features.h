/*
 * features.h - what the learned prior knows of a line: a set of features.
 *
 * A feature is there or is not: a fact (facts.h), a class of the lexicon and
 * how it stands in the line, a class under a level, a case (cases.h), or a
 * built-in pattern. Each has a number below features_count(), and a name by
 * which its weight is kept. The function is pure: line in, set out.
 */
#ifndef CLASSIFIER_FEATURES_H
#define CLASSIFIER_FEATURES_H

#include "facts.h"
#include "lexicon.h"
#include "line.h"
#include "prefix.h"

#define FEATURES_MAX 256
#define FEATURE_NAME_MAX 96

enum feature_kind {
	FEATURE_FACT,
	FEATURE_CASE,
	FEATURE_PATTERN,
	FEATURE_SAYS, /* a class as it stands */
	FEATURE_UNDER /* a class under a level */
};

struct features {
	unsigned count;
	uint16_t rows[FEATURES_MAX]; /* no two the same */
	/* Other lines of this line's outline (outline.h) may have others: the
	 * value of a number was looked at. */
	bool by_value;
};

/* What features are made with. */
struct featurer {
	struct lexicon *lexicon;
	struct cases *cases;
};

/* 0, or -1: why. */
int featurer_init(struct featurer *featurer, struct why *why);
void featurer_release(struct featurer *featurer);
/* pattern: the built-in row that the line meets, or -1. */
void features_of(const struct featurer *featurer, const struct text *line,
    int pattern, struct features *features);

unsigned features_count(void);
enum feature_kind feature_kind(unsigned feature);
/* The name, in room, which holds FEATURE_NAME_MAX. */
const char *feature_name(unsigned feature, char *room);
/* What the feature is thought to weigh before anything is learned. */
double feature_prior(unsigned feature);

#endif
