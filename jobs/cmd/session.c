/*
 * session.c - see session.h.
 *
 * One loop over four sources: signals, the family's words, the growing log
 * and, when our reader is slow, room in the output. Nothing in it blocks
 * but the poll, so that Ctrl-C works whatever state the others are in.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "follow.h"
#include "outcome.h"
#include "request.h"
#include "status.h"
#include "track.h"

#define SESSION_RECORD_MS INT64_C(3000)
#define SESSION_TWICE_US 2000000 /* a second Ctrl-C within this stops */
#define SESSION_PIECES 16	 /* of output between looks at the rest */

struct attached {
	const struct session *session; /* borrowed */
	struct track *track;
	struct follow *follow; /* NULL: prints nothing */
	struct request *request;
	struct outlet outlets[STREAM_COUNT];
	bool blocked; /* by follow_outlet(follow) */
	int signal_fd;
	sigset_t old_mask;
	int64_t interrupted_us; /* the last Ctrl-C; 0: none */
	int64_t linger_us;	/* until when to stay; 0: the job runs */
	int64_t record_us;	/* or until its end is in events.jsonl */
	bool printed;		/* all output is out */
	bool told;		/* how the job ended */
	bool detached;
	bool leave; /* a signal said not to linger */
};

/* --- signals ------------------------------------------------------------ */

/* A signal that we were started with as ignored (nohup, a background job of
 * a shell script) stays so. */
static void
session_want(sigset_t *set, int signo)
{
	struct sigaction action;

	if (sigaction(signo, NULL, &action) == 0 &&
	    action.sa_handler != SIG_IGN)
		sigaddset(set, signo);
}

static int
session_signals(struct attached *attached)
{
	static const int passed[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1,
		SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; attached->session->signals &&
	     i < sizeof(passed) / sizeof(passed[0]);
	     i++)
		session_want(&set, passed[i]);
	if (sigprocmask(SIG_BLOCK, &set, &attached->old_mask) == -1)
		return -1;
	attached->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return attached->signal_fd == -1 ? -1 : 0;
}

/* As PID 1 of a container we are the parent of all that others left. */
static void
session_reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void
session_on_interrupt(struct attached *attached)
{
	int64_t now = clock_mono_us();

	if (attached->interrupted_us != 0 &&
	    now - attached->interrupted_us <= SESSION_TWICE_US)
		request_stop(attached->request);
	else
		request_signal(attached->request, SIGINT);
	attached->interrupted_us = now;
}

static void
session_on_hangup(struct attached *attached)
{
	if (!attached->session->quiet)
		cmd_error(0, "detached; %s goes on (jobwatch attach %s)",
		    attached->session->id, attached->session->id);
	attached->detached = true;
}

static void
session_on_signal(struct attached *attached, int signo)
{
	if (signo == SIGCHLD)
		session_reap();
	else if (signo == SIGHUP)
		session_on_hangup(attached);
	else if (track_ended(attached->track))
		attached->leave = true; /* nobody is left to pass it to */
	else if (signo == SIGINT)
		session_on_interrupt(attached);
	else if (signo == SIGTERM)
		request_stop(attached->request);
	else
		request_signal(attached->request, signo);
}

static void
session_take_signals(struct attached *attached)
{
	struct signalfd_siginfo info;

	while (read(attached->signal_fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info))
		session_on_signal(attached, (int)info.ssi_signo);
}

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

/* True when there may be more at once. */
static bool
session_print(struct attached *attached)
{
	struct outlet *const outlets[] = {
		&attached->outlets[STREAM_STDOUT],
		&attached->outlets[STREAM_STDERR],
	};

	attached->blocked = false;
	switch (follow_send(attached->follow, outlets)) {
	case FOLLOW_MORE:
		return true;
	case FOLLOW_CLOSED:
		session_say_closed(attached, follow_outlet(attached->follow));
		return true;
	case FOLLOW_BLOCKED:
		attached->blocked = true;
		return false;
	case FOLLOW_FAILED:
		cmd_error(0, "cannot read the output of %s: %s",
		    attached->session->id, segment_strerror(errno));
		follow_close(attached->follow);
		attached->follow = NULL;
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

	if (attached->follow == NULL) {
		attached->printed = drained;
		return false;
	}
	for (int i = 0; session_print(attached); i++)
		if (i == SESSION_PIECES)
			return true;
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

static int
session_timeout(const struct attached *attached)
{
	int wait = track_wait_ms(attached->track);

	if (attached->follow != NULL && !attached->printed &&
	    !attached->blocked)
		wait = session_sooner(wait, follow_wait_ms(attached->follow));
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
	const struct follow *follow = attached->follow;
	bool wants = follow != NULL && !attached->printed;
	struct pollfd p[] = {
		{ .fd = attached->signal_fd, .events = POLLIN },
		{ .fd = track_fd(attached->track), .events = POLLIN },
		{ .fd = request_fd(attached->request), .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	if (wants && !attached->blocked && !busy)
		p[3].fd = follow_fd(follow);
	if (wants && attached->blocked) {
		p[3].fd = outlet_poll_fd(follow_outlet(follow));
		p[3].events = POLLOUT;
	}
	if (poll(p, sizeof(p) / sizeof(p[0]),
		busy ? 0 : session_timeout(attached)) == -1)
		return;
	if (p[0].revents != 0)
		session_take_signals(attached);
	if (p[2].revents != 0)
		request_step(attached->request);
	if (p[1].revents != 0 || p[1].fd == -1)
		track_step(attached->track);
}

static void
session_release(struct attached *attached)
{
	outlet_release(&attached->outlets[STREAM_STDOUT]);
	outlet_release(&attached->outlets[STREAM_STDERR]);
	follow_close(attached->follow);
	track_close(attached->track);
	request_free(attached->request);
	if (attached->signal_fd != -1) {
		close(attached->signal_fd);
		sigprocmask(SIG_SETMASK, &attached->old_mask, NULL);
	}
}

static int
session_init(struct attached *attached, const struct session *session,
    struct why *why)
{
	*attached = (struct attached){ .session = session, .signal_fd = -1 };
	outlet_init(&attached->outlets[STREAM_STDOUT], STDOUT_FILENO, "stdout");
	outlet_init(&attached->outlets[STREAM_STDERR], STDERR_FILENO, "stderr");
	/* First, so that a Ctrl-C right after the start is not for us. */
	if (session_signals(attached) == -1)
		return why_errno(why, "cannot take signals");
	attached->track = track_open(session->dir, session->home, session->id,
	    why);
	attached->request = request_new(session->dir, session->home,
	    session->id, why);
	if (attached->track == NULL || attached->request == NULL)
		return -1;
	if (session->print) {
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
