/*
 * prior.h - the learned prior: what a line is worth, by what is known of
 * logs in general.
 *
 * Linear forms over the features of a line (features.h), one for each
 * question: is it worth a person's time, how grave is it, what kind of event
 * is it. The weights are shipped (prior_weights.inc) and made by
 *
 *	make model LOGS=FOLDER
 *
 * from labelled logs (model/corpus.h says how they lie). The format: a row
 * for each feature that has any weight, by name, sorted; its weights are
 * PRIOR_UNIT-ths, in the order of enum prior_question. PRIOR_CHECK is the
 * FNV-1a hash of all of it.
 */
#ifndef CLASSIFIER_PRIOR_H
#define CLASSIFIER_PRIOR_H

#include <stdbool.h>

#include "features.h"
#include "severity.h"
#include "why.h"

#define PRIOR_UNIT 256
#define PRIOR_CUT 0.5 /* the score from which a line is told */
#define PRIOR_REASONS_MAX 8

enum prior_question {
	PRIOR_ALERT, /* logarithm of the odds */
	PRIOR_LOW,   /* the severities and kinds: the greatest wins */
	PRIOR_MEDIUM,
	PRIOR_HIGH,
	PRIOR_CRITICAL,
	PRIOR_FAILURE,
	PRIOR_WARNING,
	PRIOR_MILESTONE,
	PRIOR_COMPLETION,
	PRIOR_QUESTIONS
};

struct prior_row {
	const char *name;
	short weights[PRIOR_QUESTIONS];
};

struct prior_table {
	const struct prior_row *rows;
	unsigned count;
	uint32_t check;
};

struct prior_opinion {
	double score;		/* the chance that it is worth telling */
	enum severity severity; /* if it is told */
	enum kind kind;
	bool by_value; /* the value of a number counted: another line of the
			* same outline (outline.h) may be judged otherwise */
};

/* A feature that spoke for the line (above 0) or against it. */
struct prior_reason {
	char name[FEATURE_NAME_MAX];
	double weight;
};

struct prior;

extern const struct prior_table prior_shipped;

/* Takes in the table. NULL: why; a table that is damaged, or was made with
 * other features, is refused. */
struct prior *prior_new(const struct prior_table *table, struct why *why);
void prior_free(struct prior *prior); /* NULL is fine */
/* pattern: the built-in row that the line meets, or -1. */
void prior_judge(const struct prior *prior, const struct text *line,
    int pattern, struct prior_opinion *opinion);
/* The features of the line that weigh most, the greatest first; returns
 * their number, at most PRIOR_REASONS_MAX. */
unsigned prior_reasons(const struct prior *prior, const struct text *line,
    int pattern, struct prior_reason *reasons);
/* The table's hash, for who writes one. */
uint32_t prior_check(const struct prior_row *rows, unsigned count);

#endif
