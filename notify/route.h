/*
 * route.h - which channels an event goes to.
 */
#ifndef NOTIFY_ROUTE_H
#define NOTIFY_ROUTE_H

#include <stdbool.h>

#include "channel.h"
#include "occurrence.h"
#include "subject.h"

/* True when the channel's own filters take the event. Events that tell of
 * notifications are nobody's. */
bool route_takes(const struct channel *channel,
    const struct occurrence *occurrence, const struct subject *subject);
/*
 * Sets `marked` of each channel that is to get the event: those that take
 * it, or for a closed one its fallback. Returns how many.
 */
uint32_t route_mark(struct channels *channels,
    const struct occurrence *occurrence, const struct subject *subject);
/* The next open channel on the chain of fallbacks, or CHANNEL_NONE. */
uint32_t route_fallback(const struct channels *channels, uint32_t index);

#endif
