/*
 * recall.h - how a job ended, from what its fallen family has written.
 *
 * job.exit is the truth, but waits until the job's last output is judged;
 * status.json tells of the end at once. An end that either of them knows is
 * not lost.
 */
#ifndef SUPERVISOR_RECALL_H
#define SUPERVISOR_RECALL_H

struct journal_past;
struct life;

/* Sets state, status, reason and times of a life in recover. past borrows. */
void recall_end(struct life *life, const struct journal_past *past);

#endif
