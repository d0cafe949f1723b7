/*
 * report.c - see report.h.
 */
#include "report.h"

#include <stdlib.h>

#define WORST 10

struct report_row {
	const struct log *log;
	struct tally tally;
};

static int
compare_rows(const void *a, const void *b)
{
	const struct report_row *x = a, *y = b;
	double left = tally_f1(&x->tally), right = tally_f1(&y->tally);

	if (left != right)
		return left < right ? -1 : 1;
	return x->log < y->log ? -1 : x->log > y->log;
}

static void
print_log(const struct folds *folds, const struct report_row *row, FILE *out)
{
	const struct tally *tally = &row->tally;

	fprintf(out, "  %-8s %-28s F1 %.2f  events %u/%u  alerts %u/%u\n",
	    folds->corpus->halves[row->log->half], row->log->name,
	    tally_f1(tally), tally->hits, tally->events, tally->good,
	    tally->alerts);
}

static double
share(unsigned part, unsigned all)
{
	return all == 0 ? 1 : (double)part / all;
}

static void
print_half(const char *name, const struct measure *measure, FILE *out)
{
	const struct tally *all = &measure->all;

	fprintf(out,
	    "%-8s %2u logs: P %.3f  R %.3f  F1 %.3f, failure recall %.3f, "
	    "noise %.2f; strict F1 %.3f\n",
	    name, measure->logs, measure_precision(measure),
	    measure_recall(measure), measure_f1(measure),
	    share(all->failure_hits, all->failures), measure_noise(measure),
	    measure_strict_f1(measure));
}

static void
report_fill(const struct folds *folds, uint8_t *verdicts,
    struct report_row *rows, struct measure *halves)
{
	const struct corpus *corpus = folds->corpus;

	for (unsigned i = 0; i < corpus->log_count; i++) {
		const struct log *log = &corpus->logs[i];

		rows[i].log = log;
		folds_verdicts(folds, log, folds->cuts[log->program], verdicts);
		tally_log(corpus, log, verdicts, &rows[i].tally);
		measure_add(&halves[log->half], &rows[i].tally);
	}
}

int
report_print(const struct folds *folds, FILE *out)
{
	const struct corpus *corpus = folds->corpus;
	struct report_row *rows = calloc(corpus->log_count, sizeof(*rows));
	uint8_t *verdicts = malloc(corpus->sample_count);
	struct measure halves[CORPUS_HALVES] = { 0 };
	int done = rows == NULL || verdicts == NULL ? -1 : 0;

	if (done == 0) {
		report_fill(folds, verdicts, rows, halves);
		qsort(rows, corpus->log_count, sizeof(*rows), compare_rows);
		fprintf(out,
		    "each log by a model that never saw its program, "
		    "the worst %d first:\n",
		    WORST);
		for (unsigned i = 0; i < corpus->log_count; i++) {
			print_log(folds, &rows[i], out);
			if (i + 1 == WORST)
				fprintf(out, "\n");
		}
		for (unsigned h = 0; h < corpus->half_count; h++)
			print_half(corpus->halves[h], &halves[h], out);
	}
	free(rows);
	free(verdicts);
	return done;
}
