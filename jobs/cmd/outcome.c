/*
 * outcome.c - see outcome.h.
 */
#include "outcome.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "jobtext.h"
#include "status.h"

const char *
outcome_signal(int signo, char room[32])
{
	const char *name = sigabbrev_np(signo);

	if (name == NULL)
		snprintf(room, 32, "signal %d", signo);
	else
		snprintf(room, 32, "SIG%s", name);
	return room;
}

static const char *
outcome_text(const json_t *state, const char *key)
{
	const char *text = json_string_value(json_object_get(state, key));

	return text == NULL ? "" : text;
}

/* How long the job ran, which only its status knows: " after 1m3s" or "". */
static const char *
outcome_after(int dir, const char *home, const char *id, char room[64])
{
	struct why why;
	json_t *status = status_load(dir, home, id, true, &why);
	char span[UNITS_TEXT];
	double seconds = json_real_value(json_object_get(status, "runtime_s"));

	room[0] = '\0';
	if (status != NULL)
		snprintf(room, 64, " after %s", jobtext_span(seconds, span));
	json_decref(status);
	return room;
}

static bool
outcome_is_plain(const char *reason)
{
	return reason[0] == '\0' || strcmp(reason, "exit") == 0 ||
	    strcmp(reason, "signal") == 0;
}

/* The job's end was seen, and it was no success. */
static void
outcome_tell_failed(const char *id, const json_t *state, const char *after)
{
	const char *reason = outcome_text(state, "reason");
	const char *detail = outcome_text(state, "detail");
	const char *verb = strcmp(outcome_text(state, "state"), "killed") == 0
	    ? "was killed"
	    : "failed";
	json_t *code = json_object_get(state, "exit_code");
	int signo = (int)json_integer_value(json_object_get(state, "signal"));
	char room[32];

	if (detail[0] != '\0' && !outcome_is_plain(reason))
		cmd_error(0, "%s %s: %s", id, verb, detail);
	else if (signo > 0)
		cmd_error(0, "%s was killed by %s%s", id,
		    outcome_signal(signo, room), after);
	else if (json_is_integer(code))
		cmd_error(0, "%s failed: exit code %d%s", id,
		    (int)json_integer_value(code), after);
	else
		cmd_error(0, "%s %s%s%s", id, verb,
		    detail[0] == '\0' ? "" : ": ", detail);
}

void
outcome_tell(int dir, const char *home, const char *id, const json_t *state,
    bool quiet)
{
	int value = job_state_parse(outcome_text(state, "state"));
	const char *detail = outcome_text(state, "detail");
	char after[64];

	if (value == JOB_EXITED)
		return;
	if (value == JOB_FAILED || value == JOB_KILLED) {
		if (!quiet ||
		    strcmp(outcome_text(state, "reason"),
			job_reason_name(REASON_SPAWN_FAILED)) == 0)
			outcome_tell_failed(id, state,
			    outcome_after(dir, home, id, after));
	} else if (value == JOB_LOST || value == -1) {
		cmd_error(0, "%s: lost: %s", id,
		    detail[0] == '\0' ? "how it ended is not known" : detail);
	} else if (value == JOB_UNKNOWN) {
		cmd_error(0, "%s: lost from sight: %s", id, detail);
	} else {
		cmd_error(0,
		    "%s: its family does not answer; the job may go "
		    "on (jobwatch status %s)",
		    id, id);
	}
}
