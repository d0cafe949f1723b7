/*
 * fit.h - logistic regression over sets of features, by L-BFGS.
 */
#ifndef MODEL_FIT_H
#define MODEL_FIT_H

#include "corpus.h"

#define FIT_STEPS 120 /* enough for these sizes */

/* What one binary question is trained on. */
struct fit {
	const struct corpus *corpus;
	const float *scale;    /* by feature: a feature's value */
	const uint32_t *rows;  /* samples */
	const int8_t *answers; /* 0 or 1, by row */
	const float *weights;  /* by row */
	uint32_t count;
	const float *means; /* by feature: where it is drawn to */
	double ridge;	    /* the weight of the squares */
	unsigned steps;
};

/* Fills features_count() coefficients (scale included in none). */
void fit_solve(const struct fit *fit, double *coefficients);
/* The linear form over a sample. */
double fit_value(const struct corpus *corpus, const float *scale,
    const struct sample *sample, const double *coefficients);

#endif
