/*
 * capture.h - moves the job's output out of its pipes, as fast as it comes.
 *
 * Job pipe to staging pipe by splice(2): pages change owner, no byte enters
 * our memory, the disk is not touched. The writer does the rest. When
 * staging is full, or the writer's queue, the job's pipe is left to fill:
 * that is where the job waits, if it must. A terminal's master is taken for
 * a pipe: splice copies from it without a byte of ours, too, but it holds no
 * more than some 12 KiB, so a job that has one waits sooner.
 */
#ifndef SUPERVISOR_CAPTURE_H
#define SUPERVISOR_CAPTURE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "severity.h"
#include "why.h"
#include "writer.h"

struct capture;

struct capture_callbacks {
	/* Output came; called once for each wake-up that moved bytes. */
	void (*output)(void *arg);
	/* Both streams are at their end. */
	void (*ended)(void *arg);
	void *arg;
};

/* Borrows base and writer. Bytes that a predecessor left in staging are
 * queued first. NULL: why. */
struct capture *capture_new(struct event_base *base, struct writer *writer,
    const struct capture_callbacks *callbacks, struct why *why);
void capture_free(struct capture *capture);
/* The writer has made room: go on where staging was full. */
void capture_resume(struct capture *capture);
/* Moves what is there now; true when some stream still has bytes or writers
 * (a stray holds it). Used to drain after the job's end. */
bool capture_drain(struct capture *capture);
/* True when no stream is open any more. */
bool capture_is_ended(const struct capture *capture);
/* True when output waits because staging is full: our disk is slow, and it
 * is not for the job to pay. */
bool capture_is_blocked(const struct capture *capture);
/* Gives up what is still open, after the drain's time is over. */
void capture_stop(struct capture *capture);
/* Bytes captured by this process so far. */
uint64_t capture_bytes(const struct capture *capture, enum stream stream);

#endif
