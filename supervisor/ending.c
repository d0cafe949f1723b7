/*
 * ending.c - see ending.h.
 */
#include "ending.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "jsonw.h"
#include "supervisor.h"
#include "units.h"

static void
ending_judge_signal(struct life *life, int signal)
{
	char runtime[UNITS_TEXT];
	const char *name = sigabbrev_np(signal);

	life->state = JOB_KILLED;
	if (life->reason == REASON_NONE)
		life->reason = REASON_SIGNAL;
	if (life->detail[0] == '\0')
		snprintf(life->detail, sizeof(life->detail),
		    "killed by SIG%s after %s", name == NULL ? "?" : name,
		    duration_format((life->ended_mono_us -
					life->job.started_mono_us) /
			    1000,
			runtime));
}

static void
ending_judge_exit(struct life *life, int code)
{
	char runtime[UNITS_TEXT];

	life->state = life_by_policy(life) ? JOB_KILLED
	    : code == 0			   ? JOB_EXITED
					   : JOB_FAILED;
	if (life->reason == REASON_NONE)
		life->reason = REASON_EXIT;
	if (life->detail[0] == '\0')
		snprintf(life->detail, sizeof(life->detail),
		    "exit code %d after %s", code,
		    duration_format((life->ended_mono_us -
					life->job.started_mono_us) /
			    1000,
			runtime));
}

static void
ending_judge_lost(struct life *life)
{
	life->state = JOB_LOST;
	life->reason = REASON_LOST;
	if (life->job.pid > 0)
		snprintf(life->detail, sizeof(life->detail),
		    "its keeper was "
		    "killed; the exit status of process %d cannot be known",
		    life->job.pid);
	else
		snprintf(life->detail, sizeof(life->detail),
		    "its family was killed; its exit status cannot be known");
}

/* State, reason and a sentence; a stop has set reason and detail before. */
void
ending_judge(struct life *life)
{
	if (life->job.phase == JOB_PHASE_FAILED) {
		life->state = JOB_FAILED;
		life->reason = REASON_SPAWN_FAILED;
		snprintf(life->detail, sizeof(life->detail), "cannot %s: %s",
		    life->job.chdir_failed ? "enter the working directory"
					   : "execute the command",
		    strerror(life->job.error));
	} else if (!life->status_known) {
		ending_judge_lost(life);
	} else if (WIFSIGNALED(life->wait_status)) {
		ending_judge_signal(life, WTERMSIG(life->wait_status));
	} else {
		ending_judge_exit(life, WEXITSTATUS(life->wait_status));
	}
}

/* A success faster than [limits] min_runtime has done nothing. */
static bool
ending_was_too_fast(const struct life *life)
{
	int64_t least = policy_ms(&life->supervisor->policy,
	    "limits.min_runtime");

	return least >= 0 && life->state == JOB_EXITED &&
	    (life->ended_mono_us - life->job.started_mono_us) / 1000 < least;
}

static enum severity
ending_severity(const struct life *life)
{
	if (life->state == JOB_EXITED)
		return ending_was_too_fast(life) ? SEVERITY_MEDIUM
						 : SEVERITY_LOW;
	return life->state == JOB_FAILED ? SEVERITY_HIGH : SEVERITY_CRITICAL;
}

static void
ending_data(const struct life *life, char *text, size_t cap)
{
	const struct message_job *job = &life->job;
	int status = life->wait_status;
	struct jsonw w;

	jsonw_start(&w, text, cap);
	jsonw_open(&w, NULL, '{');
	if (life->status_known && WIFEXITED(status))
		jsonw_int(&w, "exit_code", WEXITSTATUS(status));
	if (life->status_known && WIFSIGNALED(status))
		jsonw_int(&w, "signal", WTERMSIG(status));
	jsonw_str(&w, "reason", job_reason_name(life->reason));
	if (job->started_mono_us != 0)
		jsonw_real(&w, "runtime_s",
		    (double)(life->ended_mono_us - job->started_mono_us) / 1e6);
	jsonw_real(&w, "cpu_s", (double)job->cpu_us / 1e6);
	jsonw_int(&w, "max_rss_bytes", job->rss_bytes);
	strays_write(&life->supervisor->strays, &w, "strays");
	jsonw_close(&w, '}');
	if (jsonw_end(&w) == -1)
		snprintf(text, cap, "{}");
}

int
ending_write(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;
	const char *fast = ending_was_too_fast(life)
	    ? ", faster than min_runtime"
	    : "";
	char data[8192];
	int result;

	ending_data(life, data, sizeof(data));
	if (life->state == JOB_LOST)
		result = journal_event(supervisor->journal, EVENT_JOB_LOST,
		    SEVERITY_CRITICAL, "job", NULL, "lost: %s", life->detail);
	else
		result = journal_event(supervisor->journal, EVENT_JOB_EXIT,
		    ending_severity(life), "job", data, "%s: %s%s",
		    job_state_name(life->state), life->detail, fast);
	if (result == -1)
		return -1;
	supervisor_noted(supervisor);
	notice_finish(&supervisor->notice);
	return 0;
}

void
ending_tell_rest(struct life *life)
{
	struct supervisor *supervisor = life->supervisor;
	const struct journal_past *past = journal_past(supervisor->journal);
	uint64_t before = past->seq;

	journal_tick(supervisor->journal, true);
	if (past->seq != before)
		notice_finish(&supervisor->notice);
}
