/*
 * folds.c - see folds.h.
 */
#include "folds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "features.h"
#include "fit.h"

/* How strongly each coefficient is drawn back to what was known before. */
#define RIDGE 1.5

/* A missed failure counts as this many milestones. */
#define FAILURE_WEIGHT 1.5
/* A line of an event that is no ALERT itself: a mistake that costs little. */
#define CONTEXT_WEIGHT 0.1

/* What one false alert in a thousand quiet lines is worth, in F1. */
#define NOISE_PRICE 0.004

/* A smaller value is a shorter leash. */
static float
scale_of(unsigned feature)
{
	switch (feature_kind(feature)) {
	case FEATURE_CASE:
		return 0.7f;
	case FEATURE_PATTERN:
		return 1;
	case FEATURE_UNDER:
		return 0.6f;
	case FEATURE_FACT:
		return 0.5f;
	default:
		return 0.6f;
	}
}

int
folds_init(struct folds *folds, const struct corpus *corpus)
{
	uint32_t n = corpus->sample_count;
	unsigned width = features_count();

	*folds = (struct folds){ .corpus = corpus };
	folds->scale = calloc(width, sizeof(*folds->scale));
	folds->means = calloc(width, sizeof(*folds->means));
	folds->values = calloc(n, sizeof(*folds->values));
	folds->cuts = calloc(corpus->program_count, sizeof(*folds->cuts));
	folds->rows = calloc(n, sizeof(*folds->rows));
	folds->answers = calloc(n, sizeof(*folds->answers));
	folds->weights = calloc(n, sizeof(*folds->weights));
	if (folds->scale == NULL || folds->means == NULL ||
	    folds->values == NULL || folds->cuts == NULL ||
	    folds->rows == NULL || folds->answers == NULL ||
	    folds->weights == NULL)
		return -1;
	for (unsigned i = 0; i < width; i++) {
		folds->scale[i] = scale_of(i);
		folds->means[i] = (float)feature_prior(i) / folds->scale[i];
	}
	return 0;
}

void
folds_release(struct folds *folds)
{
	free(folds->scale);
	free(folds->means);
	free(folds->values);
	free(folds->cuts);
	free(folds->rows);
	free(folds->answers);
	free(folds->weights);
}

/* Every log weighs the same on its alerts; what a false one costs is a
 * share of the alerts that there are. */
static double
sample_weight(const struct sample *sample, const struct log *log, double alerts)
{
	double weight = sqrt((double)sample->same);

	switch (sample->label) {
	case LABEL_ALERT:
		weight *= 2 / (alerts + 1);
		return sample->kind == KIND_FAILURE ? weight * FAILURE_WEIGHT
						    : weight;
	case LABEL_CONTEXT:
		return weight * CONTEXT_WEIGHT / (log->events + 1);
	default:
		return weight / (log->events + 1);
	}
}

static double
log_alert_shapes(const struct corpus *corpus, const struct log *log)
{
	double sum = 0;

	for (uint32_t i = 0; i < log->count; i++) {
		const struct sample *sample = &corpus->samples[log->first + i];

		if (sample->label == LABEL_ALERT && sample->same > 0 &&
		    sample->given == -1)
			sum += sqrt((double)sample->same);
	}
	return sum;
}

static void
rows_of_log(struct folds *folds, const struct log *log, uint32_t *count)
{
	const struct corpus *corpus = folds->corpus;
	double alerts = log_alert_shapes(corpus, log);

	for (uint32_t i = log->first; i < log->first + log->count; i++) {
		const struct sample *sample = &corpus->samples[i];

		if (sample->same == 0 || sample->given != -1)
			continue;
		folds->rows[*count] = i;
		folds->answers[*count] = sample->label == LABEL_ALERT;
		folds->weights[*count] = (float)sample_weight(sample, log,
		    alerts);
		(*count)++;
	}
}

void
folds_train(struct folds *folds, int without, double *coefficients)
{
	const struct corpus *corpus = folds->corpus;
	struct fit fit = { .corpus = corpus,
		.scale = folds->scale,
		.means = folds->means,
		.rows = folds->rows,
		.answers = folds->answers,
		.weights = folds->weights,
		.ridge = RIDGE,
		.steps = FIT_STEPS };

	for (unsigned i = 0; i < corpus->log_count; i++)
		if ((int)corpus->logs[i].program != without)
			rows_of_log(folds, &corpus->logs[i], &fit.count);
	fit_solve(&fit, coefficients);
}

void
folds_verdicts(const struct folds *folds, const struct log *log, double cut,
    uint8_t *verdicts)
{
	for (uint32_t i = 0; i < log->count; i++) {
		const struct sample *sample = &folds->corpus
						   ->samples[log->first + i];

		if (sample->given != -1)
			verdicts[i] = (uint8_t)sample->given;
		else
			verdicts[i] = folds->values[log->first + i] > cut
			    ? LABEL_ALERT
			    : LABEL_QUIET;
	}
}

/* Where the line between ALERT and the rest may be drawn. */
#define CUTS 61
#define CUT_REACH 6

static double
cut_at(int i)
{
	return -4 + 0.1 * i;
}

/* The halves' F1, less the noise. */
static double
score_at(const struct folds *folds, int without, double cut)
{
	struct measure halves[CORPUS_HALVES] = { 0 };
	uint8_t *verdicts = malloc(folds->corpus->sample_count);
	double sum = 0;

	for (unsigned i = 0; i < folds->corpus->log_count; i++) {
		const struct log *log = &folds->corpus->logs[i];
		struct tally tally;

		if ((int)log->program == without)
			continue;
		folds_verdicts(folds, log, cut, verdicts);
		tally_log(folds->corpus, log, verdicts, &tally);
		measure_add(&halves[log->half], &tally);
	}
	free(verdicts);
	for (unsigned h = 0; h < folds->corpus->half_count; h++)
		sum += measure_strict_f1(&halves[h]) -
		    NOISE_PRICE * measure_noise(&halves[h]);
	return sum;
}

/* The middle of the best stretch: a peak of its own is luck. */
static double
best_cut(const struct folds *folds, int without)
{
	double scores[CUTS], best = -1e9;
	int found = 0;

	for (int i = 0; i < CUTS; i++)
		scores[i] = score_at(folds, without, cut_at(i));
	for (int i = CUT_REACH; i < CUTS - CUT_REACH; i++) {
		double sum = 0;

		for (int k = -CUT_REACH; k <= CUT_REACH; k++)
			sum += scores[i + k] * (CUT_REACH + 1 - abs(k));
		if (sum > best) {
			best = sum;
			found = i;
		}
	}
	return cut_at(found);
}

/* How wrong the chances are that values stretched so stand for. */
static double
loss_at(const struct folds *folds, double stretch)
{
	const struct corpus *corpus = folds->corpus;
	double loss = 0;

	for (unsigned l = 0; l < corpus->log_count; l++) {
		const struct log *log = &corpus->logs[l];

		for (uint32_t i = log->first; i < log->first + log->count;
		     i++) {
			const struct sample *sample = &corpus->samples[i];
			double odds = stretch *
			    (folds->values[i] - folds->cuts[log->program]);

			if (sample->given != -1 || sample->same == 0 ||
			    sample->label == LABEL_CONTEXT)
				continue;
			if (sample->label == LABEL_ALERT)
				odds = -odds;
			loss += (double)sample->same / log->count *
			    (odds > 30 ? odds : log1p(exp(odds)));
		}
	}
	return loss;
}

/* Platt's scaling with the cut as its middle, on programs not trained on. */
static double
best_stretch(const struct folds *folds)
{
	double best = 1, least = 1e300;

	for (double stretch = 0.1; stretch < 4; stretch += 0.05) {
		double loss = loss_at(folds, stretch);

		if (loss < least) {
			least = loss;
			best = stretch;
		}
	}
	return best;
}

void
folds_run(struct folds *folds)
{
	const struct corpus *corpus = folds->corpus;
	double *coefficients = calloc(features_count(), sizeof(*coefficients));

	for (unsigned p = 0; p < corpus->program_count; p++) {
		folds_train(folds, (int)p, coefficients);
		for (unsigned i = 0; i < corpus->log_count; i++) {
			const struct log *log = &corpus->logs[i];

			if (log->program != p)
				continue;
			for (uint32_t k = log->first;
			     k < log->first + log->count; k++)
				folds->values[k] = fit_value(corpus,
				    folds->scale, &corpus->samples[k],
				    coefficients);
		}
	}
	free(coefficients);
	for (unsigned p = 0; p < corpus->program_count; p++)
		folds->cuts[p] = best_cut(folds, (int)p);
	folds->cut = best_cut(folds, -1);
	folds->stretch = best_stretch(folds);
}
