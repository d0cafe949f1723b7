/*
 * courier.c - see courier.h. What follows from an attempt is in fate.c.
 */
#include "courier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fate.h"
#include "route.h"

struct flight {
	LIST_ENTRY(flight) next;
	struct courier *courier;
	struct letter *letter;
	struct request request; /* owned */
};

static struct channel *
courier_channel(const struct courier *courier, const struct letter *letter)
{
	return &courier->channels->at[letter->channel];
}

static void
courier_land(struct flight *flight)
{
	courier_channel(flight->courier, flight->letter)->flying--;
	flight->letter->flying = false;
	LIST_REMOVE(flight, next);
	request_release(&flight->request);
	free(flight);
}

static void
courier_done_cb(const struct http_answer *answer, void *arg)
{
	struct flight *flight = arg;
	struct courier *courier = flight->courier;
	struct letter *letter = flight->letter;
	char words[32];
	struct fate fate = {
		.verdict = verdict_of(answer->status),
		.error = answer->error,
		.retry_after_s = answer->retry_after_s,
	};

	if (answer->hopeless)
		fate.verdict = VERDICT_REFUSED;
	if (answer->status != 0) {
		snprintf(words, sizeof(words), "HTTP %ld", answer->status);
		fate.error = words;
	}
	courier_land(flight);
	fate_settle(courier, letter, &fate);
	courier->settled(courier->arg);
}

/* The request for a letter: its event, as a notice, in the channel's words.
 * 0, or -1: fate and why say what stood in the way. */
static int
courier_compose(struct courier *courier, const struct letter *letter,
    struct request *request, struct why *why)
{
	const struct channel *channel = courier_channel(courier, letter);
	struct occurrence occurrence;
	struct notice notice;
	char *line;
	int result = -1;

	if (fate_read_event(courier, letter, &occurrence, &line) == -1) {
		why_set(why, "the event is not in events.jsonl any more");
		errno = EINVAL;
		return -1;
	}
	subject_refresh(courier->subject, courier->dir);
	if (notice_init(&notice, &courier->frame, &occurrence) == 0) {
		notice.id = letter->id;
		notice.line = line;
		result = channel_build(channel, &notice, request, why);
		notice_release(&notice);
	} else
		why_errno(why, "cannot make the message");
	occurrence_release(&occurrence);
	free(line);
	return result;
}

static struct flight *
flight_new(struct courier *courier, struct letter *letter)
{
	struct flight *flight = malloc(sizeof(*flight));

	if (flight == NULL)
		return NULL;
	flight->courier = courier;
	flight->letter = letter;
	request_init(&flight->request);
	letter->flying = true;
	courier_channel(courier, letter)->flying++;
	LIST_INSERT_HEAD(&courier->flights, flight, next);
	return flight;
}

/* 0: under way, or -1: fate says what stood in the way, in why's words. */
static int
courier_take_off(struct courier *courier, struct letter *letter,
    struct fate *fate, struct why *why)
{
	const struct channel *channel = courier_channel(courier, letter);
	struct flight *flight;

	fate->verdict = VERDICT_CLOSED;
	if (channel->type == NULL)
		return why_set(why, "channel type %s is not there yet",
		    channel->type_name);
	fate->verdict = VERDICT_RETRY;
	if ((flight = flight_new(courier, letter)) == NULL)
		return why_set(why, "out of memory");
	if (courier_compose(courier, letter, &flight->request, why) == -1) {
		if (errno == EINVAL)
			fate->verdict = VERDICT_REFUSED;
		courier_land(flight);
		return -1;
	}
	if (http_send(courier->http, &flight->request, courier_done_cb, flight,
		why) == -1) {
		courier_land(flight);
		return -1;
	}
	return 0;
}

/* When a letter may start, as far as clocks say; INT64_MAX: not before
 * another has landed. */
static int64_t
courier_turn_us(const struct courier *courier, const struct letter *letter)
{
	const struct channel *channel = courier_channel(courier, letter);

	if (letter->flying || channel->flying >= CHANNEL_FLYING_MAX)
		return INT64_MAX;
	return letter->due_us > channel->held_until_us ? letter->due_us
						       : channel->held_until_us;
}

static struct letter *
courier_pick(const struct courier *courier)
{
	int64_t now_us = clock_mono_us();
	struct letter *letter;

	TAILQ_FOREACH (letter, &courier->outbox->letters, next)
		if (courier_turn_us(courier, letter) <= now_us &&
		    !outbox_must_wait(courier->outbox, letter))
			return letter;
	return NULL;
}

int
courier_start(struct courier *courier)
{
	struct letter *letter;
	struct why why;

	while (!report_is_behind(courier->report) &&
	    (letter = courier_pick(courier)) != NULL) {
		struct fate fate = { .error = why.text };

		if (courier_take_off(courier, letter, &fate, &why) == -1) {
			fate_settle(courier, letter, &fate);
			return 1;
		}
	}
	return 0;
}

void
courier_stop(struct courier *courier)
{
	while (!LIST_EMPTY(&courier->flights))
		courier_land(LIST_FIRST(&courier->flights));
}

int64_t
courier_next_us(const struct courier *courier)
{
	int64_t next_us = INT64_MAX;
	const struct letter *letter;

	TAILQ_FOREACH (letter, &courier->outbox->letters, next) {
		int64_t turn_us = courier_turn_us(courier, letter);

		if (turn_us < next_us &&
		    !outbox_must_wait(courier->outbox, letter))
			next_us = turn_us;
	}
	return next_us == INT64_MAX ? -1 : next_us;
}

int64_t
courier_quiet_ms(const struct courier *courier)
{
	int64_t next_us = courier_next_us(courier);
	int64_t wait_ms = (next_us - clock_mono_us()) / 1000 + 1;

	if (next_us == -1 ||
	    (wait_ms > HTTP_LONGEST_MS && !LIST_EMPTY(&courier->flights)))
		return HTTP_LONGEST_MS;
	return wait_ms < 1 ? 1 : wait_ms;
}

static int
courier_add(struct courier *courier, const struct letter *model)
{
	struct letter *letter = outbox_add(courier->outbox);

	if (letter == NULL)
		return -1;
	letter->seq = model->seq;
	letter->offset = model->offset;
	letter->length = model->length;
	letter->order = model->order;
	letter->channel = model->channel;
	strcpy(letter->id, model->id);
	return 0;
}

/* Takes back the letters of an event that could not all be made. */
static void
courier_withdraw(struct courier *courier, uint64_t seq)
{
	struct letter *letter;

	while (
	    (letter = TAILQ_LAST(&courier->outbox->letters, letters)) != NULL &&
	    letter->seq == seq)
		outbox_drop(courier->outbox, letter);
}

int
courier_enqueue(struct courier *courier, const struct occurrence *occurrence,
    uint64_t offset, uint64_t length)
{
	struct letter model = {
		.seq = occurrence->seq,
		.offset = offset,
		.length = length,
		.order = occurrence->order,
	};
	struct channels *channels = courier->channels;
	uint32_t count = route_mark(channels, occurrence, courier->subject);

	for (uint32_t i = 0; count > 0 && i < channels->count; i++) {
		if (!channels->at[i].marked)
			continue;
		model.channel = i;
		if (sign_id(subject_uid(courier->subject), occurrence->seq,
			channels->at[i].name, model.id) == -1 ||
		    courier_add(courier, &model) == -1) {
			courier_withdraw(courier, occurrence->seq);
			return -1;
		}
	}
	return (int)count;
}
