/*
 * measure.c - see measure.h.
 */
#include "measure.h"

/* A run of lines that are not quiet, from `at` on; false: no more. */
struct run {
	uint32_t first, end;
	bool alert;
};

static bool
run_next(struct run *run, const uint8_t *labels, uint32_t count)
{
	uint32_t i = run->end;

	do {
		while (i < count && labels[i] == LABEL_QUIET)
			i++;
		run->first = i;
		run->alert = false;
		for (; i < count && labels[i] != LABEL_QUIET; i++)
			run->alert |= labels[i] == LABEL_ALERT;
		run->end = i;
	} while (run->first < count && !run->alert);
	return run->first < count;
}

static bool
any_in(const struct run *run, const uint8_t *labels, enum label least)
{
	for (uint32_t i = run->first; i < run->end; i++)
		if (labels[i] >= least)
			return true;
	return false;
}

static bool
is_failure(const struct run *run, const struct sample *samples)
{
	for (uint32_t i = run->first; i < run->end; i++)
		if (samples[i].label == LABEL_ALERT &&
		    samples[i].kind == KIND_FAILURE)
			return true;
	return false;
}

void
tally_log(const struct corpus *corpus, const struct log *log,
    const uint8_t *verdicts, struct tally *tally)
{
	const struct sample *samples = corpus->samples + log->first;
	const uint8_t *truth = corpus->labels + log->first;
	struct run run = { 0 };

	*tally = (struct tally){ 0 };
	for (uint32_t i = 0; i < log->count; i++) {
		tally->quiet += truth[i] == LABEL_QUIET;
		tally->false_lines += truth[i] == LABEL_QUIET &&
		    verdicts[i] == LABEL_ALERT;
	}
	while (run_next(&run, truth, log->count)) {
		bool hit = any_in(&run, verdicts, LABEL_ALERT);
		bool failure = is_failure(&run, samples);

		tally->events++;
		tally->hits += hit;
		tally->failures += failure;
		tally->failure_hits += failure && hit;
	}
	run = (struct run){ 0 };
	while (run_next(&run, verdicts, log->count)) {
		tally->alerts++;
		tally->good += any_in(&run, truth, LABEL_CONTEXT);
	}
}

static double
tally_precision(const struct tally *tally)
{
	if (tally->alerts == 0)
		return tally->events == 0 ? 1 : 0;
	return (double)tally->good / tally->alerts;
}

static double
tally_line_precision(const struct tally *tally)
{
	unsigned alerts = tally->good + tally->false_lines;

	if (alerts == 0)
		return tally->events == 0 ? 1 : 0;
	return (double)tally->good / alerts;
}

static double
f1_of(double precision, double recall)
{
	double sum = precision + recall;

	return sum > 0 ? 2 * precision * recall / sum : 0;
}

double
tally_f1(const struct tally *tally)
{
	return f1_of(tally_precision(tally),
	    tally->events == 0 ? 1 : (double)tally->hits / tally->events);
}

void
measure_add(struct measure *measure, const struct tally *tally)
{
	struct tally *all = &measure->all;

	measure->logs++;
	measure->precision += tally_precision(tally);
	measure->line_precision += tally_line_precision(tally);
	if (tally->events > 0) {
		measure->logs_with_events++;
		measure->recall += (double)tally->hits / tally->events;
	}
	all->events += tally->events;
	all->hits += tally->hits;
	all->alerts += tally->alerts;
	all->good += tally->good;
	all->quiet += tally->quiet;
	all->false_lines += tally->false_lines;
	all->failures += tally->failures;
	all->failure_hits += tally->failure_hits;
}

double
measure_precision(const struct measure *measure)
{
	return measure->precision / (measure->logs > 0 ? measure->logs : 1);
}

double
measure_recall(const struct measure *measure)
{
	unsigned logs = measure->logs_with_events;

	return measure->recall / (logs > 0 ? logs : 1);
}

double
measure_f1(const struct measure *measure)
{
	return f1_of(measure_precision(measure), measure_recall(measure));
}

double
measure_strict_f1(const struct measure *measure)
{
	return f1_of(measure->line_precision / measure->logs,
	    measure_recall(measure));
}

double
measure_noise(const struct measure *measure)
{
	const struct tally *all = &measure->all;

	return 1000.0 * (all->alerts - all->good) /
	    (all->quiet > 0 ? all->quiet : 1);
}
