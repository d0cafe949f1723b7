/*
 * diskspace.h - [limits] disk_free: a word before the disk is full.
 */
#ifndef SUPERVISOR_DISKSPACE_H
#define SUPERVISOR_DISKSPACE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "why.h"

struct supervisor;

struct diskspace {
	struct supervisor *supervisor;
	struct event *timer; /* the next look; none where no limit is set */
	int64_t limit;	     /* bytes, -1: none */
	bool low;	     /* told */
};

/* 0, or -1 with why. */
int diskspace_init(struct diskspace *space, struct supervisor *supervisor,
    struct why *why);
void diskspace_release(struct diskspace *space);
/* The writer has news. */
void diskspace_step(struct diskspace *space);

#endif
