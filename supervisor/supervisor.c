/*
 * supervisor.c - what happens: the writer has news, the keeper speaks, a
 * helper ended, somebody wants us to end. Each callback hands its event to
 * the parts that it concerns.
 */
#include "supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "family.h"
#include "io.h"
#include "log.h"

#define TOUCH_MS 5000 /* status.json lags behind output by this at most */
#define SOON_MS 200   /* and behind lesser changes by this */
#define CAREFUL_S 600 /* capture-only, then a full one is tried again */

/* --- news --------------------------------------------------------------- */

void
supervisor_changed(struct supervisor *supervisor, bool sync)
{
	if (sync)
		report_write(&supervisor->report, true);
	else
		report_soon(&supervisor->report, SOON_MS);
	server_changed(&supervisor->server);
}

static void
supervisor_arm_flood(struct supervisor *supervisor)
{
	int64_t ms = journal_tick(supervisor->journal, false);
	const struct timeval time = { ms / 1000, ms % 1000 * 1000 };

	if (ms >= 0 && !evtimer_pending(supervisor->flood, NULL))
		evtimer_add(supervisor->flood, &time);
}

void
supervisor_noted(struct supervisor *supervisor)
{
	supervisor_arm_flood(supervisor);
	report_soon(&supervisor->report, SOON_MS);
}

void
supervisor_flood_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	supervisor_noted(arg);
}

/* The writer has done something that somebody waits for. */
void
supervisor_wake_cb(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *supervisor = arg;
	int error = supervisor->progress.error;
	bool gone = supervisor->progress.gone;

	(void)fd;
	(void)what;
	writer_ack(supervisor->writer);
	writer_progress(supervisor->writer, &supervisor->progress);
	if (supervisor->progress.error != 0 &&
	    supervisor->progress.error != error)
		log_warn("cannot write %s: %s", supervisor->progress.error_what,
		    strerror(supervisor->progress.error));
	rotation_step(&supervisor->rotation);
	loss_step(&supervisor->loss);
	diskspace_step(&supervisor->diskspace);
	if (supervisor->progress.gone && !gone) {
		log_warn("the job directory was deleted");
		server_close_short(&supervisor->server);
	}
	if (supervisor->capture != NULL)
		capture_resume(supervisor->capture);
	actions_resume(&supervisor->actions);
	if (!supervisor->capture_only) {
		classify_step(&supervisor->classify);
		notice_step(&supervisor->notice);
		upkeep_step(&supervisor->upkeep);
	}
	life_step(&supervisor->life);
}

void
supervisor_output_cb(void *arg)
{
	struct supervisor *supervisor = arg;

	stall_on_output(&supervisor->stall);
	report_soon(&supervisor->report, TOUCH_MS);
}

void
supervisor_ended_cb(void *arg)
{
	struct supervisor *supervisor = arg;

	life_step(&supervisor->life);
}

/* --- the keeper --------------------------------------------------------- */

static void
supervisor_on_recovery(struct supervisor *supervisor,
    const struct message_job *job)
{
	char data[128];

	supervisor->recoveries = job->recoveries;
	if (job->recoveries == 0)
		return;
	snprintf(data, sizeof(data),
	    "{\"process\":\"supervisor\",\"recoveries\":%u}", job->recoveries);
	journal_event(supervisor->journal, EVENT_JOB_RECOVERED, SEVERITY_LOW,
	    "job", data, "the supervisor was replaced%s",
	    job->capture_only ? "; it died too often and only captures for now"
			      : "");
}

/* Careful mode is not for ever: the keeper starts a full supervisor when
 * this one leaves. */
static void
supervisor_careful_cb(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *supervisor = arg;

	(void)fd;
	(void)what;
	supervisor->exit_code = FAMILY_EXIT_FAILED;
	supervisor->finished = true;
}

static void
supervisor_first_job(struct supervisor *supervisor,
    const struct message_job *job)
{
	const struct timeval careful = { .tv_sec = CAREFUL_S };

	supervisor->introduced = true;
	supervisor->capture_only = job->capture_only != 0;
	supervisor_on_recovery(supervisor, job);
	if (supervisor->capture_only) {
		event_base_once(supervisor->base, -1, EV_TIMEOUT,
		    supervisor_careful_cb, supervisor, &careful);
		return;
	}
	child_start(&supervisor->classify.child);
	notice_step(&supervisor->notice);
}

void
supervisor_peer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *supervisor = arg;
	struct message *in = &supervisor->in;
	int n = message_recv(fd, PROC_SUPERVISOR, in);

	(void)what;
	if (n == -1 && io_again(errno))
		return;
	if (n != 1 || message_rows[in->type].from != PROC_KEEPER) {
		event_del(supervisor->peer);
		life_on_keeper_gone(&supervisor->life);
	} else if (in->type == MESSAGE_PING) {
		message_send(fd, MESSAGE_PONG, NULL, 0, NULL, 0, NULL, 0);
	} else if (in->type == MESSAGE_JOB) {
		if (!supervisor->introduced)
			supervisor_first_job(supervisor,
			    (const void *)in->body);
		life_on_job(&supervisor->life, in);
	}
}

/* --- signals ------------------------------------------------------------ */

void
supervisor_children_cb(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *supervisor = arg;
	int status;
	pid_t pid;

	(void)fd;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == supervisor->classify.child.pid)
			child_reaped(&supervisor->classify.child, status);
		else if (pid == supervisor->notice.child.pid)
			child_reaped(&supervisor->notice.child, status);
		else if (pid == supervisor->upkeep.pid)
			upkeep_reaped(&supervisor->upkeep, status);
}

/* Whoever ends us means the job: a shutdown, or a unit that is stopped. */
void
supervisor_terminate_cb(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *supervisor = arg;

	(void)fd;
	(void)what;
	stop_by_user(&supervisor->stop, 0, -1);
}
