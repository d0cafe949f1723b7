/*
 * channel.h - the conversation with the supervisor: it says where to go on,
 * which segments there are and how far the output reaches; the channel
 * reads that far, has each line examined and says how far it has come.
 *
 * The cursor names a cut: a place in the output where on neither stream a
 * line or a group was under way. All before it is answered and nothing
 * before it is needed, so whoever starts there sees the same lines.
 */
#ifndef CLASSIFIER_CHANNEL_H
#define CLASSIFIER_CHANNEL_H

#include <stdbool.h>

#include "answer.h"
#include "assembly.h"
#include "examiner.h"
#include "message.h"
#include "reader.h"

#define CHANNEL_NO_SKIP UINT64_MAX
/* How much is read before the cursor is told again. */
#define CHANNEL_STRIDE (1024 * 1024)

struct channel {
	struct reader reader;
	struct assembly assembly;
	struct examiner *examiner; /* borrowed */
	struct answer *answer;	   /* borrowed */
	bool resumed;
	bool careful;
	uint64_t skip;
	uint64_t lines;	    /* finished so far */
	uint64_t cut;	    /* the last one */
	uint64_t cut_lines; /* `lines` there */
	uint64_t told;	    /* where the cursor was told last */
};

/* 0, or -1: out of memory. */
int channel_init(struct channel *channel, struct examiner *examiner,
    struct answer *answer);
void channel_release(struct channel *channel);
/*
 * Handles one message; its descriptors are taken or closed. 0, or -1 with
 * errno: EBADMSG (it made no sense here) or what reading or answering said.
 */
int channel_on_message(struct channel *channel, struct message *message);

#endif
