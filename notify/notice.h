/*
 * notice.h - what one message tells: an event, put into a person's words.
 * Channels turn it into a request, each in its receiver's format.
 */
#ifndef NOTIFY_NOTICE_H
#define NOTIFY_NOTICE_H

#include "occurrence.h"
#include "policy.h"
#include "subject.h"

#define NOTICE_TITLE_CHARS 120	 /* of the message, after "JOB: " */
#define NOTICE_MESSAGE_MAX 16384 /* bytes of text, context included */

/* What notices of one job have in common; all borrowed. */
struct notice_frame {
	const struct subject *subject;
	const struct policy *policy;
};

struct notice {
	const struct subject *subject; /* borrowed, as all below */
	const struct occurrence *occurrence;
	const char *id;	     /* of the message */
	const char *type;    /* "alert", "resolved", "finished", "test" */
	const char *line;    /* the event as it stands in events.jsonl */
	const char *runbook; /* NULL: none */
	char *title;	     /* owned: one line, valid UTF-8 */
	char *message;	     /* owned: some lines, valid UTF-8 */
};

/* id and line are the caller's to set, and type for a test. Borrows both
 * arguments until release. 0, or -1: out of memory. */
int notice_init(struct notice *notice, const struct notice_frame *frame,
    const struct occurrence *occurrence);
void notice_release(struct notice *notice);

#endif
