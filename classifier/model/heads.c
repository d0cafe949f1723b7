/*
 * heads.c - see heads.h.
 */
#include "heads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features.h"
#include "fit.h"
#include "prior.h"

/* Severity and kind have nothing known of them beforehand. */
#define RIDGE_HEADS 0.3

struct head_row {
	char name[FEATURE_NAME_MAX];
	struct prior_row row;
};

static int
answer_of(const struct sample *sample, enum prior_question question)
{
	static const int severities[] = { [SEVERITY_LOW] = PRIOR_LOW,
		[SEVERITY_MEDIUM] = PRIOR_MEDIUM,
		[SEVERITY_HIGH] = PRIOR_HIGH,
		[SEVERITY_CRITICAL] = PRIOR_CRITICAL };
	static const int kinds[] = { [KIND_FAILURE] = PRIOR_FAILURE,
		[KIND_WARNING] = PRIOR_WARNING,
		[KIND_MILESTONE] = PRIOR_MILESTONE,
		[KIND_COMPLETION] = PRIOR_COMPLETION };

	if (question <= PRIOR_CRITICAL)
		return severities[sample->severity] == (int)question;
	return sample->kind <= KIND_COMPLETION &&
	    kinds[sample->kind] == (int)question;
}

/* One question against the rest of its kind, over the lines worth telling. */
static void
head_train(struct folds *folds, enum prior_question question,
    double *coefficients)
{
	const struct corpus *corpus = folds->corpus;
	float *means = calloc(features_count(), sizeof(*means));
	struct fit fit = { .corpus = corpus,
		.scale = folds->scale,
		.means = means,
		.rows = folds->rows,
		.answers = folds->answers,
		.weights = folds->weights,
		.ridge = RIDGE_HEADS,
		.steps = FIT_STEPS };

	if (means == NULL)
		abort();
	for (uint32_t i = 0; i < corpus->sample_count; i++) {
		const struct sample *sample = &corpus->samples[i];

		if (sample->label != LABEL_ALERT || sample->same == 0)
			continue;
		folds->rows[fit.count] = i;
		folds->weights[fit.count] = 1;
		folds->answers[fit.count++] = (int8_t)answer_of(sample,
		    question);
	}
	fit_solve(&fit, coefficients);
	free(means);
}

static short
rounded(double weight)
{
	double units = round(weight * PRIOR_UNIT);

	return (short)(units > 32767 ? 32767 : units < -32767 ? -32767 : units);
}

static void
heads_fill(struct folds *folds, struct head_row *rows)
{
	double *c = calloc(features_count(), sizeof(*c));
	char room[FEATURE_NAME_MAX];

	if (c == NULL)
		abort();
	for (unsigned q = 0; q < PRIOR_QUESTIONS; q++) {
		double stretch = q == PRIOR_ALERT ? folds->stretch : 1;

		if (q == PRIOR_ALERT)
			folds_train(folds, -1, c);
		else
			head_train(folds, (enum prior_question)q, c);
		for (unsigned i = 0; i < features_count(); i++)
			rows[i].row.weights[q] = rounded(
			    stretch * c[i] * (double)folds->scale[i]);
	}
	for (unsigned i = 0; i < features_count(); i++)
		strcpy(rows[i].name, feature_name(i, room));
	/* The first feature is always there: half the odds lie at the cut. */
	rows[0]
	    .row
	    .weights[PRIOR_ALERT] = (short)(rows[0].row.weights[PRIOR_ALERT] -
	    rounded(folds->stretch * folds->cut));
	free(c);
}

static int
compare_rows(const void *a, const void *b)
{
	return strcmp(((const struct head_row *)a)->name,
	    ((const struct head_row *)b)->name);
}

static bool
is_weightless(const struct prior_row *row)
{
	for (unsigned q = 0; q < PRIOR_QUESTIONS; q++)
		if (row->weights[q] != 0)
			return false;
	return true;
}

static void
rows_print(const struct prior_row *rows, unsigned count, FILE *out)
{
	fprintf(out,
	    "/* prior_weights.inc - made by `make model`; prior.h has the "
	    "format. */\n#define PRIOR_CHECK 0x%08xu\n\n"
	    "static const struct prior_row prior_rows[] = {\n",
	    prior_check(rows, count));
	for (unsigned i = 0; i < count; i++) {
		fprintf(out, "\t{ \"%s\", {", rows[i].name);
		for (unsigned q = 0; q < PRIOR_QUESTIONS; q++)
			fprintf(out, " %d%s", rows[i].weights[q],
			    q + 1 < PRIOR_QUESTIONS ? "," : "");
		fprintf(out, " } },\n");
	}
	fprintf(out, "};\n");
}

int
heads_write(struct folds *folds, FILE *out)
{
	unsigned n = features_count(), kept = 0;
	struct head_row *rows = calloc(n, sizeof(*rows));
	struct prior_row *flat = calloc(n, sizeof(*flat));

	if (rows == NULL || flat == NULL)
		abort();
	heads_fill(folds, rows);
	qsort(rows, n, sizeof(*rows), compare_rows);
	for (unsigned i = 0; i < n; i++) {
		rows[i].row.name = rows[i].name;
		if (!is_weightless(&rows[i].row))
			flat[kept++] = rows[i].row;
	}
	rows_print(flat, kept, out);
	free(rows);
	free(flat);
	return fflush(out) == 0 ? 0 : -1;
}
