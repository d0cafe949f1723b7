/*
 * backoff.h - how long a failed delivery waits for its next attempt.
 */
#ifndef NOTIFY_BACKOFF_H
#define NOTIFY_BACKOFF_H

#include <stdint.h>

#define BACKOFF_MIN_MS 500
#define BACKOFF_FIRST_MS 5000 /* the first retry follows within */
#define BACKOFF_MAX_MS (15 * 60 * 1000)
#define BACKOFF_ASKED_MAX_MS                            \
	(60 * 60 * 1000) /* what a receiver may ask for \
			  */

/*
 * Milliseconds until the next attempt, after `attempts` (from 1) failed.
 * Full jitter: anywhere between the least wait and an upper bound that
 * doubles, so that many senders do not come back as one. `dice` is 32
 * random bits.
 */
int64_t backoff_ms(unsigned attempts, uint32_t dice);
/* What a receiver asked for (Retry-After), in bounds; -1: it asked nothing
 * that makes sense. */
int64_t backoff_asked_ms(int64_t seconds);

#endif
