/*
 * session.c - see session.h.
 *
 * One loop over what may happen: signals, the family's words, the growing
 * log, room in the output when our reader is slow, and the keyboard. Nothing
 * in it blocks but the poll, so that Ctrl-C works whatever state the others
 * are in.
 */
#include "session_state.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "outcome.h"
#include "status.h"

#define SESSION_RECORD_MS INT64_C(3000)
#define SESSION_PIECES 16 /* of output between looks at the rest */

/* --- output ------------------------------------------------------------- */

static void
session_say_closed(const struct attached *attached, const struct outlet *outlet)
{
	const char *id = attached->session->id;

	if (errno == EPIPE)
		cmd_error(0, "nobody reads %s any more; %s goes on",
		    outlet->name, id);
	else
		cmd_error(0, "cannot write to %s: %s; %s goes on", outlet->name,
		    strerror(errno), id);
}

static enum follow_result
session_send(struct attached *attached)
{
	struct outlet *const outlets[] = {
		&attached->outlets[STREAM_STDOUT],
		&attached->outlets[STREAM_STDERR],
	};

	return attached->feeds
	    ? eventfeed_send(&attached->feed, outlets[STREAM_STDOUT])
	    : follow_send(attached->follow, outlets);
}

/* The one that was written to last. */
static const struct outlet *
session_outlet(const struct attached *attached)
{
	return attached->feeds ? &attached->outlets[STREAM_STDOUT]
			       : follow_outlet(attached->follow);
}

static void
session_close_source(struct attached *attached)
{
	follow_close(attached->follow);
	attached->follow = NULL;
	if (attached->feeds)
		eventfeed_close(&attached->feed);
	attached->feeds = false;
}

static void
session_say_failed(const struct attached *attached)
{
	struct why why;

	if (attached->feeds)
		why_set(&why, "%s", strerror(errno));
	else
		follow_why(attached->follow, &why);
	cmd_error(0, "cannot read the %s of %s: %s",
	    attached->feeds ? "events" : "output", attached->session->id,
	    why.text);
}

/* True when there may be more at once. */
static bool
session_print(struct attached *attached)
{
	attached->blocked = false;
	switch (session_send(attached)) {
	case FOLLOW_MORE:
		return true;
	case FOLLOW_CLOSED:
		session_say_closed(attached, session_outlet(attached));
		return true;
	case FOLLOW_BLOCKED:
		attached->blocked = true;
		return false;
	case FOLLOW_FAILED:
		session_say_failed(attached);
		session_close_source(attached);
		return false;
	case FOLLOW_IDLE:
		break;
	}
	return false;
}

/* All is out when the log is drained and nothing more is found in it: what
 * is missing then up to the announced end was lost. */
static bool
session_output(struct attached *attached)
{
	bool drained = track_drained(attached->track);
	uint64_t end = track_end(attached->track);

	for (int i = 0; (attached->follow != NULL || attached->feeds) &&
	     session_print(attached);
	     i++)
		if (i == SESSION_PIECES)
			return true;
	if (attached->follow == NULL)
		attached->printed = drained && !attached->blocked;
	if (drained && !attached->blocked && attached->follow != NULL) {
		uint64_t at = follow_at(attached->follow);

		if (at < end && end != UINT64_MAX)
			cmd_error(0,
			    "%s: the last %" PRIu64 " bytes of "
			    "output were lost",
			    attached->session->id, end - at);
		attached->printed = true;
	}
	return false;
}

/* --- the end ------------------------------------------------------------ */

static void
session_tell(struct attached *attached)
{
	const struct session *session = attached->session;

	attached->told = true;
	keyboard_stop(&attached->keyboard); /* the keys are ours again */
	outcome_tell(session->dir, session->home, session->id,
	    track_state(attached->track), session->quiet);
}

/* Who is told of the end may look for it in the events at once. */
static int64_t
session_until(const struct attached *attached)
{
	if (track_recorded(attached->track) ||
	    attached->linger_us > attached->record_us)
		return attached->linger_us;
	return attached->record_us;
}

/* True while there is a reason to stay. */
static bool
session_goes_on(struct attached *attached)
{
	int64_t now = clock_mono_us();

	if (attached->detached)
		return false;
	if (!attached->printed && !(attached->leave && attached->blocked))
		return true;
	if (!attached->told)
		session_tell(attached);
	if (attached->leave)
		return false;
	if (attached->blocked)
		return true;
	if (attached->linger_us == 0) {
		attached->linger_us = now +
		    attached->session->linger_ms * 1000 + 1;
		attached->record_us = now + SESSION_RECORD_MS * 1000;
	}
	return !track_settled(attached->track) && now < session_until(attached);
}

/* --- the loop ----------------------------------------------------------- */

static int
session_sooner(int a, int b)
{
	if (a == -1 || b == -1)
		return a == -1 ? b : a;
	return a < b ? a : b;
}

/* All output has an end; events come until all is settled. */
static bool
session_wants(const struct attached *attached)
{
	return attached->feeds ||
	    (attached->follow != NULL && !attached->printed);
}

static int
session_timeout(const struct attached *attached)
{
	int wait = track_wait_ms(attached->track);

	if (session_wants(attached) && !attached->blocked)
		wait = session_sooner(wait,
		    attached->feeds ? eventfeed_wait_ms(&attached->feed)
				    : follow_wait_ms(attached->follow));
	if (attached->linger_us != 0) {
		int64_t left = session_until(attached) - clock_mono_us();

		wait = session_sooner(wait,
		    left < 0 ? 0 : (int)(left / 1000 + 1));
	}
	return wait;
}

/* Sleeps until one of the sources has something; busy: only looks. */
static void
session_poll(struct attached *attached, bool busy)
{
	bool wants = session_wants(attached);
	struct pollfd p[6] = {
		{ .fd = attached->signal_fd, .events = POLLIN },
		{ .fd = track_fd(attached->track), .events = POLLIN },
		{ .fd = request_fd(attached->request), .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	keyboard_poll(&attached->keyboard, p + 4);
	if (wants && !attached->blocked && !busy)
		p[3].fd = attached->feeds ? eventfeed_fd(&attached->feed)
					  : follow_fd(attached->follow);
	if (wants && attached->blocked) {
		p[3].fd = outlet_poll_fd(session_outlet(attached));
		p[3].events = POLLOUT;
	}
	if (poll(p, sizeof(p) / sizeof(p[0]),
		busy ? 0 : session_timeout(attached)) == -1)
		return;
	if (!keyboard_step(&attached->keyboard, p + 4))
		session_detach(attached);
	if (p[0].revents != 0)
		session_signals_take(attached);
	if (p[2].revents != 0)
		request_step(attached->request);
	if (p[1].revents != 0 || p[1].fd == -1)
		track_step(attached->track);
}

static void
session_release(struct attached *attached)
{
	keyboard_stop(&attached->keyboard);
	outlet_release(&attached->outlets[STREAM_STDOUT]);
	outlet_release(&attached->outlets[STREAM_STDERR]);
	session_close_source(attached);
	track_close(attached->track);
	request_free(attached->request);
	session_signals_close(attached);
}

static int
session_init(struct attached *attached, const struct session *session,
    struct why *why)
{
	*attached = (struct attached){ .session = session,
		.signal_fd = -1,
		.keyboard = { .master = -1, .watched = -1 } };
	outlet_init(&attached->outlets[STREAM_STDOUT], STDOUT_FILENO, "stdout");
	outlet_init(&attached->outlets[STREAM_STDERR], STDERR_FILENO, "stderr");
	/* First, so that a Ctrl-C right after the start is not for us. */
	if (session_signals_open(attached) == -1)
		return why_errno(why, "cannot take signals");
	keyboard_start(&attached->keyboard, session->terminal, session->ends);
	attached->track = track_open(session->dir, session->home, session->id,
	    why);
	attached->request = request_new(session->dir, session->home,
	    session->id, why);
	if (attached->track == NULL || attached->request == NULL)
		return -1;
	attached->feeds = session->events;
	if (session->events) {
		eventfeed_open(&attached->feed, session->dir);
	} else if (session->print) {
		attached->follow = follow_open(session->dir, session->id,
		    session->from, why);
		if (attached->follow == NULL)
			return -1;
	}
	return 0;
}

int
session_follow(const struct session *session)
{
	struct attached attached;
	struct why why;
	int code;

	if (session_init(&attached, session, &why) == -1) {
		session_release(&attached);
		return cmd_error(CMD_FAILED, "%s: %s", session->id, why.text);
	}
	session_reap();
	do {
		bool busy = session_output(&attached);

		if (!session_goes_on(&attached))
			break;
		session_poll(&attached, busy);
	} while (!attached.detached);
	code = attached.detached
	    ? CMD_OK
	    : status_exit_code(track_state(attached.track));
	session_release(&attached);
	return code;
}
