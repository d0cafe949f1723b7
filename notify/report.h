/*
 * report.h - what the supervisor hears of us: each message's fate, and what
 * is still owed. It writes events and decides how long the family lives.
 *
 * Reports keep their order. When the socket is full they wait here; whoever
 * makes them slows down when there are many (report_is_behind).
 */
#ifndef NOTIFY_REPORT_H
#define NOTIFY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

#define REPORT_BEHIND 256 /* waiting reports that are too many */

struct event_base;
struct report;

/* One fate; texts are borrowed during the call. */
struct report_delivery {
	uint64_t seq;
	enum message_delivery_outcome outcome;
	uint32_t attempts;
	bool permanent;
	const char *channel;
	const char *id;
	const char *error; /* "" where there is none */
};

typedef void report_drained_cb(void *arg);

/* peer is a non-blocking socket, borrowed. drained is called when the last
 * waiting report has gone. NULL: out of memory. */
struct report *report_new(struct event_base *base, int peer,
    report_drained_cb *drained, void *arg);
void report_free(struct report *report); /* NULL is fine */
void report_delivery(struct report *report,
    const struct report_delivery *delivery);
void report_outbox(struct report *report, const struct message_outbox *outbox);
bool report_is_behind(const struct report *report);

#endif
