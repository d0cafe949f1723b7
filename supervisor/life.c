/*
 * life.c - see life.h.
 */
#include "life.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ending.h"
#include "exitinfo.h"
#include "family.h"
#include "log.h"
#include "recall.h"
#include "supervisor.h"

#define DRAIN_MS 2000  /* for what strays still print */
#define DRAIN_TIMES 30 /* of that for a disk that refuses */
#define RECORD_MS 5000 /* then nobody waits for a full disk */
#define HOPE_MS 600000 /* then the family leaves without it */
#define ANSWER_MS 2000 /* job.exit waits for the last alerts */
#define ASK_MS 50      /* between looks for a status without keeper */
#define ASK_TIMES 60

static void life_timer_cb(evutil_socket_t fd, short what, void *arg);

bool
life_has_ended(const struct life *life)
{
	return life->stage >= LIFE_DRAINING;
}

bool
life_by_policy(const struct life *life)
{
	return job_reason_is_policy(life->reason);
}

static void
life_arm(struct life *life, int ms)
{
	const struct timeval time = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(life->timer, &time);
}

/* --- the stages --------------------------------------------------------- */

/* The pipes are empty and closed, or their time is over. */
static void
life_drained(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;

	evtimer_del(life->timer);
	writer_progress(supervisor->writer, &supervisor->progress);
	loss_finish(&supervisor->loss);
	life->stage = LIFE_ANSWERING;
	life->end = supervisor->progress.log_end;
	classify_finish(&supervisor->classify);
	if (policy_str(&supervisor->policy, "log.archive") != NULL)
		writer_rotate(supervisor->writer, TRIGGER_END);
	supervisor_changed(supervisor, true);
	life_arm(life, ANSWER_MS);
}

static bool
life_is_drained(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;

	if (supervisor->capture != NULL &&
	    !capture_is_ended(supervisor->capture))
		return false;
	return writer_backlog(supervisor->writer) == 0;
}

/* All is on the disk; or all but what a full one does not take, and then
 * nobody is to wait for that. */
static bool
life_is_recorded(const struct life *life)
{
	const struct writer_progress *progress = &life->supervisor->progress;

	if (!progress->busy || progress->error == 0)
		return !progress->busy;
	return progress->events_end == progress->events_queued ||
	    life->impatient;
}

/* A full disk may have room again, a limit on the size of files never. What
 * is not written in the end is left to recover. */
static bool
life_is_written(const struct life *life)
{
	const struct writer_progress *progress = &life->supervisor->progress;

	if (!progress->busy || progress->error == 0)
		return !progress->busy;
	return life->hopeless || (life->impatient && progress->error == EFBIG);
}

static bool
life_is_answered(const struct life *life)
{
	return life->supervisor->classify.done ||
	    life->supervisor->capture_only || life->supervisor->progress.gone;
}

static void
life_settle(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;

	life->stage = LIFE_SETTLED;
	life->owing = supervisor->capture_only || supervisor->progress.busy ||
	    notice_is_hopeless(&supervisor->notice);
	classify_save(&supervisor->classify);
	supervisor_changed(supervisor, true);
	supervisor->exit_code = FAMILY_EXIT_DONE;
	supervisor->finished = true;
}

/* job.exit is written once; where there is no room, it is tried again. */
static void
life_tell_end(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;

	if (!journal_past(supervisor->journal)->ended && !life->told &&
	    ending_write(life) == -1) {
		life_arm(life, ANSWER_MS);
		return;
	}
	life->told = true;
	life->stage = LIFE_OWING;
	life_arm(life, RECORD_MS);
	supervisor_changed(supervisor, true);
}

void
life_step(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;

	writer_progress(supervisor->writer, &supervisor->progress);
	if (life->stage == LIFE_DRAINING && life_is_drained(life))
		life_drained(life);
	if (life->stage == LIFE_ANSWERING && life_is_answered(life) &&
	    !strays_are_busy(&supervisor->strays)) {
		evtimer_del(life->timer);
		life_tell_end(life);
	}
	if (life->stage == LIFE_OWING && !life->recorded &&
	    life_is_recorded(life)) {
		life->recorded = true;
		server_changed(&supervisor->server);
	}
	if (life->stage == LIFE_OWING && life_is_answered(life))
		ending_tell_rest(life);
	if (life->stage == LIFE_OWING && life_is_answered(life) &&
	    life_is_written(life) && !upkeep_is_busy(&supervisor->upkeep) &&
	    notice_is_settled(&supervisor->notice))
		life_settle(life);
}

/* The job's main process is gone; from now on it is about the rest. */
static void
life_ended(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;
	bool kills = supervisor->stop.kills_strays ||
	    supervisor->stop.state == STOP_FORCED;

	life->stage = LIFE_DRAINING;
	life->ended_real_us = clock_real_us();
	life->ended_mono_us = clock_mono_us();
	if (life->job.ended_mono_us != 0) {
		life->ended_real_us = life->job.ended_real_us;
		life->ended_mono_us = life->job.ended_mono_us;
	}
	stall_stop(&supervisor->stall);
	stop_on_exit(&supervisor->stop);
	ending_judge(life);
	if (life->job.pid > 0)
		strays_look(&supervisor->strays, life->job.pid, kills);
	life_arm(life, DRAIN_MS);
	supervisor_changed(supervisor, false);
	if (supervisor->capture != NULL)
		capture_drain(supervisor->capture);
	life_step(life);
}

/* The time of strays is over; that of our disk is not, while it only is
 * slow: the job's last words are not to pay for that. A disk that refuses
 * them is waited for a while. */
static void
life_drain_on(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;

	writer_progress(supervisor->writer, &supervisor->progress);
	if (supervisor->progress.error != 0 && ++life->drains >= DRAIN_TIMES)
		writer_give_up(supervisor->writer);
	capture_drain(supervisor->capture);
	if (!capture_is_blocked(supervisor->capture))
		capture_stop(supervisor->capture);
	life_arm(life, DRAIN_MS);
	life_step(life);
}

static void
life_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct life *life = arg;

	(void)fd;
	(void)what;
	if (life->stage == LIFE_DRAINING && life->supervisor->capture != NULL) {
		life_drain_on(life);
	} else if (life->stage == LIFE_OWING) {
		life->hopeless = life->impatient;
		life->impatient = true;
		life_arm(life, HOPE_MS);
		life_step(life);
	} else if (life->stage == LIFE_ANSWERING) {
		/* The classifier is behind: people hear of the end now. */
		life_tell_end(life);
		life_step(life);
	}
}

/* --- what the keeper says ----------------------------------------------- */

/* Once, though it may have ended before a supervisor could come up. */
static void
life_tell_start(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;
	char data[128], pid[24] = "", started[CLOCK_TEXT];

	if (journal_past(supervisor->journal)->started ||
	    life->started == life->job.attempt || life->job.pid <= 0)
		return;
	life->started = life->job.attempt;
	if (!supervisor->watching)
		snprintf(pid, sizeof(pid), "\"pid\":%d,", life->job.pid);
	snprintf(data, sizeof(data), "{%s\"attempt\":%u,\"started_at\":\"%s\"}",
	    pid, life->job.attempt,
	    clock_rfc3339(life->job.started_real_us, started));
	journal_event(supervisor->journal, EVENT_JOB_START, SEVERITY_NONE,
	    "job", data, "started");
}

static void
life_running(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;
	const struct journal_past *past = journal_past(supervisor->journal);

	if (past->stopping && !stop_is_asked(&supervisor->stop))
		stop_resume(&supervisor->stop, past);
	life->state = stop_is_asked(&supervisor->stop) ? JOB_STOPPING
						       : JOB_RUNNING;
	life_tell_start(life);
	stall_start(&supervisor->stall, life->job.started_mono_us);
	supervisor_changed(supervisor, false);
}

void
life_on_job(struct life *life, const struct message *message)
{
	if (life_has_ended(life)) {
		if (message->fd_count == 1)
			close(message->fds[0]);
		return;
	}
	memcpy(&life->job, message->body, sizeof(life->job));
	if (message->fd_count == 1) {
		if (life->pidfd != -1)
			close(life->pidfd);
		life->pidfd = message->fds[0];
	}
	if (life->job.phase == JOB_PHASE_RUNNING) {
		life_running(life);
	} else if (life->job.phase == JOB_PHASE_FAILED) {
		life_ended(life);
	} else if (life->job.phase == JOB_PHASE_ENDED) {
		life_tell_start(life);
		life->status_known = true;
		life->wait_status = life->job.wait_status;
		life_ended(life);
	}
}

/* --- without a keeper --------------------------------------------------- */

/* Whoever reaps the job now is not us; the kernel may still tell us how it
 * ended, once that has happened. */
static void
life_ask_kernel(struct life *life)
{
	int found = exitinfo_get(life->pidfd, life->job.pid,
	    &life->wait_status);

	if (found == 0 && life->asked++ < ASK_TIMES) {
		const struct timeval soon = { .tv_usec = ASK_MS * 1000 };

		event_add(life->exited, &soon);
		return;
	}
	event_del(life->exited);
	life->status_known = found == 1;
	life_ended(life);
}

static void
life_exited_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	life_ask_kernel(arg);
}

/* A job whose end nobody will tell us of: watch the process itself. */
void
life_on_keeper_gone(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;

	life->keeper_gone = true;
	log_warn("the keeper is gone");
	if (life_has_ended(life))
		return;
	if (life->pidfd == -1) {
		life_ended(life);
		return;
	}
	life->exited = event_new(supervisor->base, life->pidfd, EV_READ,
	    life_exited_cb, life);
	if (life->exited == NULL) {
		life_ended(life);
		return;
	}
	event_add(life->exited, NULL);
	if (life->job.phase == JOB_PHASE_NONE) {
		/* It saw no exec fail, and nobody else will tell. */
		life->job.phase = JOB_PHASE_RUNNING;
		life_running(life);
	}
	supervisor_changed(supervisor, false);
}

/* --- recover ------------------------------------------------------------ */

void
life_recover(struct life *life)
{
	const struct journal_past *past = journal_past(
	    life->supervisor->journal);

	life->stage = LIFE_DRAINING;
	life->job.pid = past->pid;
	life->job.started_real_us = past->started_us;
	recall_end(life, past);
	life_step(life);
}

int
life_init(struct life *life, struct supervisor *supervisor, struct why *why)
{
	const struct journal_past *past = journal_past(supervisor->journal);

	life->supervisor = supervisor;
	life->pidfd = -1;
	life->state = JOB_STARTING;
	life->reason = (enum job_reason)past->stop_reason;
	snprintf(life->detail, sizeof(life->detail), "%s", past->stop_detail);
	life->timer = evtimer_new(supervisor->base, life_timer_cb, life);
	if (life->timer == NULL)
		return why_errno(why, "cannot watch the job");
	return 0;
}

void
life_release(struct life *life)
{
	if (life->exited != NULL)
		event_free(life->exited);
	if (life->timer != NULL)
		event_free(life->timer);
	if (life->pidfd != -1)
		close(life->pidfd);
}
