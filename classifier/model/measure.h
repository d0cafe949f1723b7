/*
 * measure.h - how good verdicts are, by events.
 *
 * A true event is a run of neighbouring lines labelled ALERT or CONTEXT with
 * an ALERT among them; an alert is such a run of verdicts. An event is hit
 * by an ALERT within it; an alert is good when it touches an event. Figures
 * are means over logs; noise is false alerts in a thousand quiet lines.
 */
#ifndef MODEL_MEASURE_H
#define MODEL_MEASURE_H

#include "corpus.h"

struct tally {
	unsigned events, hits, alerts, good, quiet, failures, failure_hits;
	/* Quiet lines called ALERT, one by one: a verdict of ALERT for every
	 * line makes one alert that touches an event, so a threshold is not
	 * to be chosen by runs. */
	unsigned false_lines;
};

struct measure {
	unsigned logs, logs_with_events;
	double precision, recall; /* sums over logs */
	double line_precision;
	struct tally all;
};

/* verdicts: an enum label for each of the log's lines. */
void tally_log(const struct corpus *corpus, const struct log *log,
    const uint8_t *verdicts, struct tally *tally);
double tally_f1(const struct tally *tally);
void measure_add(struct measure *measure, const struct tally *tally);
double measure_precision(const struct measure *measure);
double measure_recall(const struct measure *measure);
double measure_f1(const struct measure *measure);
/* With every false line counted by itself. */
double measure_strict_f1(const struct measure *measure);
double measure_noise(const struct measure *measure);

#endif
