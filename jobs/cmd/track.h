/*
 * track.h - what the family says about its job, until there is no more to
 * say.
 *
 * Holds a control connection in "follow" mode. Supervisors come and go: when
 * the connection ends while the lock is held, it is made anew; when nobody
 * holds the lock, the files have the last word.
 */
#ifndef JOBS_CMD_TRACK_H
#define JOBS_CMD_TRACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "why.h"

struct track;

/* Borrows all three. NULL: why; an unreachable family is no error here. */
struct track *track_open(int dir, const char *home, const char *id,
    struct why *why);
void track_close(struct track *track);

/* To poll for POLLIN; -1: not connected now. */
int track_fd(const struct track *track);
/* Milliseconds until track_step has something to do unasked; -1: never. */
int track_wait_ms(const struct track *track);
/* Takes what the family has said, connects again, or finds that it is gone.
 * Does not block. */
void track_step(struct track *track);

/* The job is over; its exit code is status_exit_code(track_state). */
bool track_ended(const struct track *track);
/* All its output is in the log. */
bool track_drained(const struct track *track);
/* Where it ends; UINT64_MAX: at the log's end, whatever that is. */
uint64_t track_end(const struct track *track);
/* Its end is in events.jsonl. */
bool track_recorded(const struct track *track);
/* No family is there to be asked: what is known is from the files. */
bool track_gone(const struct track *track);
/* Nothing more will be said: alerts are delivered, or nobody is left. */
bool track_settled(const struct track *track);
/* The family vanished before the job's end was written down. */
bool track_lost(const struct track *track);
/* The last state object or, from the files, status; may be NULL. Borrowed
 * until the next step. */
const json_t *track_state(const struct track *track);

/* Blocks until the job is over or its family gone; timeout_ms negative: for
 * as long as that takes. 0, or -1 with errno ETIMEDOUT. */
int track_wait_end(struct track *track, int64_t timeout_ms);
/* The same until its end is in events.jsonl. */
int track_wait_recorded(struct track *track, int64_t timeout_ms);

#endif
