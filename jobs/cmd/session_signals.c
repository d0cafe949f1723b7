/*
 * session_signals.c - what a signal to an attached client means to the job.
 */
#include "session_state.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "pty.h"

#define SESSION_TWICE_US 2000000 /* a second Ctrl-C within this stops */

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

static void
session_want_all(sigset_t *set, const int *signals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		session_want(set, signals[i]);
}

int
session_signals_open(struct attached *attached)
{
	static const int passed[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1,
		SIGUSR2 };
	static const int terminal[] = { SIGWINCH, SIGTSTP, SIGCONT };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (attached->session->signals)
		session_want_all(&set, passed,
		    sizeof(passed) / sizeof(passed[0]));
	if (attached->session->terminal != -1)
		session_want_all(&set, terminal,
		    sizeof(terminal) / sizeof(terminal[0]));
	if (sigprocmask(SIG_BLOCK, &set, &attached->old_mask) == -1)
		return -1;
	attached->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return attached->signal_fd == -1 ? -1 : 0;
}

void
session_signals_close(struct attached *attached)
{
	if (attached->signal_fd == -1)
		return;
	close(attached->signal_fd);
	sigprocmask(SIG_SETMASK, &attached->old_mask, NULL);
}

void
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

void
session_detach(struct attached *attached)
{
	keyboard_stop(&attached->keyboard);
	if (!attached->session->quiet)
		cmd_error(0, "detached; %s goes on (jobwatch attach %s)",
		    attached->session->id, attached->session->id);
	attached->detached = true;
}

/* The terminal is ours to look after, whatever the job does. True: it was
 * about that. */
static bool
session_on_terminal(struct attached *attached, int signo)
{
	switch (signo) {
	case SIGWINCH:
		if (attached->keyboard.master != -1)
			pty_follow_size(attached->keyboard.master);
		return true;
	case SIGTSTP:
		keyboard_pause(&attached->keyboard);
		return true;
	case SIGCONT:
		keyboard_resume(&attached->keyboard);
		return true;
	default:
		return false;
	}
}

static void
session_on_signal(struct attached *attached, int signo)
{
	if (signo == SIGCHLD)
		session_reap();
	else if (session_on_terminal(attached, signo))
		return;
	else if (signo == SIGHUP)
		session_detach(attached);
	else if (track_ended(attached->track))
		attached->leave = true; /* nobody is left to pass it to */
	else if (signo == SIGINT)
		session_on_interrupt(attached);
	else if (signo == SIGTERM)
		request_stop(attached->request);
	else
		request_signal(attached->request, signo);
}

void
session_signals_take(struct attached *attached)
{
	struct signalfd_siginfo info;

	while (read(attached->signal_fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info))
		session_on_signal(attached, (int)info.ssi_signo);
}
