/*
 * notice.h - the supervisor's side of the notifier.
 *
 * Starts it when there is something that a channel may want, pokes it when
 * events were written, writes down what became of each message, and knows
 * whether anything is still owed.
 */
#ifndef SUPERVISOR_NOTICE_H
#define SUPERVISOR_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "child.h"
#include "severity.h"
#include "why.h"

struct supervisor;

struct notice {
	struct supervisor *supervisor;
	struct child child;
	bool channels;	     /* the policy has some */
	enum severity floor; /* the least that any of them wants */
	uint64_t wanted;     /* events at or above it, so far */
	uint64_t seen;	     /* those that the notifier was started for */
	uint64_t told;	     /* bytes of events that it was told of */
	uint64_t cursor;     /* bytes that it has dealt with */
	uint32_t pending;    /* messages not delivered yet */
	uint64_t need;	     /* cursor at which nothing is owed */
};

/* Reads what was owed before. 0, or -1 with why. */
int notice_init(struct notice *notice, struct supervisor *supervisor,
    struct why *why);
void notice_release(struct notice *notice);
/* Events may have been written: start it, or tell it. */
void notice_step(struct notice *notice);
/* The last event that people are to hear of is queued. */
void notice_finish(struct notice *notice);
bool notice_is_settled(struct notice *notice);
/* It dies whenever it is started: what is owed must wait for recover. */
bool notice_is_hopeless(const struct notice *notice);

#endif
