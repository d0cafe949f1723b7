/*
 * courier.h - takes letters out of the outbox to their receivers, and sees
 * to what becomes of each: struck off, tried again later, given up, or
 * passed on to the channel's fallback.
 */
#ifndef NOTIFY_COURIER_H
#define NOTIFY_COURIER_H

#include <sys/queue.h>

#include "channel.h"
#include "http.h"
#include "notice.h"
#include "outbox.h"
#include "report.h"

struct flight; /* one attempt under way */

/* All but the flights is borrowed; set by whoever owns it, before the first
 * call. */
struct courier {
	LIST_HEAD(, flight) flights;
	struct http *http;
	struct report *report;
	struct channels *channels;
	struct outbox *outbox;
	struct notice_frame frame;
	struct subject *subject; /* the frame's: status is read anew */
	int dir;
	int events; /* events.jsonl, -1: not open yet */
	/* A letter was settled: save, and see what is next. */
	void (*settled)(void *arg);
	void *arg;
};

/*
 * Starts a request for each letter whose turn it is. 1: one could not be
 * started and was settled at once; save the outbox and call again. 0: done.
 */
int courier_start(struct courier *courier);
/* Forgets the attempts under way, after http_free has ended them. */
void courier_stop(struct courier *courier);
/* When the next letter's turn comes, on the monotonic clock; -1: no sooner
 * than another is settled. */
int64_t courier_next_us(const struct courier *courier);
/* Something will happen within so many milliseconds, while there are letters:
 * one's turn comes, or an attempt ends. */
int64_t courier_quiet_ms(const struct courier *courier);
/* The letters for an event whose line lies at offset. How many, or -1: out
 * of memory, and then none. */
int courier_enqueue(struct courier *courier,
    const struct occurrence *occurrence, uint64_t offset, uint64_t length);

#endif
