/*
 * session.h - an attached client: follows one job to its end.
 *
 * Prints what the job says on our own stdout and stderr, byte for byte,
 * passes signals on as the contract says, and knows the exit code. It reads
 * the log and asks the control socket; killing it costs the job nothing. Where
 * the job has a terminal and so have we, what is typed here is typed there.
 */
#ifndef JOBS_CMD_SESSION_H
#define JOBS_CMD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

struct session {
	int home_fd;	  /* borrowed */
	const char *home; /* its path, borrowed */
	int dir;	  /* job directory, borrowed */
	const char *id;
	uint64_t from;	   /* first offset to print */
	bool print;	   /* false: only wait */
	bool events;	   /* print what happens instead of the output */
	bool quiet;	   /* no words of our own but errors */
	bool signals;	   /* pass SIGINT and SIGTERM on to the job */
	int terminal;	   /* master of the job's, borrowed; -1: none */
	bool ends;	   /* unless we are its keyboard, nobody is */
	int64_t linger_ms; /* after the job's end, for its alerts */
};

/*
 * Follows until the job has ended and is settled (or lingered long enough).
 * Returns the exit code that `run` owes its caller: the job's own, 128+N,
 * 124, 125, 126 or 127; CMD_OK after a SIGHUP (detached).
 */
int session_follow(const struct session *session);

#endif
