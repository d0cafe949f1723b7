/*
 * prior.c - see prior.h.
 */
#include "prior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prior_weights.inc"

const struct prior_table prior_shipped = {
	.rows = prior_rows,
	.count = sizeof(prior_rows) / sizeof(prior_rows[0]),
	.check = PRIOR_CHECK,
};

struct prior {
	struct featurer featurer;
	/* One row of weights after the other, by feature. */
	float weights[][PRIOR_QUESTIONS];
};

uint32_t
prior_check(const struct prior_row *rows, unsigned count)
{
	uint32_t hash = 2166136261u;

	for (unsigned i = 0; i < count; i++) {
		for (const char *p = rows[i].name; *p != '\0'; p++)
			hash = (hash ^ (unsigned char)*p) * 16777619u;
		for (unsigned k = 0; k < PRIOR_QUESTIONS; k++)
			hash = (hash ^ (uint16_t)rows[i].weights[k]) *
			    16777619u;
	}
	return hash;
}

static int
prior_compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct prior_row *)row)->name);
}

static int
table_verify(const struct prior_table *table, struct why *why)
{
	for (unsigned i = 1; i < table->count; i++)
		if (strcmp(table->rows[i - 1].name, table->rows[i].name) >= 0)
			return why_set(why,
			    "the prior's weights are not in order: %s",
			    table->rows[i].name);
	if (prior_check(table->rows, table->count) != table->check)
		return why_set(why, "the prior's weights are damaged");
	return 0;
}

static int
prior_take(struct prior *prior, const struct prior_table *table,
    struct why *why)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < features_count(); i++) {
		char name[FEATURE_NAME_MAX];
		const struct prior_row *row = bsearch(feature_name(i, name),
		    table->rows, table->count, sizeof(*row), prior_compare);

		if (row == NULL)
			continue;
		for (unsigned k = 0; k < PRIOR_QUESTIONS; k++)
			prior->weights[i][k] = (float)row->weights[k] /
			    PRIOR_UNIT;
		taken++;
	}
	if (taken != table->count)
		return why_set(why,
		    "the prior's weights were made with other features: "
		    "make model");
	return 0;
}

struct prior *
prior_new(const struct prior_table *table, struct why *why)
{
	struct prior *prior = calloc(1,
	    sizeof(*prior) + features_count() * sizeof(prior->weights[0]));

	if (prior == NULL) {
		why_errno(why, "cannot set up the prior");
		return NULL;
	}
	if (table_verify(table, why) == -1 ||
	    prior_take(prior, table, why) == -1 ||
	    featurer_init(&prior->featurer, why) == -1) {
		free(prior);
		return NULL;
	}
	return prior;
}

void
prior_free(struct prior *prior)
{
	if (prior == NULL)
		return;
	featurer_release(&prior->featurer);
	free(prior);
}

static unsigned
greatest(const float *sums, unsigned first, unsigned last)
{
	unsigned best = first;

	for (unsigned k = first + 1; k <= last; k++)
		if (sums[k] > sums[best])
			best = k;
	return best;
}

void
prior_judge(const struct prior *prior, const struct text *line, int pattern,
    struct prior_opinion *opinion)
{
	static const enum severity severities[] = { SEVERITY_LOW,
		SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };
	static const enum kind kinds[] = { KIND_FAILURE, KIND_WARNING,
		KIND_MILESTONE, KIND_COMPLETION };
	float sums[PRIOR_QUESTIONS] = { 0 };
	struct features features;

	features_of(&prior->featurer, line, pattern, &features);
	for (unsigned i = 0; i < features.count; i++)
		for (unsigned k = 0; k < PRIOR_QUESTIONS; k++)
			sums[k] += prior->weights[features.rows[i]][k];
	opinion->by_value = features.by_value;
	opinion->score = 1 / (1 + exp(-(double)sums[PRIOR_ALERT]));
	opinion
	    ->severity = severities[greatest(sums, PRIOR_LOW, PRIOR_CRITICAL) -
	    PRIOR_LOW];
	opinion->kind = kinds[greatest(sums, PRIOR_FAILURE, PRIOR_COMPLETION) -
	    PRIOR_FAILURE];
}

/* Puts the feature in its place, when it has one. */
static unsigned
reasons_add(struct prior_reason *reasons, unsigned count, unsigned feature,
    double weight)
{
	unsigned at = count;

	while (at > 0 && fabs(reasons[at - 1].weight) < fabs(weight))
		at--;
	if (at == PRIOR_REASONS_MAX)
		return count;
	if (count < PRIOR_REASONS_MAX)
		count++;
	memmove(reasons + at + 1, reasons + at,
	    (count - at - 1) * sizeof(*reasons));
	reasons[at].weight = weight;
	feature_name(feature, reasons[at].name);
	return count;
}

unsigned
prior_reasons(const struct prior *prior, const struct text *line, int pattern,
    struct prior_reason *reasons)
{
	struct features features;
	unsigned count = 0;

	features_of(&prior->featurer, line, pattern, &features);
	for (unsigned i = 0; i < features.count; i++) {
		unsigned feature = features.rows[i];
		double weight = (double)prior->weights[feature][PRIOR_ALERT];

		if (weight != 0)
			count = reasons_add(reasons, count, feature, weight);
	}
	return count;
}
