/*
 * subject.h - the job that notices are about: who it is (job.json, once)
 * and how it stands (status.json, whenever a notice is made).
 */
#ifndef NOTIFY_SUBJECT_H
#define NOTIFY_SUBJECT_H

#include <jansson.h>

#include "why.h"

struct subject {
	json_t *identity; /* owned, an object */
	json_t *status;	  /* owned; NULL: not known */
};

/* Reads job.json of the directory. 0, or -1: why. */
int subject_init(struct subject *subject, int dir, struct why *why);
void subject_release(struct subject *subject);
/* Reads status.json again; what is not there is not known. */
void subject_refresh(struct subject *subject, int dir);
/* A text of job.json, or NULL. */
const char *subject_text(const struct subject *subject, const char *key);
/* What makes message ids this job's own, on every host. */
const char *subject_uid(const struct subject *subject);

#endif
