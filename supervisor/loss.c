/*
 * loss.c - see loss.h.
 *
 * The first bytes are told at once: people are to know that the disk is
 * full. What follows is told now and then, and the rest when it is over;
 * the ranges follow each other without gap or overlap.
 */
#include "loss.h"

#include <stdio.h>
#include <string.h>

#include "supervisor.h"

#define TELL_S 10 /* between two events of one loss */

/* Of a run, what was not told yet. 0, or -1: later. */
static int
loss_event(struct loss *loss, const struct writer_loss *run)
{
	struct supervisor *supervisor = loss->supervisor;
	uint64_t begin = run->begin > loss->told ? run->begin : loss->told;
	const char *reason = strerror(run->error);
	unsigned long long length = run->end - begin;
	char data[256];

	if (run->end <= begin)
		return 0;
	snprintf(data, sizeof(data),
	    "{\"offset\":%llu,\"length\":%llu,\"reason\":\"%s\"}",
	    (unsigned long long)begin, length, reason);
	if (journal_event(supervisor->journal, EVENT_LOG_LOSS,
		SEVERITY_CRITICAL, "job", data,
		"%llu bytes of output were lost: %s", length, reason) == -1)
		return -1;
	loss->told = run->end;
	supervisor_noted(supervisor);
	return 0;
}

/* Runs that are over; there may have been several since the last look. 0, or
 * -1: there are more, for later. */
static int
loss_tell_past(struct loss *loss)
{
	struct writer *writer = loss->supervisor->writer;

	do {
		if (loss_event(loss, &loss->held) == -1)
			return -1;
	} while (writer_take_loss(writer, &loss->held) == 1);
	return 0;
}

/* A disk that is full under on_full = "block" costs nothing but time. */
static void
loss_tell_wait(struct loss *loss)
{
	struct supervisor *supervisor = loss->supervisor;
	const struct writer_progress *progress = &supervisor->progress;
	bool waits = progress->error != 0 &&
	    strcmp(progress->error_what, SEGMENT_LOG) == 0;
	char data[256];

	if (waits && !loss->waits) {
		snprintf(data, sizeof(data),
		    "{\"resource\":\"disk\",\"value\":\"%s\"}",
		    strerror(progress->error));
		journal_event(supervisor->journal, EVENT_RESOURCE_ALARM,
		    SEVERITY_CRITICAL, "limit:disk", data,
		    "the log cannot be written, and the job waits: %s",
		    strerror(progress->error));
		supervisor_noted(supervisor);
	}
	loss->waits = waits || (loss->waits && progress->error != 0);
}

void
loss_step(struct loss *loss)
{
	const struct writer_loss *now = &loss->supervisor->progress.loss;
	const struct timeval later = { .tv_sec = TELL_S };

	loss_tell_wait(loss);
	if (loss_tell_past(loss) == -1 || !now->dropping ||
	    now->end <= loss->told || now->end == now->begin)
		return;
	if (evtimer_pending(loss->timer, NULL))
		return; /* told of a moment ago */
	if (loss_event(loss, now) == 0)
		evtimer_add(loss->timer, &later);
}

static void
loss_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct loss *loss = arg;
	struct supervisor *supervisor = loss->supervisor;

	(void)fd;
	(void)what;
	writer_progress(supervisor->writer, &supervisor->progress);
	loss_step(loss);
}

void
loss_finish(struct loss *loss)
{
	evtimer_del(loss->timer);
	loss_step(loss);
}

uint64_t
loss_total(const struct loss *loss)
{
	return journal_past(loss->supervisor->journal)->lost +
	    loss->supervisor->progress.loss.total;
}

int
loss_init(struct loss *loss, struct supervisor *supervisor, struct why *why)
{
	loss->supervisor = supervisor;
	loss->told = journal_past(supervisor->journal)->lost_until;
	loss->timer = evtimer_new(supervisor->base, loss_timer_cb, loss);
	return loss->timer == NULL ? why_errno(why, "cannot watch the disk")
				   : 0;
}

void
loss_release(struct loss *loss)
{
	if (loss->timer != NULL)
		event_free(loss->timer);
}
