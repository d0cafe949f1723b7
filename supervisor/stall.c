/*
 * stall.c - see stall.h.
 */
#include "stall.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "supervisor.h"
#include "units.h"

#define AUTO_FACTOR 5 /* times the longest gap so far */
#define AUTO_FLOOR_MS 60000
#define AUTO_OUTPUTS 20 /* before that many nothing is known */
#define FOREVER_MS INT64_C(-1)

static void
stall_arm(struct event *timer, int64_t ms)
{
	struct timeval time;

	if (ms < 0) {
		evtimer_del(timer);
		return;
	}
	time = (struct timeval){ ms / 1000, ms % 1000 * 1000 };
	evtimer_add(timer, &time);
}

/* How long the job may be silent now; FOREVER_MS: as long as it likes. */
static int64_t
stall_limit(const struct stall *stall)
{
	int64_t learned;

	if (stall->outputs == 0 && stall->startup_ms >= 0)
		return stall->startup_ms;
	if (!stall->automatic)
		return stall->timeout_ms;
	if (stall->outputs < AUTO_OUTPUTS)
		return FOREVER_MS;
	learned = AUTO_FACTOR * stall->longest_us / 1000;
	return learned < AUTO_FLOOR_MS ? AUTO_FLOOR_MS : learned;
}

static void
stall_rearm(struct stall *stall)
{
	int64_t limit = stall_limit(stall), left;

	if (!stall->running || stall->stalled || limit == FOREVER_MS) {
		evtimer_del(stall->silence);
		return;
	}
	left = limit - (clock_mono_us() - stall->last_us) / 1000;
	stall_arm(stall->silence, left < 0 ? 0 : left);
}

static void
stall_raise(struct stall *stall, int64_t silent_ms)
{
	struct supervisor *supervisor = stall->supervisor;
	char silent[UNITS_TEXT], data[128];

	stall->stalled = true;
	duration_format(silent_ms < 1000 ? silent_ms : silent_ms / 1000 * 1000,
	    silent);
	snprintf(data, sizeof(data), "{\"silent_s\":%.3f,\"timeout_s\":%.3f}",
	    (double)silent_ms / 1000, (double)stall_limit(stall) / 1000);
	journal_event(supervisor->journal, EVENT_JOB_STALL, SEVERITY_HIGH,
	    "stall", data, "no output for %s", silent);
	supervisor_noted(supervisor);
	supervisor_changed(supervisor, false);
	if (stall->kills && stall->kill_after_ms < 0)
		stop_by_policy(&supervisor->stop, REASON_STALL,
		    "no output for %s", silent);
	else
		stall_arm(stall->kill, stall->kill_after_ms);
}

static void
stall_silence_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stall *stall = arg;
	int64_t silent = (clock_mono_us() - stall->last_us) / 1000;
	int64_t limit = stall_limit(stall);

	(void)fd;
	(void)what;
	if (!stall->running || stall->stalled)
		return;
	if (limit == FOREVER_MS || silent < limit)
		stall_rearm(stall);
	else
		stall_raise(stall, silent);
}

static void
stall_kill_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stall *stall = arg;
	char silent[UNITS_TEXT];

	(void)fd;
	(void)what;
	if (!stall->running || !stall->stalled)
		return;
	duration_format((clock_mono_us() - stall->last_us) / 1000000 * 1000,
	    silent);
	stop_by_policy(&stall->supervisor->stop, REASON_STALL,
	    "no output for %s", silent);
}

static void
stall_wall_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stall *stall = arg;
	struct supervisor *supervisor = stall->supervisor;
	char limit[UNITS_TEXT], data[96];

	(void)fd;
	(void)what;
	/* One that is being stopped, for this perhaps, by a predecessor. */
	if (!stall->running || stop_is_asked(&supervisor->stop))
		return;
	duration_format(stall->wall_ms, limit);
	snprintf(data, sizeof(data), "{\"limit\":\"wall_time\",\"value\":%.3f}",
	    (double)stall->wall_ms / 1000);
	journal_event(supervisor->journal, EVENT_JOB_LIMIT, SEVERITY_CRITICAL,
	    "limit:wall_time", data, "it has run for %s, its wall_time", limit);
	supervisor_noted(supervisor);
	stop_by_policy(&supervisor->stop, REASON_WALL_LIMIT,
	    "it has run for %s, its wall_time", limit);
}

static void
stall_clear(struct stall *stall, int64_t silent_us)
{
	struct supervisor *supervisor = stall->supervisor;
	char data[64];

	stall->stalled = false;
	evtimer_del(stall->kill);
	snprintf(data, sizeof(data), "{\"silent_s\":%.3f}",
	    (double)silent_us / 1e6);
	journal_event(supervisor->journal, EVENT_JOB_STALL_CLEAR, SEVERITY_LOW,
	    "stall", data, "it prints again");
	supervisor_noted(supervisor);
	supervisor_changed(supervisor, false);
}

void
stall_on_output(struct stall *stall)
{
	int64_t now = clock_mono_us(), gap = now - stall->last_us;
	bool arm = stall->stalled || stall->outputs == 0 ||
	    (stall->automatic && stall->outputs + 1 == AUTO_OUTPUTS);

	if (stall->outputs > 0 && gap > stall->longest_us)
		stall->longest_us = gap;
	stall->outputs++;
	stall->last_us = now;
	stall->last_real_us = clock_real_us();
	if (stall->stalled)
		stall_clear(stall, gap);
	if (arm)
		stall_rearm(stall);
}

void
stall_start(struct stall *stall, int64_t started_us)
{
	int64_t now = clock_mono_us(), ran_ms = (now - started_us) / 1000;
	int64_t known = stall->supervisor->progress.last_time_us;

	stall->running = true;
	/* After a rotation the index tells nothing of what came before. */
	if (stall->last_us == 0)
		stall->last_us = stall->supervisor->progress.log_end > 0
		    ? now
		    : started_us;
	if (known != 0 && stall->outputs == 0) {
		/* A predecessor has seen output: the index says when. */
		stall->outputs = 1;
		stall->last_real_us = known;
		stall->last_us = now - (clock_real_us() - known);
	}
	stall_rearm(stall);
	if (stall->stalled)
		stall_arm(stall->kill, stall->kill_after_ms);
	if (stall->wall_ms >= 0)
		stall_arm(stall->wall,
		    ran_ms > stall->wall_ms ? 0 : stall->wall_ms - ran_ms);
}

void
stall_stop(struct stall *stall)
{
	stall->running = false;
	evtimer_del(stall->silence);
	evtimer_del(stall->kill);
	evtimer_del(stall->wall);
}

int
stall_init(struct stall *stall, struct supervisor *supervisor, struct why *why)
{
	const struct policy *policy = &supervisor->policy;
	const char *timeout = policy_str(policy, "stall.timeout");
	const char *what = policy_str(policy, "stall.do");

	stall->supervisor = supervisor;
	stall->automatic = timeout != NULL && strcmp(timeout, "auto") == 0;
	stall->timeout_ms = timeout == NULL || stall->automatic
	    ? FOREVER_MS
	    : policy_ms(policy, "stall.timeout");
	stall->startup_ms = policy_ms(policy, "stall.startup_timeout");
	stall->kill_after_ms = policy_ms(policy, "stall.kill_after");
	stall->wall_ms = policy_ms(policy, "limits.wall_time");
	stall->kills = what != NULL && strcmp(what, "kill") == 0;
	stall->stalled = journal_past(supervisor->journal)->stalled;
	stall->silence = evtimer_new(supervisor->base, stall_silence_cb, stall);
	stall->kill = evtimer_new(supervisor->base, stall_kill_cb, stall);
	stall->wall = evtimer_new(supervisor->base, stall_wall_cb, stall);
	if (stall->silence == NULL || stall->kill == NULL ||
	    stall->wall == NULL)
		return why_errno(why, "cannot watch for silence");
	return 0;
}

void
stall_release(struct stall *stall)
{
	if (stall->silence != NULL)
		event_free(stall->silence);
	if (stall->kill != NULL)
		event_free(stall->kill);
	if (stall->wall != NULL)
		event_free(stall->wall);
}
