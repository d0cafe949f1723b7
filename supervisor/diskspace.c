/*
 * diskspace.c - see diskspace.h. The writer's thread looks: statfs(2) of a
 * disk that hangs, hangs.
 */
#include "diskspace.h"

#include <stdio.h>

#include "supervisor.h"
#include "units.h"

#define LOOK_S 10

static void
diskspace_arm(struct diskspace *space)
{
	const struct timeval time = { .tv_sec = LOOK_S };

	if (space->limit >= 0)
		evtimer_add(space->timer, &time);
}

static void
diskspace_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct diskspace *space = arg;

	(void)fd;
	(void)what;
	writer_want_upkeep(space->supervisor->writer);
	diskspace_arm(space);
}

static void
diskspace_tell(struct diskspace *space, int64_t bytes)
{
	struct supervisor *supervisor = space->supervisor;
	char data[128], left[UNITS_TEXT], limit[UNITS_TEXT];

	snprintf(data, sizeof(data),
	    "{\"resource\":\"disk_free\",\"value\":%lld,\"limit\":%lld}",
	    (long long)bytes, (long long)space->limit);
	journal_event(supervisor->journal, EVENT_RESOURCE_ALARM, SEVERITY_HIGH,
	    "limit:disk_free", data,
	    "%s are free on the disk of the log, less than %s",
	    size_format(bytes, left), size_format(space->limit, limit));
	supervisor_noted(supervisor);
}

void
diskspace_step(struct diskspace *space)
{
	int64_t bytes = space->supervisor->progress.disk_free;

	if (space->limit < 0 || bytes < 0)
		return;
	if (bytes < space->limit && !space->low)
		diskspace_tell(space, bytes);
	/* A tenth more before it is news again. */
	space->low = bytes < space->limit ||
	    (space->low && bytes < space->limit + space->limit / 10);
}

int
diskspace_init(struct diskspace *space, struct supervisor *supervisor,
    struct why *why)
{
	space->supervisor = supervisor;
	space->limit = policy_bytes(&supervisor->policy, "limits.disk_free");
	space->timer = evtimer_new(supervisor->base, diskspace_timer_cb, space);
	if (space->timer == NULL)
		return why_errno(why, "cannot watch the disk");
	if (!supervisor->recover)
		diskspace_arm(space);
	return 0;
}

void
diskspace_release(struct diskspace *space)
{
	if (space->timer != NULL)
		event_free(space->timer);
}
