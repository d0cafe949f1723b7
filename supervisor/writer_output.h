/*
 * writer_output.h - what the thread's two halves of moving output share:
 * writer_output.c does it, writer_loss.c takes over where the disk refuses.
 */
#ifndef SUPERVISOR_WRITER_OUTPUT_H
#define SUPERVISOR_WRITER_OUTPUT_H

#include "writer_queue.h"

/* The next chunk, which stays; one that is carried comes first. False: there
 * is none. */
bool writer_peek_chunk(struct writer *writer, struct writer_chunk *chunk);
/* n bytes of it are dealt with. */
void writer_pop_chunk(struct writer *writer, uint32_t n);
/* So many bytes have left staging. */
void writer_grown(struct writer *writer, uint64_t moved);
/* Closes the segment, if there is anything to close; the next begins behind
 * what is being lost. 0, or -1 with errno: nothing has changed. */
int writer_rotate_log(struct writer *writer, enum writer_trigger trigger);
/* The same, on a full disk at the oldest segment's cost, where on_full says
 * so. */
int writer_rotate_at_cost(struct writer *writer, enum writer_trigger trigger);

/* True for errors that less on the disk may mend. */
bool writer_lacks_room(int error);
/* While bytes are dropped. 1 did something, 0 nothing to do, -1 errno. */
int writer_do_loss(struct writer *writer);
/* errno says why output was not taken. 1: go on, -1: try again later. */
int writer_not_taken(struct writer *writer);

#endif
