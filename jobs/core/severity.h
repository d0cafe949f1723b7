/*
 * severity.h - the words of the contract for how bad, what kind, which
 * stream. Each enum has its names in one table; an enum's value is its row.
 */
#ifndef JOBS_CORE_SEVERITY_H
#define JOBS_CORE_SEVERITY_H

enum severity {
	SEVERITY_NONE,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};

enum kind {
	KIND_FAILURE,
	KIND_WARNING,
	KIND_MILESTONE,
	KIND_COMPLETION,
	KIND_METRIC,
	KIND_PROGRESS,
	KIND_NOISE,
	KIND_COUNT
};

enum stream { STREAM_STDOUT, STREAM_STDERR, STREAM_COUNT };

const char *severity_name(enum severity severity);
const char *kind_name(enum kind kind);
const char *stream_name(enum stream stream);
/* The enum's value, or -1 for an unknown word. */
int severity_parse(const char *name);
int kind_parse(const char *name);

#endif
