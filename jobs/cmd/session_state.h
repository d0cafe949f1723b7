/*
 * session_state.h - what the two files of session.h share.
 */
#ifndef JOBS_CMD_SESSION_STATE_H
#define JOBS_CMD_SESSION_STATE_H

#include <signal.h>

#include "eventfeed.h"
#include "follow.h"
#include "keyboard.h"
#include "request.h"
#include "session.h"
#include "track.h"

struct attached {
	const struct session *session; /* borrowed */
	struct track *track;
	struct follow *follow; /* NULL: prints no output */
	struct eventfeed feed;
	bool feeds; /* prints events */
	struct request *request;
	struct keyboard keyboard;
	struct outlet outlets[STREAM_COUNT];
	bool blocked; /* by session_outlet */
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

/* session_signals.c: from here on signals are ours to read, and are put back
 * as they were. 0, or -1 with errno. */
int session_signals_open(struct attached *attached);
void session_signals_close(struct attached *attached);
/* Does what those that have come ask for. */
void session_signals_take(struct attached *attached);
/* As PID 1 of a container we are the parent of all that others left. */
void session_reap(void);
/* The job goes on without us. */
void session_detach(struct attached *attached);

#endif
