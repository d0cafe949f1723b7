/*
 * outcome.h - how a job ended, in one line for a person.
 */
#ifndef JOBS_CMD_OUTCOME_H
#define JOBS_CMD_OUTCOME_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* "SIGKILL", or "signal 42" in room. */
const char *outcome_signal(int signo, char room[32]);
/*
 * Says on stderr that a job failed, was killed or is lost; nothing after
 * success. state: what the family said last, or a status; NULL: nothing.
 * quiet: only what is an error of jobwatch (lost, could not be started).
 */
void outcome_tell(int dir, const char *home, const char *id,
    const json_t *state, bool quiet);

#endif
