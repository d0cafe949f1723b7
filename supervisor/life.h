/*
 * life.h - from the job's start to the family's end.
 *
 * The job ends; its pipes are drained; the rest of its output is answered;
 * job.exit is written; what is owed to people is delivered; the family
 * leaves. life_step looks which of these is due, and is called whenever one
 * of the conditions may have changed.
 */
#ifndef SUPERVISOR_LIFE_H
#define SUPERVISOR_LIFE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "status.h"
#include "why.h"

struct supervisor;

enum life_stage {
	LIFE_RUNNING,	/* or about to */
	LIFE_DRAINING,	/* the main process has ended */
	LIFE_ANSWERING, /* all output is in the log */
	LIFE_OWING,	/* job.exit is written */
	LIFE_SETTLED,	/* nothing is owed to anybody */
};

struct life {
	struct supervisor *supervisor;
	enum life_stage stage;
	enum job_state state;
	enum job_reason reason;
	char detail[WHY_MAX];
	struct message_job job; /* as the keeper told last */
	int pidfd;		/* -1: none */
	bool keeper_gone;
	bool status_known; /* wait_status is true */
	int wait_status;
	int64_t ended_real_us;
	int64_t ended_mono_us;
	uint64_t end;	      /* of the output, once it is known */
	uint32_t started;     /* the attempt whose job.start is queued */
	bool told;	      /* job.exit or job.lost is queued */
	bool owing;	      /* alerts were left for recover to send */
	bool impatient;	      /* a full disk was waited for */
	bool hopeless;	      /* and waited for again */
	unsigned drains;      /* looks at a disk that refuses output */
	bool recorded;	      /* how it ended is in events.jsonl */
	struct event *exited; /* on pidfd, when nobody waits for the job */
	struct event *timer;  /* of the stage */
	unsigned asked;	      /* tries for the status without a keeper */
};

/* 0, or -1 with why. */
int life_init(struct life *life, struct supervisor *supervisor,
    struct why *why);
void life_release(struct life *life);
/* The keeper says how the job stands; message may carry a pidfd. */
void life_on_job(struct life *life, const struct message *message);
void life_on_keeper_gone(struct life *life);
/* In recover: the job's end was not seen by anyone. */
void life_recover(struct life *life);
/* Goes on where the next condition is met. */
void life_step(struct life *life);
bool life_has_ended(const struct life *life);
/* True when the policy ended the job, so that `run` exits with 124. */
bool life_by_policy(const struct life *life);

#endif
