/*
 * upkeep.h - closed segments are announced, compressed and copied away, by a
 * child at a time that may hang or fail without harm.
 *
 * What is due is the writer's to say (writer_take_task); here it is started,
 * watched and, where it failed, tried again later.
 */
#ifndef SUPERVISOR_UPKEEP_H
#define SUPERVISOR_UPKEEP_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/types.h>

#include "why.h"
#include "writer.h"

struct supervisor;

struct upkeep {
	struct supervisor *supervisor;
	struct writer_task task; /* of the child */
	pid_t pid;		 /* 0: none runs */
	bool overdue;		 /* it was killed for taking too long */
	unsigned failures;	 /* in a row */
	struct event *limit;	 /* of the child's time */
	struct event *retry;	 /* pending: nothing is started */
	struct event *look;	 /* retention is due again */
};

/* 0, or -1 with why. */
int upkeep_init(struct upkeep *upkeep, struct supervisor *supervisor,
    struct why *why);
/* Ends the child, whose work is done again by a successor. */
void upkeep_release(struct upkeep *upkeep);
/* The writer has news. */
void upkeep_step(struct upkeep *upkeep);
/* waitpid gave this status for upkeep->pid. */
void upkeep_reaped(struct upkeep *upkeep, int status);
/* True while a child works, or a failed one is to be tried again. */
bool upkeep_is_busy(const struct upkeep *upkeep);

#endif
