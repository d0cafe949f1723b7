/*
 * status.h - how a job stands, as people and scripts are told.
 *
 * status.json is a cache that the supervisor replaces now and then; the
 * truth about life is the lock. status_load puts the two together.
 */
#ifndef JOBS_CORE_STATUS_H
#define JOBS_CORE_STATUS_H

#include <jansson.h>
#include <stdbool.h>

#include "why.h"

enum job_state {
	JOB_STARTING,
	JOB_RUNNING,
	JOB_STOPPING,
	JOB_EXITED,
	JOB_FAILED,
	JOB_KILLED,
	JOB_LOST,
	JOB_UNKNOWN,
	JOB_STATE_COUNT
};

enum job_reason {
	REASON_NONE,
	REASON_EXIT,
	REASON_SIGNAL,
	REASON_OOM,
	REASON_STALL,
	REASON_ACTION_TIMEOUT,
	REASON_WALL_LIMIT,
	REASON_RULE,
	REASON_STOPPED,
	REASON_SPAWN_FAILED,
	REASON_LOST,
	REASON_COUNT
};

const char *job_state_name(enum job_state state);
const char *job_reason_name(enum job_reason reason); /* NULL for none */
/* The enum's value, or -1. */
int job_state_parse(const char *name);
int job_reason_parse(const char *name);
/* True for exited, failed, killed and lost. */
bool job_state_ended(enum job_state state);
/* True where the policy ended the job, so that `run` exits with 124. */
bool job_reason_is_policy(enum job_reason reason);

/* `processes` of a family that is gone, whatever its last report said. */
#define STATUS_NO_PROCESSES                                         \
	"{\"keeper\":null,\"supervisor\":null,\"classifier\":null," \
	"\"notifier\":null}"

/*
 * The status document of a job (the keys of CONTRACT, section 4), to be
 * released with json_decref. A job that is not over: asks the family when
 * `live` (within a second), else what the file says; "lost" when nobody
 * holds its lock on this host and boot; "unknown" when it is another host's.
 * runtime_s is computed up to now; processes that nobody's lock speaks for
 * are null. NULL: why.
 */
json_t *status_load(int dir, const char *home, const char *id, bool live,
    struct why *why);
/* True when status.json itself says that the job is over. */
bool status_is_final(int dir);
/* True when job.json's host is this one; another's lock may not be seen. */
bool status_is_here(const json_t *identity);
/* The exit code that `run` gives for an ended job's status. */
int status_exit_code(const json_t *status);

#endif
