/*
 * record.h - lines that are JSON records, as structured loggers write them.
 */
#ifndef CLASSIFIER_RECORD_H
#define CLASSIFIER_RECORD_H

#include <stdbool.h>

#include "line.h"

#define RECORD_MESSAGE_MAX 4096

struct record {
	enum severity severity;
	enum kind kind;
	char message[RECORD_MESSAGE_MAX]; /* UTF-8, without controls */
	size_t length;
};

/*
 * True when the line is a record: an object with a string "msg" or
 * "message" and a "level" or "severity", or with a string "event". Its
 * level decides the severity; without one it is none.
 */
bool record_read(const struct text *line, struct record *record);
/* False when the line is none for sure: cheap, and the same for all lines of
 * one outline. */
bool record_is_likely(const struct text *line);

#endif
