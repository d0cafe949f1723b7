/*
 * jobref.c - see jobref.h.
 */
#include "jobref.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "control.h"
#include "home.h"
#include "track.h"

#define JOBREF_PAUSE_MS 50

int
jobref_open_home(struct jobref *ref)
{
	struct why why;

	*ref = (struct jobref){ .home = -1, .dir = -1 };
	ref->path = home_path(&why);
	if (ref->path == NULL || (ref->home = home_open(&why)) == -1)
		return cmd_error(CMD_FAILED, "%s", why.text);
	return CMD_OK;
}

int
jobref_open(struct jobref *ref, const char *job)
{
	int code = jobref_open_home(ref);
	struct why why;

	if (code != CMD_OK)
		return code;
	ref->dir = jobdir_find(ref->home, job, ref->id, &why);
	if (ref->dir == -1)
		return cmd_error(errno == ENOENT ? CMD_NO_JOB : CMD_FAILED,
		    "%s", why.text);
	return CMD_OK;
}

void
jobref_close(struct jobref *ref)
{
	if (ref->dir != -1)
		close(ref->dir);
	if (ref->home != -1)
		close(ref->home);
	free(ref->path);
	ref->dir = ref->home = -1;
	ref->path = NULL;
}

json_t *
jobref_status(const struct jobref *ref, bool live)
{
	struct why why;
	json_t *status = status_load(ref->dir, ref->path, ref->id, live, &why);

	if (status == NULL)
		cmd_error(CMD_FAILED, "%s: %s", ref->id, why.text);
	return status;
}

void
jobref_public(json_t *status)
{
	json_object_del(status, "policy_ended");
	json_object_del(status, "spawn_errno");
}

enum job_state
jobref_state(const json_t *status)
{
	const char *name = json_string_value(json_object_get(status, "state"));
	int state = name == NULL ? -1 : job_state_parse(name);

	return state == -1 ? JOB_UNKNOWN : (enum job_state)state;
}

/* A supervisor that dies with our question takes its connections along; its
 * successor can be asked again. */
static int
jobref_may_ask_again(const struct jobref *ref, int error)
{
	return (error == EPIPE || error == ECONNRESET ||
		   error == ECONNREFUSED) &&
	    jobdir_alive(ref->dir) == 1;
}

json_t *
jobref_ask(const struct jobref *ref, json_t *request, int64_t timeout_ms,
    struct why *why)
{
	int64_t deadline = clock_mono_us() + timeout_ms * 1000;
	int64_t left = timeout_ms;
	json_t *answer = NULL;

	if (request == NULL)
		why_set(why, "%s: out of memory", ref->id);
	while (request != NULL && answer == NULL && left > 0) {
		answer = control_ask(ref->dir, ref->path, ref->id, request,
		    (int)left, why);
		if (answer != NULL || !jobref_may_ask_again(ref, errno))
			break;
		poll(NULL, 0, JOBREF_PAUSE_MS);
		left = (deadline - clock_mono_us()) / 1000;
	}
	json_decref(request);
	return answer;
}

int
jobref_wait_end(const struct jobref *ref, int64_t timeout_ms)
{
	struct why why;
	struct track *track = track_open(ref->dir, ref->path, ref->id, &why);
	int result;

	if (track == NULL)
		return cmd_error(CMD_FAILED, "%s", why.text);
	result = track_wait_end(track, timeout_ms);
	track_close(track);
	return result == 0 ? CMD_OK : CMD_FAILED;
}
