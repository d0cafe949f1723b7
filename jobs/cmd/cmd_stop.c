/*
 * cmd_stop.c - `jobwatch stop JOB` and `jobwatch kill JOB`: end a job, and
 * return when it has ended.
 *
 * The supervisor does the work and goes on doing it when we are gone. One
 * that is itself stopped is replaced by its keeper within some seconds, so
 * an answer is waited for longer than that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "control.h"
#include "home.h"
#include "jobdir.h"
#include "jobref.h"
#include "options.h"

#define STOP_ANSWER_MS 30000
#define KILL_END_MS 30000
#define STOP_RECORD_MS 5000 /* more than the family waits for output */

/* What to say of a job that cannot be stopped; CMD_OK when it has ended. */
static int
stop_not_running(const struct jobref *ref, const json_t *status)
{
	enum job_state state = jobref_state(status);
	const char *host = json_string_value(json_object_get(status, "host"));

	if (job_state_ended(state)) {
		printf("%s has ended already: %s\n", ref->id,
		    job_state_name(state));
		return CMD_OK;
	}
	return cmd_error(CMD_FAILED,
	    "cannot reach %s from here: it belongs "
	    "to host %s",
	    ref->id, host == NULL ? "?" : host);
}

/* Sends the request, which is taken. CMD_OK, also when the job's end was
 * quicker than our words. */
static int
stop_ask(const struct jobref *ref, json_t *request)
{
	struct why why;
	json_t *answer = jobref_ask(ref, request, STOP_ANSWER_MS, &why);
	json_t *status;
	bool ended;

	if (answer != NULL) {
		json_decref(answer);
		return CMD_OK;
	}
	if ((status = jobref_status(ref, false)) == NULL)
		return CMD_FAILED;
	ended = job_state_ended(jobref_state(status));
	json_decref(status);
	if (ended)
		return CMD_OK;
	return cmd_error(CMD_FAILED, "%s: %s", ref->id, why.text);
}

/* The next word of a family that is followed: 0: the job runs; 1: it has
 * ended; 2: and events.jsonl says so; -1: the family is silent. */
static int
stop_hear(struct control *control, int64_t timeout_ms)
{
	json_t *state = control_recv(control, (int)timeout_ms);
	int heard = state == NULL
	    ? -1
	    : json_is_true(json_object_get(state, "ended")) +
		json_is_true(json_object_get(state, "recorded"));

	json_decref(state);
	return heard;
}

/* 0: the job has ended. The record of it is waited for, not for ever. */
static int
stop_hear_end(struct control *control, int64_t timeout_ms)
{
	int heard = 0, before = 0;

	while (heard == 0 || heard == 1) {
		before = heard;
		heard = stop_hear(control,
		    before == 0 ? timeout_ms : STOP_RECORD_MS);
	}
	return heard == 2 || before == 1 ? 0 : -1;
}

/* Asks the family by its address, which an id and the home's name make: a
 * disk that hangs keeps nobody from ending a job. 0: it has ended; -1: there
 * is no such family, or it has more to say than this; ask by directory. */
static int
stop_by_address(const char *home, const char *id, const json_t *request,
    int64_t timeout_ms)
{
	struct control *control = malloc(sizeof(*control));
	json_t *follow = json_pack("{s:s}", "cmd", "follow"), *answer = NULL;
	struct why why;
	int result = -1;

	if (control == NULL || follow == NULL ||
	    control_connect(control, -1, home, id, &why) == -1)
		goto out;
	if (control_send(control, follow) == 0 &&
	    stop_hear(control, STOP_ANSWER_MS) == 0)
		answer = control_ask(-1, home, id, (json_t *)request,
		    STOP_ANSWER_MS, &why);
	if (answer != NULL)
		result = stop_hear_end(control, timeout_ms);
	json_decref(answer);
	control_close(control);
out:
	json_decref(follow);
	free(control);
	return result;
}

/* Takes `request`. */
static int
stop_job(const char *job, json_t *request, int64_t timeout_ms)
{
	struct jobref ref;
	struct why why;
	char *home = home_path(&why);
	json_t *status = NULL;
	int code;

	if (home != NULL &&
	    stop_by_address(home, job, request, timeout_ms) == 0) {
		free(home);
		json_decref(request);
		return CMD_OK;
	}
	free(home);
	code = jobref_open(&ref, job);
	if (code == CMD_OK && (status = jobref_status(&ref, false)) == NULL)
		code = CMD_FAILED;
	if (code != CMD_OK)
		goto out;
	if (job_state_ended(jobref_state(status)) ||
	    jobref_state(status) == JOB_UNKNOWN) {
		code = stop_not_running(&ref, status);
		goto out;
	}
	code = stop_ask(&ref, json_incref(request));
	if (code == CMD_OK &&
	    (code = jobref_wait_end(&ref, timeout_ms)) != CMD_OK)
		cmd_error(0,
		    "%s was told to end and has not (jobwatch status "
		    "%s)",
		    ref.id, ref.id);
out:
	json_decref(status);
	json_decref(request);
	jobref_close(&ref);
	return code;
}

/* 0, or -1: said. */
static int
stop_option(const struct cmd *cmd, int option, json_t *request)
{
	int64_t grace_ms;
	int signo;

	if (option == 's')
		return options_signal(cmd, optarg, &signo) == -1
		    ? -1
		    : json_object_set_new(request, "signal",
			  json_integer(signo));
	if (option == 'g')
		return options_duration(cmd, optarg, &grace_ms) == -1
		    ? -1
		    : json_object_set_new(request, "grace_ms",
			  json_integer(grace_ms));
	return -1;
}

static int
cmd_stop_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "signal", required_argument, NULL, 's' },
		{ "grace", required_argument, NULL, 'g' },
		{ 0 },
	};
	json_t *request = json_pack("{s:s}", "cmd", "stop");
	const char *job;
	int option;

	while ((option = options_next(cmd, argc, argv, ":s:", longs)) != -1)
		if (stop_option(cmd, option, request) == -1)
			goto usage;
	if ((job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		goto usage;
	return stop_job(job, request, -1);
usage:
	json_decref(request);
	return CMD_USAGE;
}

static int
cmd_kill_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = { { 0 } };
	const char *job;

	if (options_next(cmd, argc, argv, ":", longs) != -1 ||
	    (job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	return stop_job(job, json_pack("{s:s}", "cmd", "kill"), KILL_END_MS);
}

const struct cmd cmd_stop = {
	.name = "stop",
	.usage = "[--signal SIG] [--grace DURATION] JOB",
	.brief = "end a job: its stop signal, then KILL after the grace period",
	.help = "  -s, --signal SIG   instead of the policy's (TERM)\n"
		"  --grace DURATION   instead of the policy's (30s); then KILL "
		"to all\n"
		"                     that the job started\n",
	.run = cmd_stop_run,
};

const struct cmd cmd_kill = {
	.name = "kill",
	.usage = "JOB",
	.brief = "end a job at once, with all that it started",
	.run = cmd_kill_run,
};
