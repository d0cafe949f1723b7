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
/* Writes job.exit, or job.lost. 0, or -1: there is no room for events. */
int ending_write(struct life *life);
/* What floods still held back is told, now that nothing will follow. */
void ending_tell_rest(struct life *life);

#endif
