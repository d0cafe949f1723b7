/*
 * jobref.h - the job that a command is about: home, directory, id.
 *
 * Each function that returns an exit code has said what is wrong, so its
 * caller only hands the code on.
 */
#ifndef JOBS_CMD_JOBREF_H
#define JOBS_CMD_JOBREF_H

#include <jansson.h>
#include <stdint.h>

#include "jobdir.h"
#include "status.h"
#include "why.h"

struct jobref {
	int home;   /* owned, as all below */
	char *path; /* of the home */
	int dir;    /* of the job; -1: only the home is open */
	char id[JOB_ID_MAX];
};

/* CMD_OK or CMD_FAILED. To be closed either way, as after jobref_open. */
int jobref_open_home(struct jobref *ref);
/* A job's id or name: CMD_OK, CMD_NO_JOB or CMD_FAILED. */
int jobref_open(struct jobref *ref, const char *job);
void jobref_close(struct jobref *ref);

/* status_load; NULL: said, the code is CMD_FAILED. */
json_t *jobref_status(const struct jobref *ref, bool live);
/* Takes out of a status document what is no part of the contract. */
void jobref_public(json_t *status);
/* The state in a status document; JOB_UNKNOWN when it names none. */
enum job_state jobref_state(const json_t *status);
/*
 * Asks the family, again when a supervisor goes away before it answers. NULL
 * with why after timeout_ms, or when there is no family (errno ECONNREFUSED
 * or ENOENT), or it refuses (EINVAL). Takes `request`.
 */
json_t *jobref_ask(const struct jobref *ref, json_t *request,
    int64_t timeout_ms, struct why *why);
/* Until the job is over; negative: however long. CMD_OK, or CMD_FAILED and
 * nothing said but for errors: errno ETIMEDOUT. */
int jobref_wait_end(const struct jobref *ref, int64_t timeout_ms);

#endif
