/*
 * psjob.h - one job as `ps` lists it.
 *
 * An ended job's status.json does not change any more and nobody need be
 * asked: only the members that are shown are looked at, which makes a list
 * of a thousand jobs four times as quick.
 */
#ifndef JOBS_CMD_PSJOB_H
#define JOBS_CMD_PSJOB_H

#include <jansson.h>
#include <stdbool.h>

#include "clock.h"
#include "jobdir.h"

struct psjob {
	char id[JOB_ID_MAX];
	char started[CLOCK_TEXT]; /* RFC 3339; "": not yet */
	bool ended;
	bool names_pids; /* of its family, which may be gone */
	char *json;	 /* the whole document, or NULL; owned */
	json_t *row;	 /* the members that the table shows, or NULL; owned */
};

/*
 * Reads a job, for the table or as JSON text. 1; 0: the directory holds no
 * job that can be read; -1: out of memory.
 */
int psjob_load(struct psjob *job, int dir, const char *home, const char *id,
    bool json);
void psjob_release(struct psjob *job);
/* For qsort: newest first; one that has not started yet is the newest. */
int psjob_compare(const void *left, const void *right);

#endif
