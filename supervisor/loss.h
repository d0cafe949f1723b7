/*
 * loss.h - tells of output that the disk did not take, exactly and once.
 */
#ifndef SUPERVISOR_LOSS_H
#define SUPERVISOR_LOSS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "why.h"
#include "writer.h"

struct supervisor;

struct loss {
	struct supervisor *supervisor;
	struct event *timer;	 /* the next word, while it goes on */
	uint64_t told;		 /* offset behind the last byte told of */
	struct writer_loss held; /* a run that no event has room for yet */
	bool waits; /* on_full = "block": that the job waits is told */
};

/* 0, or -1 with why. */
int loss_init(struct loss *loss, struct supervisor *supervisor,
    struct why *why);
void loss_release(struct loss *loss);
/* The writer has news. */
void loss_step(struct loss *loss);
/* Tells the rest: the output is over. */
void loss_finish(struct loss *loss);
/* Bytes lost in all, by predecessors too. */
uint64_t loss_total(const struct loss *loss);

#endif
