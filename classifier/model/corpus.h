/*
 * corpus.h - labelled logs, as the trainer sees them: a set of features and
 * a label for each line.
 *
 * A folder of logs holds index.jsonl ({"name", "program"} a line),
 * logs/NAME.log and labels/NAME.jsonl ({"label", "kind", "severity"} for
 * each line). Or it holds such folders.
 */
#ifndef MODEL_CORPUS_H
#define MODEL_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "severity.h"
#include "why.h"

#define CORPUS_HALVES 8

enum label { LABEL_QUIET, LABEL_CONTEXT, LABEL_ALERT };

struct sample {
	uint32_t first; /* of its rows in corpus.features */
	uint16_t count;
	uint8_t label;
	uint8_t kind;
	uint8_t severity;
	/* What decides before the prior does, a record or a group: an enum
	 * label, or -1. */
	int8_t given;
	bool names;	/* it names its group: told, when that is an event */
	uint32_t group; /* 0: none */
	uint32_t same;	/* lines of this log with these features and label;
			 * 0: an earlier one stands for this one */
	float weight;
};

struct log {
	char name[64];
	unsigned half; /* the folder's number */
	unsigned program;
	uint32_t first; /* sample */
	uint32_t count;
	unsigned events;
};

struct corpus {
	struct log *logs;
	unsigned log_count;
	char (*programs)[96];
	unsigned program_count;
	char halves[CORPUS_HALVES][64];
	unsigned half_count;
	struct sample *samples;
	uint32_t sample_count;
	uint8_t *labels; /* each sample's, in a row */
	uint16_t *features;
	uint32_t feature_count;
};

/* Reads the folder, or the folders in it. 0, or -1: why. */
int corpus_read(struct corpus *corpus, const char *folder, struct why *why);
void corpus_release(struct corpus *corpus);

#endif
