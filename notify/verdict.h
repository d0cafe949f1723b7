/*
 * verdict.h - what an HTTP status means for a message and its channel.
 */
#ifndef NOTIFY_VERDICT_H
#define NOTIFY_VERDICT_H

enum verdict {
	VERDICT_SENT,
	VERDICT_RETRY,	 /* later */
	VERDICT_REFUSED, /* this message, for ever */
	VERDICT_CLOSED,	 /* the channel, for this job */
	VERDICT_COUNT
};

/* status 0: there was no answer. */
enum verdict verdict_of(long status);

#endif
