/*
 * cmd_wait.c - `jobwatch wait JOB`: for scripts that started a job detached
 * and now need its end. Prints nothing and exits as `run` would have.
 *
 * A script goes on to read what the job left: when this returns, the job's
 * end is in its events. Where the family was killed, it is adopted for that.
 */
#include "cmd.h"
#include "commands.h"
#include "jobref.h"
#include "options.h"
#include "outcome.h"
#include "recovery.h"
#include "track.h"

/* For a classifier that is behind and a slow disk. On a full one the job's
 * end may not be written for a day. */
#define WAIT_RECORD_MS 30000

/* The family vanished: what it can say no more is settled first. */
static json_t *
wait_settle(const struct jobref *ref)
{
	struct why why;

	if (recovery_of(ref, &why) == -1)
		cmd_error(CMD_FAILED, "%s", why.text);
	return jobref_status(ref, false);
}

/* How the job ended, a new reference; NULL: said why not. */
static json_t *
wait_end(const struct jobref *ref)
{
	struct why why;
	struct track *track = track_open(ref->dir, ref->path, ref->id, &why);
	json_t *state;

	if (track == NULL) {
		cmd_error(CMD_FAILED, "%s", why.text);
		return NULL;
	}
	track_wait_end(track, -1);
	if (track_wait_recorded(track, WAIT_RECORD_MS) == -1)
		cmd_error(CMD_FAILED,
		    "%s has ended, but its events do not say so yet: is "
		    "the disk full, or does it hang?",
		    ref->id);
	state = track_gone(track) ? wait_settle(ref)
				  : json_incref((json_t *)track_state(track));
	track_close(track);
	return state;
}

static int
wait_for(const struct jobref *ref)
{
	json_t *state = wait_end(ref);
	int code = CMD_FAILED;

	if (state != NULL) {
		outcome_tell(ref->dir, ref->path, ref->id, state, true);
		code = status_exit_code(state);
	}
	json_decref(state);
	return code;
}

static int
cmd_wait_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = { { 0 } };
	struct jobref ref;
	const char *job;
	int code;

	if (options_next(cmd, argc, argv, ":", longs) != -1 ||
	    (job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	code = jobref_open(&ref, job);
	if (code == CMD_OK)
		code = wait_for(&ref);
	jobref_close(&ref);
	return code;
}

const struct cmd cmd_wait = {
	.name = "wait",
	.usage = "JOB",
	.brief = "wait for a job's end and exit as it did",
	.help = "When it returns, the job's events say how it ended. A job "
		"whose family was\nkilled is adopted first, as recover does.\n",
	.run = cmd_wait_run,
};
