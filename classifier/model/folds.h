/*
 * folds.h - what the prior is worth on programs that it never saw: it is
 * trained anew without each program's logs, and asked about them.
 */
#ifndef MODEL_FOLDS_H
#define MODEL_FOLDS_H

#include "corpus.h"
#include "measure.h"

struct folds {
	const struct corpus *corpus;
	float *scale;	/* owned; by feature */
	float *means;	/* owned; by feature */
	double *values; /* owned; by sample, from a model without its program */
	double *cuts;	/* owned; by program, chosen on all others */
	double cut;	/* chosen on all programs */
	double stretch; /* of a value over the cut, to make it log odds */
	uint32_t *rows; /* owned, room for training */
	int8_t *answers;
	float *weights;
};

/* 0, or -1: out of memory. Borrows the corpus. */
int folds_init(struct folds *folds, const struct corpus *corpus);
void folds_release(struct folds *folds);
/* Trains on all programs but one (or on all: -1). */
void folds_train(struct folds *folds, int without, double *coefficients);
/* Fills values and cuts. */
void folds_run(struct folds *folds);
/* The log's verdicts, a byte for each line. */
void folds_verdicts(const struct folds *folds, const struct log *log,
    double cut, uint8_t *verdicts);

#endif
