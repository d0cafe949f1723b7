/*
 * outbox.h - what is owed: letters, each one message to one channel, and
 * the cursor up to which events became letters.
 *
 * Both are kept in one file, `cursor-notify`, replaced in one step, so that
 * whatever the instant of a crash no event is skipped: a letter that was
 * delivered but not yet struck off is sent again under the same id. The
 * text of an event is not copied; it stays in events.jsonl, which only
 * grows.
 */
#ifndef NOTIFY_OUTBOX_H
#define NOTIFY_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "channel.h"
#include "sign.h"
#include "why.h"

#define OUTBOX_FILE "cursor-notify"
#define OUTBOX_MAX 1000	     /* letters; the rest waits in events.jsonl */
#define OUTBOX_ERROR_MAX 200 /* bytes kept of a letter's last error */

struct letter {
	TAILQ_ENTRY(letter) next; /* in the order of events */
	char id[SIGN_ID_MAX];
	uint64_t seq;	 /* of the event */
	uint64_t offset; /* of its line in events.jsonl */
	uint64_t length; /* without the newline */
	uint64_t order;	 /* letters of one order and channel keep theirs */
	uint32_t channel;
	unsigned hops;	   /* how many channels passed it on to a fallback */
	unsigned attempts; /* that have failed */
	int64_t first_us;  /* wall clock: when it was owed first */
	int64_t due_us;	   /* monotonic: the next attempt */
	bool flying;	   /* a request is under way */
	char error[OUTBOX_ERROR_MAX + 1]; /* of the last attempt */
};

TAILQ_HEAD(letters, letter);

struct outbox {
	struct letters letters;
	uint32_t count;
	uint64_t cursor; /* in events.jsonl */
	uint64_t seq;	 /* of the last event before the cursor */
	bool dirty;	 /* not as in the file */
};

void outbox_init(struct outbox *outbox);
void outbox_release(struct outbox *outbox);
/* True while n more letters fit. */
bool outbox_has_room(const struct outbox *outbox, uint32_t n);
/* A letter at the end, all fields but id, seq, place, order and channel set;
 * the caller sets those. NULL: out of memory. */
struct letter *outbox_add(struct outbox *outbox);
void outbox_drop(struct outbox *outbox, struct letter *letter);
bool outbox_has_id(const struct outbox *outbox, const char *id);
/* True when an earlier letter of its channel and order is still here. */
bool outbox_must_wait(const struct outbox *outbox, const struct letter *letter);
/* Keeps the words of a failure, cut between characters. */
void letter_set_error(struct letter *letter, const char *text);

/*
 * Reads the file, and `closed` of the channels with it. 0: read, or there
 * is none. -1: why; the outbox is then empty and starts from the first
 * event, which sends again under the old ids.
 */
int outbox_load(struct outbox *outbox, int dir, struct channels *channels,
    struct why *why);
/* Writes the file and syncs it. 0 and no longer dirty, or -1: why. */
int outbox_save(struct outbox *outbox, int dir, const struct channels *channels,
    struct why *why);

#endif
