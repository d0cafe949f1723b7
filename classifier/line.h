/*
 * line.h - a line of the job's output, raw and as it is judged.
 */
#ifndef CLASSIFIER_LINE_H
#define CLASSIFIER_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "severity.h"

/* What is kept of a line, so that one without an end costs no memory. */
#define LINE_KEPT_MAX 65536

/* A finished line; bytes are borrowed until the next one is asked for. */
struct line {
	uint64_t offset; /* of its first byte in the job's output */
	uint64_t length; /* true length, without the newline */
	enum stream stream;
	const char *bytes; /* at most LINE_KEPT_MAX of it */
	size_t kept;
};

/* Cleaned text: valid UTF-8 without controls but tabs; not terminated. */
struct text {
	const char *bytes;
	size_t length;
};

#endif
