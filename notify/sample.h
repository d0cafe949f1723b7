/*
 * sample.h - the event and the job that a test notification tells of.
 */
#ifndef NOTIFY_SAMPLE_H
#define NOTIFY_SAMPLE_H

#include "occurrence.h"
#include "policy.h"
#include "subject.h"

#define SAMPLE_LINE_MAX 2048

struct sample {
	struct subject subject;
	struct occurrence occurrence;
	char line[SAMPLE_LINE_MAX]; /* as in events.jsonl, no newline */
};

/* 0, or -1: why. */
int sample_init(struct sample *sample, const struct policy *policy,
    enum severity severity, struct why *why);
void sample_release(struct sample *sample);

#endif
