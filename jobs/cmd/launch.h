/*
 * launch.h - makes a job's directory and starts its family.
 */
#ifndef JOBS_CMD_LAUNCH_H
#define JOBS_CMD_LAUNCH_H

#include <jansson.h>

#include "environment.h"
#include "jobdir.h"
#include "policy.h"
#include "why.h"

struct identity;

/* What is to be started; all borrowed. */
struct launch {
	int home_fd;
	const char *home;
	const struct policy *policy;
	const char *policy_text;	   /* the file as given, or "" */
	const json_t *secrets;		   /* resolved */
	const struct environment *own_env; /* the family's */
	const struct environment *env;	   /* the job's, without JOBWATCH_* */
	const struct identity *identity;
	char **argv;	     /* NULL-terminated; as people are told */
	char **program;	     /* what is executed instead; NULL: argv */
	const char *watched; /* whose output the program hands on: a path, or
				"-"; NULL: its own */
	int input;	     /* what the job reads; -1: its terminal, or
				nothing */
	int terminal;	     /* master of the job's terminal; -1: none */
	const char *name;
	const char *cwd;     /* absolute */
	uint64_t open_files; /* the job's soft limit; 0: as it is */
};

/*
 * Starts the family of a new job, which from then on needs us no more. id is
 * filled in; the job directory's descriptor, or -1 with why; then nothing
 * was started, and the directory is gone again.
 */
int launch_job(const struct launch *launch, char id[JOB_ID_MAX],
    struct why *why);
/*
 * Settles what a dead family of a job owes: starts a supervisor for it alone.
 * Its pid (a child of ours); 0: the family lives; -1: why.
 */
int launch_recovery(int home_fd, const char *id, struct why *why);

#endif
