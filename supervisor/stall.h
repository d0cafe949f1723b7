/*
 * stall.h - timers on the job: silence, and the time it may run.
 *
 * Output does not re-arm a timer: its time is noted, and a timer that runs
 * out is set anew for what is left. So a busy job costs one wake-up per
 * timeout, and a silent one none but the alert's.
 */
#ifndef SUPERVISOR_STALL_H
#define SUPERVISOR_STALL_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "why.h"

struct supervisor;

struct stall {
	struct supervisor *supervisor;
	struct event *silence; /* timer */
	struct event *kill;    /* timer: [stall] kill_after */
	struct event *wall;    /* timer: [limits] wall_time */
	int64_t timeout_ms;    /* -1: none */
	int64_t startup_ms;    /* before the first output; -1: as timeout */
	int64_t kill_after_ms; /* -1: none */
	int64_t wall_ms;       /* -1: none */
	bool automatic;	       /* timeout = "auto" */
	bool kills;	       /* do = "kill" */
	int64_t last_us;       /* of output, or of the start; monotonic */
	int64_t last_real_us;  /* of output; 0: none yet */
	uint64_t outputs;
	int64_t longest_us; /* gap between two outputs so far */
	bool running;
	bool stalled;
};

/* Reads [stall] and [limits]. 0, or -1 with why. */
int stall_init(struct stall *stall, struct supervisor *supervisor,
    struct why *why);
void stall_release(struct stall *stall);
/* The job runs, since started_us (monotonic). */
void stall_start(struct stall *stall, int64_t started_us);
void stall_stop(struct stall *stall);
/* Output came, or another sign of life. */
void stall_on_output(struct stall *stall);

#endif
