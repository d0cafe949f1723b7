/*
 * rotation.h - when the active segment is closed though it is not full, and
 * what is told of each that was.
 *
 * A segment is due by its age ([log] max_age), and at full hours or days of
 * local time ([log] schedule). An empty one is left until the next time.
 */
#ifndef SUPERVISOR_ROTATION_H
#define SUPERVISOR_ROTATION_H

#include <event2/event.h>
#include <stdint.h>

#include "why.h"

struct supervisor;

struct rotation {
	struct supervisor *supervisor;
	struct event *timer;
	int64_t max_age_us; /* 0: any */
	int64_t period_us;  /* 0: no schedule */
	uint64_t sequence;  /* of the segment that the timer is for */
	int64_t due_us;	    /* real time; 0: never */
};

/* 0, or -1 with why. */
int rotation_init(struct rotation *rotation, struct supervisor *supervisor,
    struct why *why);
void rotation_release(struct rotation *rotation);
/* The writer has news: tells of closed segments, watches the next one. */
void rotation_step(struct rotation *rotation);
/* The end of the period of local time that holds real_us, in real time. */
int64_t rotation_boundary(int64_t real_us, int64_t period_us);

#endif
