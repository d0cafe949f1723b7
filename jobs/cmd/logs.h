/*
 * logs.h - what `jobwatch logs` was asked for, and the two ways to show it.
 */
#ifndef JOBS_CMD_LOGS_H
#define JOBS_CMD_LOGS_H

#include <stdbool.h>
#include <stdint.h>

#include "jobref.h"
#include "severity.h"

struct logs {
	struct jobref ref;
	bool follow;
	bool time; /* -t */
	bool json;
	bool streams[STREAM_COUNT]; /* wanted */
	bool tail;		    /* only the last `lines` */
	unsigned long lines;
	int64_t since_us; /* 0: from the start */
	int64_t until_us; /* INT64_MAX: to the end */
};

/* A range of the output, found from the request. */
struct logs_range {
	uint64_t from;
	uint64_t end;	    /* UINT64_MAX: as far as it grows */
	unsigned long skip; /* lines of the wanted streams before the first */
};

/* 0, or -1 with why. */
int logs_range(const struct logs *logs, struct logs_range *range,
    struct why *why);
/* Exact bytes, or a line each with its time or as JSON. An exit code. */
int logs_show_bytes(const struct logs *logs, const struct logs_range *range);
int logs_show_lines(const struct logs *logs, const struct logs_range *range);

#endif
