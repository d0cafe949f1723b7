/*
 * rotation.c - see rotation.h.
 */
#include "rotation.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "supervisor.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define DAY_US (24 * HOUR_US)
#define LEAST_US 1000000 /* a clock that was set back is looked at again */

static const char *const rotation_triggers[TRIGGER_COUNT] = {
	[TRIGGER_REQUEST] = "request",
	[TRIGGER_SIZE] = "size",
	[TRIGGER_AGE] = "age",
	[TRIGGER_SCHEDULE] = "schedule",
	[TRIGGER_LOSS] = "loss",
	[TRIGGER_END] = "end",
};

/* --- when --------------------------------------------------------------- */

/* mktime(3) knows where days have 23 hours. */
int64_t
rotation_boundary(int64_t real_us, int64_t period_us)
{
	time_t seconds = (time_t)(real_us / 1000000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	tm.tm_sec = tm.tm_min = 0;
	if (period_us == DAY_US) {
		tm.tm_hour = 0;
		tm.tm_mday++;
		tm.tm_isdst = -1;
		return (int64_t)mktime(&tm) * 1000000;
	}
	/* Hours are counted from the one we are in: there may be two of it. */
	return (int64_t)mktime(&tm) * 1000000 + period_us;
}

static int64_t
rotation_due(const struct rotation *rotation, int64_t created_us)
{
	int64_t due = 0, next;

	if (rotation->max_age_us > 0)
		due = created_us + rotation->max_age_us;
	if (rotation->period_us > 0) {
		next = rotation_boundary(created_us, rotation->period_us);
		if (due == 0 || next < due)
			due = next;
	}
	return due;
}

static void
rotation_arm(struct rotation *rotation)
{
	int64_t left = rotation->due_us - clock_real_us();
	struct timeval time;

	if (left < LEAST_US)
		left = LEAST_US;
	time.tv_sec = left / 1000000;
	time.tv_usec = left % 1000000;
	if (rotation->due_us != 0)
		evtimer_add(rotation->timer, &time);
}

/* A new segment has a time of its own. */
static void
rotation_watch(struct rotation *rotation)
{
	const struct writer_progress *progress = &rotation->supervisor
						      ->progress;

	if (rotation->sequence == progress->sequence)
		return;
	rotation->sequence = progress->sequence;
	rotation->due_us = rotation_due(rotation, progress->created_us);
	rotation_arm(rotation);
}

static void
rotation_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct rotation *rotation = arg;
	struct supervisor *supervisor = rotation->supervisor;
	const struct writer_progress *progress = &supervisor->progress;
	bool by_age = rotation->max_age_us > 0 &&
	    progress->created_us + rotation->max_age_us <= rotation->due_us;

	(void)fd;
	(void)what;
	writer_progress(supervisor->writer, &supervisor->progress);
	if (clock_real_us() < rotation->due_us) {
		rotation_arm(rotation); /* the clock was set back */
		return;
	}
	if (progress->log_end > progress->log_begin) {
		writer_rotate(supervisor->writer,
		    by_age ? TRIGGER_AGE : TRIGGER_SCHEDULE);
		return;
	}
	/* Nothing to close: the next period is as good. */
	rotation->due_us = rotation_due(rotation, clock_real_us());
	rotation_arm(rotation);
}

/* --- what is told ------------------------------------------------------- */

static void
rotation_tell(struct rotation *rotation, const struct writer_closed *closed)
{
	struct supervisor *supervisor = rotation->supervisor;
	char data[256];

	if (closed->name[0] != '\0') {
		snprintf(data, sizeof(data),
		    "{\"segment\":\"%s\",\"bytes\":%llu,\"trigger\":\"%s\"}",
		    closed->name, (unsigned long long)closed->bytes,
		    rotation_triggers[closed->trigger]);
		journal_event(supervisor->journal, EVENT_LOG_ROTATE,
		    SEVERITY_NONE, "job", data, "%s closed", closed->name);
	}
	server_rotated(&supervisor->server, closed);
}

/* What the disk refuses may take hours, and nobody who asked waits so long. */
static void
rotation_tell_trouble(struct rotation *rotation)
{
	struct supervisor *supervisor = rotation->supervisor;
	const struct writer_progress *progress = &supervisor->progress;

	if (progress->loss.dropping)
		server_not_rotated(&supervisor->server, progress->loss.error);
	else if (progress->error != 0 &&
	    (strcmp(progress->error_what, "rotation") == 0 ||
		strcmp(progress->error_what, SEGMENT_LOG) == 0))
		server_not_rotated(&supervisor->server, progress->error);
}

void
rotation_step(struct rotation *rotation)
{
	struct supervisor *supervisor = rotation->supervisor;
	struct writer_closed closed;
	struct writer_plan plan;

	while (writer_take_closed(supervisor->writer, &closed) == 1)
		rotation_tell(rotation, &closed);
	rotation_tell_trouble(rotation);
	if (writer_take_plan(supervisor->writer, &plan) == 1)
		server_planned(&supervisor->server, &plan);
	if (!life_has_ended(&rotation->supervisor->life))
		rotation_watch(rotation);
}

/* --- life --------------------------------------------------------------- */

int
rotation_init(struct rotation *rotation, struct supervisor *supervisor,
    struct why *why)
{
	const struct policy *policy = &supervisor->policy;
	const char *schedule = policy_str(policy, "log.schedule");
	int64_t age_ms = policy_ms(policy, "log.max_age");

	rotation->supervisor = supervisor;
	rotation->max_age_us = age_ms > 0 ? age_ms * 1000 : 0;
	if (schedule != NULL)
		rotation->period_us = strcmp(schedule, "hourly") == 0 ? HOUR_US
								      : DAY_US;
	rotation->timer = evtimer_new(supervisor->base, rotation_timer_cb,
	    rotation);
	return rotation->timer == NULL
	    ? why_errno(why, "cannot watch the log's age")
	    : 0;
}

void
rotation_release(struct rotation *rotation)
{
	if (rotation->timer != NULL)
		event_free(rotation->timer);
}
