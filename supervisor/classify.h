/*
 * classify.h - the supervisor's side of the classifier.
 *
 * Tells it how far the log reaches, hears its verdicts, keeps its cursor.
 * It may die at any time: a new one goes on from the cursor, and verdicts
 * heard before are known by their offsets.
 */
#ifndef SUPERVISOR_CLASSIFY_H
#define SUPERVISOR_CLASSIFY_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "child.h"
#include "segment.h"
#include "why.h"

struct supervisor;

struct classify {
	struct supervisor *supervisor;
	struct child child;
	struct event *save; /* timer: the cursor goes to disk */
	uint64_t offset;    /* all lines before are answered */
	uint64_t lines;
	uint64_t end;	     /* bytes that it has looked at */
	uint64_t told;	     /* what the running one was told */
	struct segment next; /* owned; its socket was full; log_fd -1: none */
	/* Bases of those that it was given and has not passed; the last one
	 * given is always there. */
	uint64_t ahead[MESSAGE_SEGMENTS_MAX];
	unsigned ahead_count;
	bool ended; /* the log will not grow any more */
	bool final_told;
	bool done;	     /* all is answered */
	uint64_t crashed_at; /* cursor at the last crash */
	unsigned crashes;    /* in a row at this cursor */
	bool careful;	     /* the running one says `end` before each line */
	struct message_templates templates; /* as it told them last */
	uint64_t skip; /* the line to leave out; UINT64_MAX: none */
};

/* Reads the cursor and starts it. 0, or -1 with why. */
int classify_init(struct classify *classify, struct supervisor *supervisor,
    struct why *why);
void classify_release(struct classify *classify);
/* The writer has news: the log grew, segments are there. */
void classify_step(struct classify *classify);
/* Nothing will be added to the log any more: have the rest answered. */
void classify_finish(struct classify *classify);
/* The cursor to disk now (or with the next turn of the writer). */
void classify_save(struct classify *classify);

/* classify_cursor.c: reads the cursor, and saves it after a while. 0, or -1:
 * out of memory. */
int classify_open_cursor(struct classify *classify);
void classify_save_soon(struct classify *classify);
/* classify_segments.c: tells a new classifier where to go on; forgets the
 * segments that it has passed. */
void classify_resume(struct classify *classify);
void classify_pass(struct classify *classify);

#endif
