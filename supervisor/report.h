/*
 * report.h - how the job stands, in JSON: status.json, the control socket's
 * answer, and the state objects that followers get.
 */
#ifndef SUPERVISOR_REPORT_H
#define SUPERVISOR_REPORT_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "why.h"

#define REPORT_MAX 49152

struct supervisor;

struct report {
	struct supervisor *supervisor;
	struct event *timer;
	int64_t due_us; /* when it fires, while it is pending */
	char text[REPORT_MAX];
};

int report_init(struct report *report, struct supervisor *supervisor,
    struct why *why);
void report_release(struct report *report);
/* status.json now, synced when asked. */
void report_write(struct report *report, bool sync);
/* status.json within delay_ms, if nothing writes it before. */
void report_soon(struct report *report, int delay_ms);
/* The status document; its length, or -1 when it does not fit. The text is
 * the report's own and lasts until the next call. */
long report_status(struct report *report, const char **text);
/* The state object of control.h. Length, or -1. */
long report_state(const struct supervisor *supervisor, const char *type,
    char *text, size_t cap);

#endif
