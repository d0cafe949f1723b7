/*
 * stop.c - see stop.h.
 */
#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#include "clock.h"
#include "jsonw.h"
#include "supervisor.h"

#define AGAIN_MS 500 /* between two rounds of KILL */

const enum stop_state stop_next[STOP_STATES][STOP_EVENTS] = {
	[STOP_IDLE] = { [STOP_EV_WARN] = STOP_WARNED,
	    [STOP_EV_ASK] = STOP_ASKED,
	    [STOP_EV_KILL] = STOP_FORCED,
	    [STOP_EV_EXIT] = STOP_DONE },
	[STOP_WARNED] = { [STOP_EV_TIME] = STOP_ASKED,
	    [STOP_EV_KILL] = STOP_FORCED,
	    [STOP_EV_EXIT] = STOP_DONE },
	[STOP_ASKED] = { [STOP_EV_TIME] = STOP_FORCED,
	    [STOP_EV_KILL] = STOP_FORCED,
	    [STOP_EV_EXIT] = STOP_DONE },
	[STOP_FORCED] = { [STOP_EV_TIME] = STOP_FORCED,
	    [STOP_EV_EXIT] = STOP_DONE },
	/* STOP_DONE stays. */
};

int
stop_signal(struct stop *stop, int signal)
{
	const struct life *life = &stop->supervisor->life;

	/* The group's number is taken as long as its leader is not reaped. */
	if (life->job.pid <= 0 || life_has_ended(life) ||
	    life->job.phase > JOB_PHASE_RUNNING) {
		errno = ESRCH;
		return -1;
	}
	/* Reaped already, though we have not heard: its number is free. */
	if (life->pidfd != -1 &&
	    pidfd_send_signal(life->pidfd, 0, NULL, 0) == -1)
		return -1;
	if (kill(-life->job.pid, signal) == 0)
		return 0;
	/* Before its setsid the child has no group of its own yet. */
	return errno == ESRCH ? kill(life->job.pid, signal) : -1;
}

static void
stop_arm(struct stop *stop, int64_t ms)
{
	const struct timeval time = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(stop->timer, &time);
}

static void
stop_ask(struct stop *stop)
{
	int64_t grace = stop->grace_ms;

	stop_signal(stop, stop->signal);
	stop_signal(stop, SIGCONT); /* a stopped job cannot hear it */
	stop_arm(stop, stop->pre_signal == 0 ? grace : grace - grace / 2);
}

static void
stop_enter(struct stop *stop)
{
	struct life *life = &stop->supervisor->life;

	switch (stop->state) {
	case STOP_WARNED:
		stop_signal(stop, stop->pre_signal);
		stop_signal(stop, SIGCONT);
		stop_arm(stop, stop->grace_ms / 2);
		break;
	case STOP_ASKED:
		stop_ask(stop);
		break;
	case STOP_FORCED:
		stop_signal(stop, SIGKILL);
		strays_look(&stop->supervisor->strays, life->job.pid, true);
		stop_arm(stop, AGAIN_MS);
		break;
	case STOP_DONE:
		evtimer_del(stop->timer);
		break;
	default:
		break;
	}
}

static void
stop_handle(struct stop *stop, enum stop_event event)
{
	enum stop_state next = stop_next[stop->state][event];

	if (next == STOP_IDLE)
		return;
	stop->state = next;
	stop_enter(stop);
}

static void
stop_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	stop_handle(arg, STOP_EV_TIME);
}

/* It has ended by itself, and the keeper's word of it is on its way. */
static bool
stop_is_late(const struct life *life)
{
	struct pollfd end = { .fd = life->pidfd, .events = POLLIN };

	return life->pidfd != -1 && poll(&end, 1, 0) == 1;
}

/* Event, state, reason; what the stop is for is settled by its first cause. */
static void
stop_begin(struct stop *stop, enum stop_event event, enum job_reason reason,
    const char *by, const char *detail)
{
	struct supervisor *supervisor = stop->supervisor;
	struct life *life = &supervisor->life;
	char data[256];
	struct jsonw w;

	if (life_has_ended(life) || stop_is_late(life))
		return;
	if (life->reason == REASON_NONE) {
		life->reason = reason;
		snprintf(life->detail, sizeof(life->detail), "%s", detail);
	}
	if (stop->state == STOP_IDLE) {
		jsonw_start(&w, data, sizeof(data));
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "by", by);
		jsonw_int(&w, "signal",
		    event == STOP_EV_KILL ? SIGKILL : stop->signal);
		jsonw_real(&w, "grace_s", (double)stop->grace_ms / 1000);
		jsonw_str(&w, "reason", job_reason_name(reason));
		jsonw_close(&w, '}');
		journal_event(supervisor->journal, EVENT_JOB_STOP,
		    job_reason_is_policy(reason) ? SEVERITY_HIGH : SEVERITY_LOW,
		    "job", jsonw_end(&w) == -1 ? NULL : data, "%s", detail);
		supervisor_noted(supervisor);
	}
	if (life->state == JOB_RUNNING || life->state == JOB_STARTING)
		life->state = JOB_STOPPING;
	stop_handle(stop, event);
	supervisor_changed(supervisor, false);
}

void
stop_by_user(struct stop *stop, int signal, int64_t grace_ms)
{
	if (stop->state == STOP_IDLE && signal > 0)
		stop->signal = signal;
	if (stop->state == STOP_IDLE && grace_ms >= 0)
		stop->grace_ms = grace_ms;
	stop_begin(stop, stop->pre_signal != 0 ? STOP_EV_WARN : STOP_EV_ASK,
	    REASON_STOPPED, "user", "stopped by the user");
}

void
stop_kill_by_user(struct stop *stop)
{
	stop_begin(stop, STOP_EV_KILL, REASON_STOPPED, "user",
	    "killed by the user");
}

void
stop_by_policy(struct stop *stop, enum job_reason reason, const char *format,
    ...)
{
	char detail[WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	stop_begin(stop, stop->pre_signal != 0 ? STOP_EV_WARN : STOP_EV_ASK,
	    reason, "policy", detail);
}

/* The signal is not sent again: a second one means "at once" to many. */
void
stop_resume(struct stop *stop, const struct journal_past *past)
{
	int64_t waited = (clock_real_us() - past->stop_time_us) / 1000;
	int64_t left = past->stop_grace_ms - waited;

	if (past->stop_signal == SIGKILL) {
		stop_handle(stop, STOP_EV_KILL);
		return;
	}
	stop->signal = past->stop_signal;
	stop->state = STOP_ASKED;
	stop_arm(stop, left < 0 || waited < 0 ? 0 : left);
}

void
stop_on_exit(struct stop *stop)
{
	stop_handle(stop, STOP_EV_EXIT);
}

bool
stop_is_asked(const struct stop *stop)
{
	return stop->state == STOP_WARNED || stop->state == STOP_ASKED ||
	    stop->state == STOP_FORCED;
}

int
stop_init(struct stop *stop, struct supervisor *supervisor, struct why *why)
{
	const struct policy *policy = &supervisor->policy;
	const char *pre = policy_str(policy, "stop.pre_signal");

	stop->supervisor = supervisor;
	stop->signal = policy_signal(policy, "stop.signal");
	stop->pre_signal = pre == NULL
	    ? 0
	    : policy_signal(policy, "stop.pre_signal");
	stop->grace_ms = policy_ms(policy, "stop.grace");
	stop->kills_strays = strcmp(policy_str(policy, "stop.strays"),
				 "kill") == 0;
	stop->timer = evtimer_new(supervisor->base, stop_timer_cb, stop);
	if (stop->signal <= 0 || stop->pre_signal < 0 || stop->timer == NULL)
		return why_set(why, "cannot prepare the stop sequence");
	return 0;
}

void
stop_release(struct stop *stop)
{
	if (stop->timer != NULL)
		event_free(stop->timer);
}
