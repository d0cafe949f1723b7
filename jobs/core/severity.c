/*
 * severity.c - see severity.h.
 */
#include "severity.h"

#include <stddef.h>
#include <string.h>

static const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_NONE] = "none",
	[SEVERITY_LOW] = "low",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_CRITICAL] = "critical",
};

static const char *const kind_names[KIND_COUNT] = {
	[KIND_FAILURE] = "failure",
	[KIND_WARNING] = "warning",
	[KIND_MILESTONE] = "milestone",
	[KIND_COMPLETION] = "completion",
	[KIND_METRIC] = "metric",
	[KIND_PROGRESS] = "progress",
	[KIND_NOISE] = "noise",
};

static const char *const stream_names[STREAM_COUNT] = {
	[STREAM_STDOUT] = "stdout",
	[STREAM_STDERR] = "stderr",
};

static int
name_index(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *
severity_name(enum severity severity)
{
	return severity_names[severity];
}

const char *
kind_name(enum kind kind)
{
	return kind_names[kind];
}

const char *
stream_name(enum stream stream)
{
	return stream_names[stream];
}

int
severity_parse(const char *name)
{
	return name_index(severity_names, SEVERITY_COUNT, name);
}

int
kind_parse(const char *name)
{
	return name_index(kind_names, KIND_COUNT, name);
}
