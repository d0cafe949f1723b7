/*
 * request.h - what an attached client asks of the family, unanswered so far.
 *
 * A Ctrl-C must not wait for a supervisor that is just being replaced: the
 * request is sent, its connection kept until the answer comes, and a refusal
 * is told to the user then.
 */
#ifndef JOBS_CMD_REQUEST_H
#define JOBS_CMD_REQUEST_H

#include "why.h"

struct request;

/* Borrows all three. NULL: why. */
struct request *request_new(int dir, const char *home, const char *id,
    struct why *why);
void request_free(struct request *request);
/* Pass a signal on to the job; begin its stop sequence. */
void request_signal(struct request *request, int signo);
void request_stop(struct request *request);
/* To poll for POLLIN; -1: nothing is unanswered. */
int request_fd(const struct request *request);
/* Takes an answer that is there. */
void request_step(struct request *request);

#endif
