/*
 * serve.c - see serve.h. One step after whatever happened: read events into
 * letters, save the outbox, start what is due, tell the supervisor, arm the
 * timer for what comes next.
 */
#include "serve.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "confine.h"
#include "family.h"
#include "intake.h"
#include "io.h"
#include "log.h"

#define US 1000000
#define SERVE_IDLE_S 60
#define SERVE_SAVE_AGAIN_S 5 /* when the disk is full */
#define SERVE_POLICY_MAX (4 * 1024 * 1024)

struct serve {
	struct event_base *base;
	struct event *peer; /* the supervisor says something */
	struct event *turn; /* the next letter's turn, or save again */
	struct event *step; /* activated when a step is due */
	struct event *idle; /* nothing to do for SERVE_IDLE_S */
	struct policy policy;
	struct credentials credentials;
	struct subject subject;
	struct channels channels;
	struct outbox outbox;
	struct courier courier;
	struct intake intake;
	struct message_outbox told; /* the last report of the outbox */
	uint64_t saved_cursor;
	bool save_failed;	/* said once */
	int code;		/* to exit with */
	struct message message; /* as received: too large for a stack */
};

static void
serve_end(struct serve *serve, int code)
{
	serve->code = code;
	event_base_loopbreak(serve->base);
}

/* A full disk does not hold an alert back: after a crash the same events are
 * read again, and the same ids sent. */
static void
serve_save(struct serve *serve)
{
	struct why why;

	if (outbox_save(&serve->outbox, FAMILY_FD_DIR, &serve->channels,
		&why) == 0) {
		serve->saved_cursor = serve->outbox.cursor;
		serve->save_failed = false;
		return;
	}
	if (!serve->save_failed)
		log_warn("%s", why.text);
	serve->save_failed = true;
}

/* Each time that something is owed, too: the supervisor must know by when it
 * will hear of us again, to replace us where it does not. */
static void
serve_tell_outbox(struct serve *serve)
{
	struct message_outbox now = {
		.cursor = serve->outbox.cursor,
		.end = serve->intake.end,
		.pending = serve->outbox.count,
	};
	int64_t quiet_ms;

	if (now.pending > 0) {
		quiet_ms = courier_quiet_ms(&serve->courier);
		now.within_ms = quiet_ms > UINT32_MAX ? UINT32_MAX
						      : (uint32_t)quiet_ms;
	} else if (memcmp(&now, &serve->told, sizeof(now)) == 0)
		return;
	serve->told = now;
	report_outbox(serve->courier.report, &now);
}

static void
serve_arm_turn(struct serve *serve)
{
	int64_t next_us = courier_next_us(&serve->courier);
	int64_t wait_us = next_us - clock_mono_us();
	struct timeval wait = { SERVE_SAVE_AGAIN_S, 0 };

	event_del(serve->turn);
	if (wait_us < 0)
		wait_us = 0;
	if (next_us != -1 && !report_is_behind(serve->courier.report) &&
	    (!serve->outbox.dirty || wait_us < wait.tv_sec * US)) {
		wait.tv_sec = wait_us / US;
		wait.tv_usec = wait_us % US;
	} else if (!serve->outbox.dirty)
		return;
	event_add(serve->turn, &wait);
}

static void
serve_arm_idle(struct serve *serve)
{
	const struct timeval wait = { SERVE_IDLE_S, 0 };

	if (serve->outbox.count == 0)
		event_add(serve->idle, &wait);
	else
		event_del(serve->idle);
}

static void
serve_step(struct serve *serve)
{
	intake_take(&serve->intake, &serve->courier);
	do
		if (serve->outbox.dirty)
			serve_save(serve);
	while (courier_start(&serve->courier) != 0);
	serve_tell_outbox(serve);
	serve_arm_turn(serve);
	serve_arm_idle(serve);
}

/* For libevent and for callbacks that are deep in someone else's work. */
static void
serve_step_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve_step(arg);
}

static void
serve_settled_cb(void *arg)
{
	struct serve *serve = arg;

	event_active(serve->step, EV_TIMEOUT, 0);
}

static void
serve_idle_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve_end(arg, 0);
}

static void
serve_on_events(struct serve *serve)
{
	const struct message_events *events = (void *)serve->message.body;

	serve->told.cursor = UINT64_MAX; /* it is to be answered */
	if (intake_reaches(&serve->intake, &serve->courier, events->end) == -1)
		serve_end(serve, 1);
}

/* All that the supervisor has said, then one step. */
static void
serve_peer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct serve *serve = arg;
	int result;

	(void)what;
	while ((result = message_recv(fd, PROC_NOTIFIER, &serve->message)) == 1)
		serve_on_events(serve); /* the only type that reaches us */
	if (result == 0 || !io_again(errno)) {
		if (result == -1)
			log_warn("cannot go on: a bad message from the "
				 "supervisor");
		serve_end(serve, result == 0 ? 0 : 1);
		return;
	}
	serve_step(serve);
}

static int
serve_load_policy(struct serve *serve, struct why *why)
{
	size_t length;
	char *text = io_load(FAMILY_FD_DIR, "policy.json", SERVE_POLICY_MAX,
	    &length);
	int result;

	if (text == NULL)
		return why_errno(why, "cannot read policy.json");
	result = policy_from_json(&serve->policy, text, length, why);
	free(text);
	return result;
}

static int
serve_load(struct serve *serve, struct why *why)
{
	struct why damage;

	if (serve_load_policy(serve, why) == -1 ||
	    subject_init(&serve->subject, FAMILY_FD_DIR, why) == -1)
		return -1;
	if (credentials_init(&serve->credentials, FAMILY_FD_SECRETS) == -1 ||
	    channels_init(&serve->channels, &serve->policy,
		&serve->credentials) == -1)
		return why_set(why, "out of memory");
	if (outbox_load(&serve->outbox, FAMILY_FD_DIR, &serve->channels,
		&damage) == -1)
		log_warn("%s: starting from the first event", damage.text);
	serve->saved_cursor = serve->outbox.cursor;
	return 0;
}

static struct event *
serve_timer(struct serve *serve, event_callback_fn callback)
{
	return event_new(serve->base, -1, 0, callback, serve);
}

static int
serve_watch(struct serve *serve, struct why *why)
{
	serve->base = event_base_new();
	if (serve->base == NULL)
		return why_set(why, "cannot make an event loop");
	serve->peer = event_new(serve->base, FAMILY_FD_PEER,
	    EV_READ | EV_PERSIST, serve_peer_cb, serve);
	serve->turn = serve_timer(serve, serve_step_cb);
	serve->step = serve_timer(serve, serve_step_cb);
	serve->idle = serve_timer(serve, serve_idle_cb);
	serve->courier.report = report_new(serve->base, FAMILY_FD_PEER,
	    serve_settled_cb, serve);
	if (serve->peer == NULL || serve->turn == NULL || serve->step == NULL ||
	    serve->idle == NULL || serve->courier.report == NULL)
		return why_set(why, "out of memory");
	if (io_nonblock(FAMILY_FD_PEER, true) == -1 ||
	    event_add(serve->peer, NULL) == -1)
		return why_errno(why, "cannot hear the supervisor");
	serve->courier.http = http_new(serve->base, why);
	return serve->courier.http == NULL ? -1 : 0;
}

static void
serve_wire(struct serve *serve)
{
	struct courier *courier = &serve->courier;

	LIST_INIT(&courier->flights);
	courier->channels = &serve->channels;
	courier->outbox = &serve->outbox;
	courier->subject = &serve->subject;
	courier->frame.subject = &serve->subject;
	courier->frame.policy = &serve->policy;
	courier->dir = FAMILY_FD_DIR;
	courier->events = -1;
	courier->settled = serve_settled_cb;
	courier->arg = serve;
}

static int
serve_start(struct serve *serve, struct why *why)
{
	struct why weak;

	outbox_init(&serve->outbox);
	intake_init(&serve->intake);
	serve_wire(serve);
	if (serve_load(serve, why) == -1 || serve_watch(serve, why) == -1)
		return -1;
	/* A kernel without seccomp must not cost the user his alerts. */
	if (confine_enter(CONFINE_NOTIFIER, &weak) == -1)
		log_warn("going on unconfined: %s", weak.text);
	intake_open(&serve->intake, &serve->courier);
	serve->told.cursor = UINT64_MAX; /* the first report is due */
	serve_step(serve);
	return 0;
}

static void
serve_release(struct serve *serve)
{
	struct event *events[] = { serve->peer, serve->turn, serve->step,
		serve->idle };

	http_free(serve->courier.http);
	courier_stop(&serve->courier);
	report_free(serve->courier.report);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (serve->base != NULL)
		event_base_free(serve->base);
	intake_release(&serve->intake);
	outbox_release(&serve->outbox);
	channels_release(&serve->channels);
	credentials_release(&serve->credentials);
	subject_release(&serve->subject);
	policy_release(&serve->policy);
	free(serve);
}

int
serve_run(void)
{
	struct serve *serve = calloc(1, sizeof(*serve));
	struct why why;
	int code = 1;

	if (serve == NULL) {
		log_warn("cannot start: out of memory");
		return code;
	}
	if (serve_start(serve, &why) == -1)
		log_warn("cannot start: %s", why.text);
	else {
		event_base_dispatch(serve->base);
		code = http_is_broken(serve->courier.http) ? 1 : serve->code;
		if (serve->outbox.dirty ||
		    serve->outbox.cursor != serve->saved_cursor)
			serve_save(serve);
	}
	serve_release(serve);
	return code;
}
