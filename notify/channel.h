/*
 * channel.h - the ways to a person: one row for each type, one struct for
 * each [[channel]] of the policy.
 *
 * A new type is a file channel_TYPE.c with a build function, and a row in
 * channel.c.
 */
#ifndef NOTIFY_CHANNEL_H
#define NOTIFY_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "credential.h"
#include "notice.h"
#include "policy.h"
#include "request.h"

#define CHANNEL_NONE UINT32_MAX
#define CHANNEL_FLYING_MAX 4 /* requests of one channel at a time */

struct channel;

struct channel_type {
	const char *name;
	/* Makes the request that tells the notice. 0, or -1: why (without
	 * secrets), and errno is EINVAL where trying again is no use. */
	int (*build)(const struct channel *channel, const struct notice *notice,
	    struct request *request, struct why *why);
};

struct channel {
	const json_t *table; /* borrowed from the policy, as the texts */
	const char *name;
	const char *type_name;
	const struct channel_type *type;       /* NULL: not there yet */
	const struct credentials *credentials; /* borrowed */
	enum severity min_severity;
	uint32_t fallback; /* an index, or CHANNEL_NONE */
	int64_t expire_us;
	bool closed;	       /* refused for good: 401, 404, 410 */
	bool marked;	       /* route.c: it gets the event at hand */
	unsigned flying;       /* requests under way */
	int64_t held_until_us; /* monotonic: the receiver asked for peace */
};

struct channels {
	struct channel *at; /* owned */
	uint32_t count;
};

/* Borrows policy and credentials. 0, or -1: out of memory. */
int channels_init(struct channels *channels, const struct policy *policy,
    const struct credentials *credentials);
void channels_release(struct channels *channels);
/* The index of a name, or CHANNEL_NONE. */
uint32_t channels_find(const struct channels *channels, const char *name);

/* Builds the request of a channel whose type is there; as build above. */
int channel_build(const struct channel *channel, const struct notice *notice,
    struct request *request, struct why *why);
/* A key's value with the secret that it may stand for; NULL: why and errno
 * as credentials_get, or the key has no value (then why is empty). */
const char *channel_value(const struct channel *channel, const char *key,
    struct why *why);

extern const struct channel_type channel_ntfy;
extern const struct channel_type channel_webhook;

#endif
