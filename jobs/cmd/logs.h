/*
 * logs.h - what `jobwatch logs` was asked for, and the two ways to show it.
 */
#ifndef JOBS_CMD_LOGS_H
#define JOBS_CMD_LOGS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "jobref.h"
#include "severity.h"

struct selection;

struct logs {
	struct jobref ref;
	bool follow;
	bool time; /* -t */
	bool json;
	bool raw;
	bool streams[STREAM_COUNT]; /* wanted */
	/* Where: offsets and times that bound it, and lines counted back from
	 * the end of that, or with `from` on from its begin. */
	bool counted; /* -n */
	unsigned long lines;
	bool from_given;
	uint64_t from;
	int64_t since_us; /* 0: from the start */
	int64_t until_us; /* INT64_MAX: to the end */
	/* Which lines. */
	const char *grep;	/* NULL: all */
	unsigned pattern_flags; /* enum pattern_flag */
	bool invert;
	bool alerts;
	enum severity severity; /* the least of an alert */
	unsigned long before;	/* lines around them */
	unsigned long after;
	/* For whom. */
	bool terminal; /* a person reads it, perhaps through a pager */
	bool colour;
	bool unpaged; /* --no-pager */
	bool paged;   /* and there is one now */
};

/* A range of the output, found from the request. */
struct logs_range {
	uint64_t read;		 /* where to begin to read */
	bool torn[STREAM_COUNT]; /* within a line, whose rest is dropped */
	uint64_t from;		 /* lines that begin before are not shown */
	uint64_t end;		 /* UINT64_MAX: as far as it grows */
	unsigned long skip;	 /* wanted lines before the first one to show */
	unsigned long limit;	 /* and how many to show; ULONG_MAX: all */
};

/* True when it is shown line by line, not byte for byte. */
bool logs_as_lines(const struct logs *logs);
/* Finds the range. 0, or -1 with why. */
int logs_range(const struct logs *logs, const struct selection *selection,
    struct logs_range *range, struct why *why);
/* Show it. An exit code: all else has been said. */
int logs_show_bytes(const struct logs *logs, const struct logs_range *range);
int logs_show_lines(const struct logs *logs, const struct selection *selection,
    const struct logs_range *range);

#endif
