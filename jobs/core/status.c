/*
 * status.c - see status.h.
 *
 * Three sources, the best first: the family itself, status.json, job.json.
 * Nothing is written here: a view that corrected the disk would race with
 * the one writer that the job has.
 */
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "io.h"
#include "jobdir.h"

#define STATUS_MAX (8 << 20) /* it repeats argv */
#define STATUS_ASK_MS 1000
#define STATUS_HOST_MAX 256

static const char *const state_names[JOB_STATE_COUNT] = {
	[JOB_STARTING] = "starting",
	[JOB_RUNNING] = "running",
	[JOB_STOPPING] = "stopping",
	[JOB_EXITED] = "exited",
	[JOB_FAILED] = "failed",
	[JOB_KILLED] = "killed",
	[JOB_LOST] = "lost",
	[JOB_UNKNOWN] = "unknown",
};

static const char *const reason_names[REASON_COUNT] = {
	[REASON_EXIT] = "exit",
	[REASON_SIGNAL] = "signal",
	[REASON_OOM] = "oom",
	[REASON_STALL] = "stall",
	[REASON_ACTION_TIMEOUT] = "action-timeout",
	[REASON_WALL_LIMIT] = "wall-limit",
	[REASON_RULE] = "rule",
	[REASON_STOPPED] = "stopped",
	[REASON_SPAWN_FAILED] = "spawn-failed",
	[REASON_LOST] = "lost",
};

/* --- words -------------------------------------------------------------- */

static int
status_word(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (names[i] != NULL && strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *
job_state_name(enum job_state state)
{
	return state_names[state];
}

const char *
job_reason_name(enum job_reason reason)
{
	return reason_names[reason];
}

int
job_state_parse(const char *name)
{
	return status_word(state_names, JOB_STATE_COUNT, name);
}

int
job_reason_parse(const char *name)
{
	return status_word(reason_names, REASON_COUNT, name);
}

bool
job_state_ended(enum job_state state)
{
	return state == JOB_EXITED || state == JOB_FAILED ||
	    state == JOB_KILLED || state == JOB_LOST;
}

bool
job_reason_is_policy(enum job_reason reason)
{
	return reason == REASON_STALL || reason == REASON_ACTION_TIMEOUT ||
	    reason == REASON_WALL_LIMIT || reason == REASON_RULE;
}

/* --- reading the document ----------------------------------------------- */

static enum job_state
status_state(const json_t *status)
{
	const char *name = json_string_value(json_object_get(status, "state"));
	int state = name == NULL ? -1 : job_state_parse(name);

	return state == -1 ? JOB_UNKNOWN : (enum job_state)state;
}

/* NULL without why: there is none yet, or it cannot be read as one. */
static json_t *
status_file(int dir)
{
	size_t len;
	char *text = io_load(dir, "status.json", STATUS_MAX, &len);
	json_t *status;

	if (text == NULL)
		return NULL;
	status = json_loadb(text, len, 0, NULL);
	free(text);
	if (json_is_object(status))
		return status;
	json_decref(status);
	return NULL;
}

bool
status_is_final(int dir)
{
	json_t *status = status_file(dir);
	bool final = status != NULL && job_state_ended(status_state(status));

	json_decref(status);
	return final;
}

/* What a job is before anyone has said more: CONTRACT, section 4. */
static json_t *
status_blank(const char *id)
{
	return json_pack("{s:s, s:n, s:n, s:s, s:n, s:n, s:n, s:n, s:n, s:n,"
			 "s:n, s:n, s:f, s:i, s:[], s:n, s:n, s:n, s:n, s:n,"
			 "s:{s:i, s:i}, s:i, s:{s:i, s:i, s:i, s:i}, s:n, s:i, "
			 "s:i, s:i,"
			 "s:b, s:i, s:n, s:{s:n, s:n, s:n, s:n}, s:i,"
			 "s:{s:n, s:i, s:i, s:i}, s:{s:f, s:i, s:[]},"
			 "s:{s:i, s:i, s:[]}}",
	    "job", id, "name", "kind", "state", "starting", "pid", "exit_code",
	    "signal", "reason", "detail", "started_at", "ended_at",
	    "last_output_at", "runtime_s", 0.0, "restarts", 0, "argv", "cwd",
	    "host", "user", "correlation_id", "trace_id", "bytes", "stdout", 0,
	    "stderr", 0, "lines", 0, "alerts", "critical", 0, "high", 0,
	    "medium", 0, "low", 0, "progress", "attempt", 1, "lag_bytes", 0,
	    "dropped_keys", 0, "stalled", 0, "actions_open", 0, "muted_until",
	    "processes", "keeper", "supervisor", "classifier", "notifier",
	    "recoveries", 0, "log", "dir", "segments", 0, "bytes", 0,
	    "lost_bytes", 0, "resources", "cpu_s", 0.0, "rss_bytes", 0, "gpu",
	    "templates", "known", 0, "other_lines", 0, "top");
}

/* Keys that job.json and status.json share, where the latter lacks them. */
static int
status_complete(json_t *status, const json_t *identity, const char *id)
{
	json_t *blank = status_blank(id);
	const char *key;
	json_t *value;
	int result = -1;

	if (blank == NULL)
		return -1;
	json_object_foreach (blank, key, value) {
		json_t *known = json_object_get(identity, key);

		if (known != NULL && json_is_null(value) &&
		    json_object_set(blank, key, known) == -1)
			goto out;
	}
	if (json_object_get(identity, "argv") != NULL &&
	    json_object_set(blank, "argv", json_object_get(identity, "argv")) ==
		-1)
		goto out;
	result = json_object_update_missing(status, blank);
out:
	json_decref(blank);
	return result;
}

static json_t *
status_ask(int dir, const char *home, const char *id)
{
	json_t *request = json_pack("{s:s}", "cmd", "status");
	json_t *answer, *status;
	struct why why;

	if (request == NULL)
		return NULL;
	answer = control_ask(dir, home, id, request, STATUS_ASK_MS, &why);
	json_decref(request);
	status = json_incref(json_object_get(answer, "status"));
	json_decref(answer);
	if (json_is_object(status))
		return status;
	json_decref(status);
	return NULL;
}

/* --- what the lock says ------------------------------------------------- */

bool
status_is_here(const json_t *identity)
{
	const char *host = json_string_value(json_object_get(identity, "host"));
	char own[STATUS_HOST_MAX] = "";

	gethostname(own, sizeof(own) - 1);
	return host != NULL && strcmp(host, own) == 0;
}

static int
status_set(json_t *status, const char *state, json_t *reason,
    const char *detail)
{
	if (json_object_set_new(status, "reason", reason) == -1 ||
	    json_object_set_new(status, "state", json_string(state)) == -1 ||
	    json_object_set_new(status, "detail", json_string(detail)) == -1)
		return -1;
	return 0;
}

/* A job that is not over, and no lock to be seen (alive -1: nor looked at). */
static int
status_orphan(json_t *status, const json_t *identity, int alive)
{
	const char *boot = json_string_value(
	    json_object_get(identity, "boot_id"));
	char now[40];

	if (alive == -1)
		return status_set(status, job_state_name(JOB_UNKNOWN),
		    json_null(), "its lock cannot be looked at");
	if (!status_is_here(identity))
		return status_set(status, job_state_name(JOB_UNKNOWN),
		    json_null(),
		    "it belongs to another host, from where its "
		    "lock cannot be seen");
	jobdir_boot_id(now);
	json_object_set_new(status, "exit_code", json_null());
	json_object_set_new(status, "signal", json_null());
	return status_set(status, job_state_name(JOB_LOST),
	    json_string(job_reason_name(REASON_LOST)),
	    boot != NULL && strcmp(boot, now) != 0
		? "the machine was restarted; how the job ended is not known"
		: "its family was killed; how the job ended is not known");
}

static void
status_runtime(json_t *status)
{
	const char *text = json_string_value(
	    json_object_get(status, "started_at"));
	int64_t started;

	if (text == NULL || clock_parse(text, &started) == -1)
		return;
	json_object_set_new(status, "runtime_s",
	    json_real((double)(clock_real_us() - started) / 1e6));
}

/* A pid of a family that is gone may be anybody's by now. */
static void
status_forget_processes(json_t *status)
{
	json_object_set_new(status, "processes",
	    json_loads(STATUS_NO_PROCESSES, 0, NULL));
}

/* The document of a job whose file, if any, does not say that it is over. */
static json_t *
status_unfinished(int dir, const char *home, const char *id, json_t *status,
    bool live, struct why *why)
{
	int alive = jobdir_alive(dir);
	json_t *identity = jobdir_identity(dir, why);
	json_t *later = alive == 1 && live ? status_ask(dir, home, id) : NULL;

	/* It may have ended between the look at the file and at the lock. */
	if (later == NULL && (later = status_file(dir)) == NULL)
		later = json_incref(status);
	json_decref(status);
	if (later == NULL && identity != NULL)
		later = json_object();
	if (identity == NULL && later == NULL)
		return NULL;
	if (status_complete(later, identity, id) == -1)
		goto fail;
	if (!job_state_ended(status_state(later))) {
		if (alive != 1 && status_orphan(later, identity, alive) == -1)
			goto fail;
		if (alive == 1)
			status_runtime(later);
	}
	if (alive == 0 && status_state(later) != JOB_UNKNOWN)
		status_forget_processes(later);
	json_decref(identity);
	return later;
fail:
	why_errno(why, "cannot read the status of job %s", id);
	json_decref(identity);
	json_decref(later);
	return NULL;
}

json_t *
status_load(int dir, const char *home, const char *id, bool live,
    struct why *why)
{
	json_t *status = status_file(dir);

	if (status == NULL || !job_state_ended(status_state(status)))
		return status_unfinished(dir, home, id, status, live, why);
	if (jobdir_alive(dir) == 0)
		status_forget_processes(status);
	return status;
}

/* --- exit codes --------------------------------------------------------- */

static bool
status_is_policy(const json_t *status)
{
	const char *name = json_string_value(json_object_get(status, "reason"));
	int reason = name == NULL ? -1 : job_reason_parse(name);

	return json_is_true(json_object_get(status, "policy_ended")) ||
	    (reason != -1 && job_reason_is_policy((enum job_reason)reason));
}

int
status_exit_code(const json_t *status)
{
	json_t *code = json_object_get(status, "exit_code");
	json_t *signo = json_object_get(status, "signal");
	json_int_t error = json_integer_value(
	    json_object_get(status, "spawn_errno"));
	enum job_state state = status_state(status);

	if (!job_state_ended(state) || state == JOB_LOST)
		return 125;
	if (status_is_policy(status))
		return 124;
	if (error != 0)
		return error == ENOENT ? 127 : 126;
	if (json_is_integer(signo) && json_integer_value(signo) > 0)
		return 128 + (int)json_integer_value(signo);
	if (json_is_integer(code))
		return (int)json_integer_value(code) & 0xff;
	return 125;
}
