/*
 * jobdir.h - the job directories in the home, and whose lock is held.
 *
 * All work goes by directory descriptor, so that a home path of any length
 * works. Layout: HOME/jobs/ID/ holds a job; HOME/counters/NAME its last
 * number; HOME/running/ID exists from a job's start until its family's
 * work is done, so that finding the live and the fallen costs nothing.
 */
#ifndef JOBS_CORE_JOBDIR_H
#define JOBS_CORE_JOBDIR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "why.h"

#define JOB_NAME_MAX 63
#define JOB_ID_MAX 96 /* room for NAME-N, NUL included */

/* True for [A-Za-z0-9][A-Za-z0-9._-]{0,62}. */
bool job_name_ok(const char *name);
/* Any text as a job name: other characters become '-'. */
void job_name_from(const char *text, char name[JOB_NAME_MAX + 1]);

/*
 * Makes the directory of a new job NAME-N: N is one more than ever used for
 * this name, whoever else asks at the same time. Its descriptor, or -1.
 */
int jobdir_create(int home, const char *name, char id[JOB_ID_MAX],
    struct why *why);
/* The directory of an id, or of a name's newest job; id is filled in.
 * -1: why, and errno is ENOENT where there is no such job. */
int jobdir_find(int home, const char *job, char id[JOB_ID_MAX],
    struct why *why);
int jobdir_open(int home, const char *id);
/*
 * Calls visit with each id in HOME/jobs (or only those in HOME/running), in
 * no order, until it returns non-zero. That value, 0, or -1 with errno.
 */
int jobdir_each(int home, bool running_only,
    int (*visit)(const char *id, void *arg), void *arg);
/* Removes the job's directory and all in it. 0, or -1 with errno. */
int jobdir_remove(int home, const char *id);

/* 1: the family lives (its lock is held), 0: it does not, -1: errno. */
int jobdir_alive(int dir);
/* Takes the lock for good; the descriptor holds it. -1: errno (EAGAIN: the
 * family lives). */
int jobdir_lock(int dir);
/* Entry in HOME/running. 0, or -1 with errno. */
int jobdir_mark(int home, const char *id);
int jobdir_unmark(int home, const char *id);

/* job.json, to be released with json_decref. NULL: why. */
json_t *jobdir_identity(int dir, struct why *why);
/* Text of this boot (/proc/sys/kernel/random/boot_id), "" if unknown. */
const char *jobdir_boot_id(char out[40]);

#endif
