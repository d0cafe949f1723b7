/*
 * actions.h - takes what the job writes into its action FIFO.
 *
 * The records are kept as they came, in actions.log; like output they go by
 * way of a staging pipe, so that neither a crash nor a slow disk loses one
 * or holds up who writes it. Nobody reads them yet.
 */
#ifndef SUPERVISOR_ACTIONS_H
#define SUPERVISOR_ACTIONS_H

#include <event2/event.h>

#include "why.h"
#include "writer.h"

struct actions {
	struct writer *writer; /* borrowed */
	struct event *readable;
};

/* 0, or -1 with why. */
int actions_init(struct actions *actions, struct event_base *base,
    struct writer *writer, struct why *why);
void actions_release(struct actions *actions);
/* The writer has made room: go on where staging was full. */
void actions_resume(struct actions *actions);

#endif
