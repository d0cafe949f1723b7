/*
 * ending.h - how a job ended, in the contract's words, and the event that
 * says so.
 */
#ifndef SUPERVISOR_ENDING_H
#define SUPERVISOR_ENDING_H

struct life;

/* Sets state, reason and a sentence from what is known of the job's end; a
 * stop has set reason and detail before. */
void ending_judge(struct life *life);
/* Writes job.exit, or job.lost, after what floods still held back. */
void ending_write(struct life *life);
/* The same floods again, for what was found only after job.exit. */
void ending_tell_rest(struct life *life);

#endif
