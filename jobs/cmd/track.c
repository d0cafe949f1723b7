/*
 * track.c - see track.h.
 */
#include "track.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "control.h"
#include "jobdir.h"
#include "status.h"

#define TRACK_RETRY_MS 20 /* first pause before connecting again */
#define TRACK_RETRY_LAST_MS 500
#define TRACK_PATIENCE_MS 30000 /* a stopped supervisor is replaced sooner */

struct track {
	int dir;
	const char *home;
	const char *id;
	struct control control; /* fd -1: not connected */
	json_t *state;		/* owned */
	uint64_t end;
	bool ended;
	bool drained;
	bool recorded;
	bool settled;
	bool gone;	  /* no family: the files were read */
	bool heard;	  /* the connection has told us something */
	int64_t retry_us; /* when to connect again */
	int64_t pause_ms; /* and how long to wait after that */
	int64_t give_up_us;
};

/* --- the family is gone ------------------------------------------------- */

static bool
track_file_ended(const json_t *status)
{
	const char *name = json_string_value(json_object_get(status, "state"));
	int state = name == NULL ? -1 : job_state_parse(name);

	return state != -1 && job_state_ended((enum job_state)state);
}

static void
track_read_files(struct track *track)
{
	struct why why;
	json_t *status = status_load(track->dir, track->home, track->id, false,
	    &why);

	control_close(&track->control);
	if (status != NULL) {
		json_decref(track->state);
		track->state = status;
	}
	track->ended = track_file_ended(track->state);
	track->gone = track->drained = track->settled = true;
	track->end = UINT64_MAX;
}

/* --- the connection ----------------------------------------------------- */

static int
track_connect(struct track *track)
{
	json_t *request = json_pack("{s:s}", "cmd", "follow");
	struct why why;
	int result = -1;

	if (request != NULL &&
	    control_connect(&track->control, track->dir, track->home, track->id,
		&why) == 0) {
		result = control_send(&track->control, request);
		if (result == -1)
			control_close(&track->control);
	}
	json_decref(request);
	return result;
}

/* True, and the files are read, when it makes no sense to try again. */
static bool
track_is_hopeless(struct track *track)
{
	if (jobdir_alive(track->dir) == 1 &&
	    clock_mono_us() < track->give_up_us)
		return false;
	track_read_files(track);
	return true;
}

static void
track_later(struct track *track)
{
	track->retry_us = clock_mono_us() + track->pause_ms * 1000;
	if (track->pause_ms < TRACK_RETRY_LAST_MS)
		track->pause_ms *= 2;
}

static void
track_retry(struct track *track)
{
	if (!track_is_hopeless(track) && track_connect(track) == -1)
		track_later(track);
}

static void
track_be_patient(struct track *track)
{
	track->pause_ms = TRACK_RETRY_MS;
	track->give_up_us = clock_mono_us() + TRACK_PATIENCE_MS * INT64_C(1000);
}

/* Patience begins anew after each connection that told us something; one
 * that is closed in silence again and again wears it out. */
static void
track_dropped(struct track *track)
{
	control_close(&track->control);
	if (track->heard)
		track_be_patient(track);
	track->heard = false;
	if (!track->settled && !track_is_hopeless(track))
		track_later(track);
}

struct track *
track_open(int dir, const char *home, const char *id, struct why *why)
{
	struct track *track = calloc(1, sizeof(*track));

	if (track == NULL) {
		why_errno(why, "cannot follow job %s", id);
		return NULL;
	}
	track->dir = dir;
	track->home = home;
	track->id = id;
	track->control.fd = -1;
	track_be_patient(track);
	track_retry(track);
	return track;
}

void
track_close(struct track *track)
{
	if (track == NULL)
		return;
	control_close(&track->control);
	json_decref(track->state);
	free(track);
}

/* --- what it says ------------------------------------------------------- */

static void
track_on_state(struct track *track, json_t *object)
{
	json_decref(track->state);
	track->state = json_incref(object);
	track->ended = json_is_true(json_object_get(object, "ended"));
	track->drained = json_is_true(json_object_get(object, "drained"));
	track->recorded = json_is_true(json_object_get(object, "recorded"));
	track->end = (uint64_t)json_integer_value(
	    json_object_get(object, "end"));
}

/* Objects of a type that we do not know are from a newer family: fine. */
static void
track_on_object(struct track *track, json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	track->heard = true;
	if (type != NULL && strcmp(type, "state") == 0)
		track_on_state(track, object);
	else if (type != NULL && strcmp(type, "settled") == 0)
		track->settled = track->ended;
}

void
track_step(struct track *track)
{
	json_t *object;

	if (track->gone)
		return;
	if (track->control.fd == -1) {
		if (!track->settled && clock_mono_us() >= track->retry_us)
			track_retry(track);
		return;
	}
	while ((object = control_recv(&track->control, 0)) != NULL) {
		track_on_object(track, object);
		json_decref(object);
	}
	if (errno != ETIMEDOUT)
		track_dropped(track);
}

int
track_fd(const struct track *track)
{
	return track->control.fd;
}

int
track_wait_ms(const struct track *track)
{
	int64_t left;

	if (track->gone || track->settled || track->control.fd != -1)
		return -1;
	left = (track->retry_us - clock_mono_us() + 999) / 1000;
	return left < 0 ? 0 : (int)left;
}

bool
track_ended(const struct track *track)
{
	return track->ended;
}

bool
track_drained(const struct track *track)
{
	return track->drained;
}

uint64_t
track_end(const struct track *track)
{
	return track->end;
}

bool
track_recorded(const struct track *track)
{
	return track->recorded || track->settled;
}

bool
track_gone(const struct track *track)
{
	return track->gone;
}

bool
track_settled(const struct track *track)
{
	return track->settled;
}

bool
track_lost(const struct track *track)
{
	const char *state = json_string_value(
	    json_object_get(track->state, "state"));

	return track->gone &&
	    (!track->ended || state == NULL ||
		strcmp(state, job_state_name(JOB_LOST)) == 0);
}

const json_t *
track_state(const struct track *track)
{
	return track->state;
}

static int
track_wait(struct track *track, bool (*met)(const struct track *),
    int64_t timeout_ms)
{
	int64_t deadline = timeout_ms < 0 ? INT64_MAX
					  : clock_mono_us() + timeout_ms * 1000;

	while (!met(track) && !track->gone) {
		struct pollfd p = { .fd = track_fd(track), .events = POLLIN };
		int64_t left = (deadline - clock_mono_us()) / 1000;
		int wait = track_wait_ms(track);

		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (deadline != INT64_MAX && (wait == -1 || left < wait))
			wait = left < INT32_MAX ? (int)left : INT32_MAX;
		if (poll(&p, 1, wait) >= 0 || errno == EINTR)
			track_step(track);
	}
	return 0;
}

int
track_wait_end(struct track *track, int64_t timeout_ms)
{
	return track_wait(track, track_ended, timeout_ms);
}

int
track_wait_recorded(struct track *track, int64_t timeout_ms)
{
	return track_wait(track, track_recorded, timeout_ms);
}
