/*
 * fate.c - see fate.h.
 */
#include "fate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "backoff.h"
#include "clock.h"
#include "event.h"
#include "io.h"
#include "log.h"
#include "route.h"

typedef void fate_step(struct courier *courier, struct letter *letter,
    const struct fate *fate);

int
fate_read_event(const struct courier *courier, const struct letter *letter,
    struct occurrence *occurrence, char **line)
{
	size_t length = (size_t)letter->length;
	char *text;

	*line = NULL;
	if (courier->events == -1 || letter->length > EVENT_LINE_MAX ||
	    (text = malloc(length + 1)) == NULL)
		return -1;
	text[length] = '\0';
	if (io_pread_full(courier->events, text, length,
		(off_t)letter->offset) != (ssize_t)length ||
	    occurrence_init(occurrence, text, length) == -1) {
		free(text);
		return -1;
	}
	if (occurrence->seq != letter->seq) {
		occurrence_release(occurrence);
		free(text);
		return -1;
	}
	*line = text;
	return 0;
}

static void
fate_report(struct courier *courier, const struct letter *letter,
    enum message_delivery_outcome outcome, bool permanent)
{
	const struct report_delivery delivery = {
		.seq = letter->seq,
		.outcome = outcome,
		.attempts = letter->attempts + (outcome == DELIVERY_SENT),
		.permanent = permanent,
		.channel = courier->channels->at[letter->channel].name,
		.id = letter->id,
		.error = letter->error,
	};

	report_delivery(courier->report, &delivery);
}

static void
fate_sent(struct courier *courier, struct letter *letter,
    const struct fate *fate)
{
	(void)fate;
	letter->error[0] = '\0';
	fate_report(courier, letter, DELIVERY_SENT, false);
	outbox_drop(courier->outbox, letter);
}

/* The receiver's wish holds for all of its channel's letters. */
static int64_t
fate_wait_us(struct courier *courier, const struct letter *letter,
    int64_t retry_after_s)
{
	int64_t asked_ms = backoff_asked_ms(retry_after_s);
	uint32_t dice = UINT32_MAX / 2;

	if (asked_ms != -1) {
		courier->channels->at[letter->channel]
		    .held_until_us = clock_mono_us() + asked_ms * 1000;
		return asked_ms * 1000;
	}
	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) != sizeof(dice))
		log_warn("no random numbers: retries keep step");
	return backoff_ms(letter->attempts, dice) * 1000;
}

/* Failures are told at the 1st, 2nd, 4th, 8th… attempt: a network that is
 * down for a day must not fill events.jsonl. */
static void
fate_retry(struct courier *courier, struct letter *letter,
    const struct fate *fate)
{
	const struct channel *channel = &courier->channels->at[letter->channel];
	int64_t left_us = letter->first_us + channel->expire_us -
	    clock_real_us();
	int64_t wait_us;

	letter->attempts++;
	letter_set_error(letter, fate->error);
	if (left_us <= 0) {
		fate_report(courier, letter, DELIVERY_GAVEUP, true);
		outbox_drop(courier->outbox, letter);
		return;
	}
	if ((letter->attempts & (letter->attempts - 1)) == 0)
		fate_report(courier, letter, DELIVERY_FAILED, false);
	wait_us = fate_wait_us(courier, letter, fate->retry_after_s);
	letter->due_us = clock_mono_us() +
	    (wait_us < left_us ? wait_us : left_us);
	courier->outbox->dirty = true;
}

/* A fallback that takes the event by its own filters has it already. */
static void
fate_pass_on(struct courier *courier, const struct letter *letter)
{
	uint32_t index = route_fallback(courier->channels, letter->channel);
	struct occurrence occurrence;
	struct letter *copy;
	char id[SIGN_ID_MAX], *line;
	bool has_it;

	if (index == CHANNEL_NONE || letter->hops >= courier->channels->count ||
	    fate_read_event(courier, letter, &occurrence, &line) == -1)
		return;
	has_it = route_takes(&courier->channels->at[index], &occurrence,
	    courier->subject);
	occurrence_release(&occurrence);
	free(line);
	if (has_it ||
	    sign_id(subject_uid(courier->subject), letter->seq,
		courier->channels->at[index].name, id) == -1 ||
	    outbox_has_id(courier->outbox, id))
		return;
	if ((copy = outbox_add(courier->outbox)) == NULL) {
		log_warn("cannot pass %s on: out of memory", letter->id);
		return;
	}
	strcpy(copy->id, id);
	copy->seq = letter->seq;
	copy->offset = letter->offset;
	copy->length = letter->length;
	copy->order = letter->order;
	copy->channel = index;
	copy->hops = letter->hops + 1;
}

static void
fate_refused(struct courier *courier, struct letter *letter,
    const struct fate *fate)
{
	letter->attempts++;
	letter_set_error(letter, fate->error);
	fate_report(courier, letter, DELIVERY_FAILED, true);
	fate_pass_on(courier, letter);
	outbox_drop(courier->outbox, letter);
}

/* The first letter of the channel that no request is under way for. */
static struct letter *
fate_stranded(const struct courier *courier, uint32_t channel)
{
	struct letter *letter;

	TAILQ_FOREACH (letter, &courier->outbox->letters, next)
		if (letter->channel == channel && !letter->flying)
			return letter;
	return NULL;
}

static void
fate_closed(struct courier *courier, struct letter *letter,
    const struct fate *fate)
{
	uint32_t index = letter->channel;
	struct channel *channel = &courier->channels->at[index];
	struct letter *other;

	if (!channel->closed)
		log_warn("channel %s is not used any more: %s", channel->name,
		    fate->error);
	channel->closed = true;
	fate_refused(courier, letter, fate);
	while ((other = fate_stranded(courier, index)) != NULL)
		fate_refused(courier, other, fate);
}

static fate_step *const fate_steps[VERDICT_COUNT] = {
	[VERDICT_SENT] = fate_sent,
	[VERDICT_RETRY] = fate_retry,
	[VERDICT_REFUSED] = fate_refused,
	[VERDICT_CLOSED] = fate_closed,
};

void
fate_settle(struct courier *courier, struct letter *letter,
    const struct fate *fate)
{
	fate_steps[fate->verdict](courier, letter, fate);
}
