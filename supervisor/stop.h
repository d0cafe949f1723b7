/*
 * stop.h - the stop sequence: ask, wait for the grace period, force.
 *
 * The signal goes to the job's process group; at the end of grace KILL goes
 * to every descendant that can be found, again and again until none is.
 */
#ifndef SUPERVISOR_STOP_H
#define SUPERVISOR_STOP_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "status.h"
#include "why.h"

struct supervisor;

enum stop_state {
	STOP_IDLE,
	STOP_WARNED, /* [stop] pre_signal is sent, half the grace runs */
	STOP_ASKED,  /* the signal is sent, grace runs */
	STOP_FORCED, /* KILL is sent */
	STOP_DONE,   /* the main process has ended */
	STOP_STATES
};

enum stop_event {
	STOP_EV_WARN, /* begin, with a pre_signal */
	STOP_EV_ASK,  /* begin, without */
	STOP_EV_TIME, /* the timer ran out */
	STOP_EV_KILL, /* at once */
	STOP_EV_EXIT, /* the main process has ended */
	STOP_EVENTS
};

struct stop {
	struct supervisor *supervisor;
	enum stop_state state;
	struct event *timer;
	int signal;
	int pre_signal; /* 0: none */
	int64_t grace_ms;
	bool kills_strays; /* [stop] strays = "kill" */
};

/* The table: where a state goes on an event; STOP_IDLE: it stays. */
extern const enum stop_state stop_next[STOP_STATES][STOP_EVENTS];

/* Reads [stop]. 0, or -1 with why. */
int stop_init(struct stop *stop, struct supervisor *supervisor,
    struct why *why);
void stop_release(struct stop *stop);
/* A person asks; signal 0 and grace_ms -1 mean the policy's. A stop that
 * runs already goes on as it is. */
void stop_by_user(struct stop *stop, int signal, int64_t grace_ms);
void stop_kill_by_user(struct stop *stop);
/* The policy ends the job: format says why, for people. */
void stop_by_policy(struct stop *stop, enum job_reason reason,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
struct journal_past;
/* A predecessor began it: goes on with what is left of the grace period. */
void stop_resume(struct stop *stop, const struct journal_past *past);
void stop_on_exit(struct stop *stop);
bool stop_is_asked(const struct stop *stop);
/* Sends a signal to the job's process group. 0, or -1 with errno. */
int stop_signal(struct stop *stop, int signal);

#endif
