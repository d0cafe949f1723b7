/*
 * tally.h - a job's notifications so far, counted from its files. For
 * overview.c.
 */
#ifndef NOTIFY_TALLY_H
#define NOTIFY_TALLY_H

#include <jansson.h>

#include "why.h"

struct tally {
	char *job;	      /* its id; owned, as all below */
	json_t *outbox;	      /* cursor-notify; NULL: nothing was ever owed */
	json_t *last_sent;    /* the event notify.sent; NULL: none */
	json_t *last_failure; /* notify.failed or notify.gaveup */
	unsigned sent;
	unsigned failed; /* for good; those tried again do not count */
	unsigned gaveup;
};

/* Reads the job directory. 0, or -1: why. */
int tally_init(struct tally *tally, int dir, struct why *why);
void tally_release(struct tally *tally);
/* The letters that are owed, an array; NULL: none. */
const json_t *tally_pending(const struct tally *tally);
/* The whole as the JSON document that --json prints. NULL: memory. */
json_t *tally_to_json(const struct tally *tally);

#endif
