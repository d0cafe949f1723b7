/*
 * journal.c - see journal.h.
 */
#include "journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define FLOODS_MAX 256 /* fingerprints watched at a time */
#define FLOOD_WINDOW_US (60 * INT64_C(1000000))
#define FLOOD_EACH 60  /* events of one fingerprint in a window */
#define FLOOD_ALL 1200 /* of all fingerprints together */

/* One fingerprint's window: what was held back, and its last finding. */
struct flood {
	uint64_t fingerprint;
	int64_t since_us;
	unsigned told;
	unsigned held;
	struct event last; /* its text points into `text` */
	char text[1024];
};

struct journal {
	struct writer *writer;
	struct event_job identity;
	struct journal_past past;
	struct flood floods[FLOODS_MAX];
	struct flood rest; /* of all fingerprints, when all are too many */
	unsigned told;	   /* by all, since told_since */
	int64_t told_since;
	char line[EVENT_LINE_MAX];
};

/* --- writing ------------------------------------------------------------ */

struct journal *
journal_new(struct writer *writer, const struct event_job *identity,
    const struct journal_past *past)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (journal == NULL)
		return NULL;
	journal->writer = writer;
	journal->identity = *identity;
	journal->past = *past;
	return journal;
}

void
journal_free(struct journal *journal)
{
	free(journal);
}

const struct journal_past *
journal_past(const struct journal *journal)
{
	return &journal->past;
}

/* Numbers, formats and queues. An event too long for a line loses its
 * context, then most of its message. */
static int
journal_put(struct journal *journal, struct event *event)
{
	bool sync = event->severity >= SEVERITY_MEDIUM ||
	    event->name == EVENT_JOB_EXIT || event->name == EVENT_JOB_LOST;
	long n;

	event->seq = journal->past.seq + 1;
	n = event_format(event, &journal->identity, journal->line,
	    sizeof(journal->line));
	if (n == -1) {
		event->context = NULL;
		if (event->message_length > 4096)
			event->message_length = 4096;
		n = event_format(event, &journal->identity, journal->line,
		    sizeof(journal->line));
	}
	if (n == -1 ||
	    writer_event(journal->writer, journal->line, (size_t)n, sync) == -1)
		return -1;
	journal->past.seq++;
	if (event->severity > SEVERITY_NONE)
		journal->past.alerts[event->severity]++;
	return 0;
}

int
journal_event(struct journal *journal, enum registry_event name,
    enum severity severity, const char *source, const char *data,
    const char *format, ...)
{
	char message[2048];
	struct event event = {
		.time_us = clock_real_us(),
		.name = name,
		.severity = severity,
		.kind = severity >= SEVERITY_MEDIUM ? KIND_FAILURE
						    : KIND_MILESTONE,
		.message = message,
		.source = source,
		.source_length = strlen(source),
		.score = -1,
		.fingerprint = event_fingerprint(name, source),
		.count = 1,
		.data = data,
	};
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	event.message_length = strlen(message);
	return journal_put(journal, &event);
}

/* --- floods ------------------------------------------------------------- */

static bool
flood_is_over(const struct flood *flood, int64_t now)
{
	return now - flood->since_us >= FLOOD_WINDOW_US;
}

/* Writes the one event that stands for those held back; told before its
 * time, the window goes on, for more may come. */
static int
flood_tell(struct journal *journal, struct flood *flood)
{
	if (flood->held > 0) {
		flood->last.count = flood->held;
		if (journal_put(journal, &flood->last) == -1)
			return -1;
		journal->told++;
	}
	flood->held = 0;
	if (flood_is_over(flood, clock_mono_us()))
		flood->since_us = flood->told = 0;
	return 0;
}

/* The window of a fingerprint: its own, a free one, or the oldest. */
static struct flood *
flood_get(struct journal *journal, uint64_t fingerprint, int64_t now)
{
	struct flood *oldest = &journal->floods[0];

	for (int i = 0; i < FLOODS_MAX; i++) {
		struct flood *flood = &journal->floods[i];

		if (flood->since_us != 0 && flood->fingerprint == fingerprint) {
			if (flood_is_over(flood, now) &&
			    flood_tell(journal, flood) == -1)
				return NULL;
			oldest = flood;
			break;
		}
		if (flood->since_us < oldest->since_us)
			oldest = flood;
	}
	if (oldest->since_us == 0 || oldest->fingerprint != fingerprint) {
		if (flood_tell(journal, oldest) == -1)
			return NULL;
		oldest->fingerprint = fingerprint;
		oldest->since_us = now;
		oldest->told = 0;
	}
	return oldest;
}

/* The common window of a flood of many kinds. */
static struct flood *
flood_rest(struct journal *journal, int64_t now)
{
	if (journal->rest.since_us == 0)
		journal->rest.since_us = now;
	return &journal->rest;
}

/* More events than a minute may have, whatever they are. */
static bool
flood_is_general(struct journal *journal, int64_t now)
{
	if (now - journal->told_since >= FLOOD_WINDOW_US) {
		journal->told_since = now;
		journal->told = 0;
	}
	return journal->told >= FLOOD_ALL;
}

/* Keeps the newest one's beginning to be told with the count. */
static void
flood_hold(struct flood *flood, const struct event *event)
{
	size_t room = sizeof(flood->text), n = event->source_length;

	flood->held++;
	flood->last = *event;
	flood->last.context = NULL;
	if (n > 200)
		n = 200;
	memcpy(flood->text, event->source, n);
	flood->last.source = flood->text;
	flood->last.source_length = n;
	if (flood->last.message_length > room - n)
		flood->last.message_length = room - n;
	memcpy(flood->text + n, event->message, flood->last.message_length);
	flood->last.message = flood->text + n;
}

/* Tells a window that is over (or any, with all). Microseconds until it is,
 * -1: nothing is held. */
static int64_t
flood_tick(struct journal *journal, struct flood *flood, bool all, int64_t now)
{
	int64_t left = flood->since_us + FLOOD_WINDOW_US - now;

	if (flood->since_us == 0 || flood->held == 0)
		return -1;
	if ((all || left <= 0) && flood_tell(journal, flood) == 0)
		return -1;
	return left < 1000000 ? 1000000 : left;
}

int64_t
journal_tick(struct journal *journal, bool all)
{
	int64_t now = clock_mono_us();
	int64_t next = flood_tick(journal, &journal->rest, all, now);

	for (int i = 0; i < FLOODS_MAX; i++) {
		int64_t left = flood_tick(journal, &journal->floods[i], all,
		    now);

		if (left != -1 && (next == -1 || left < next))
			next = left;
	}
	return next == -1 ? -1 : next / 1000;
}

/* --- findings ----------------------------------------------------------- */

static bool
finding_fits(const struct message_finding *finding)
{
	return finding->stream < STREAM_COUNT &&
	    finding->severity < SEVERITY_COUNT && finding->kind < KIND_COUNT;
}

static void
finding_event(const struct message_finding *finding, const char *tail,
    struct event *event)
{
	bool good = finding->kind == KIND_MILESTONE ||
	    finding->kind == KIND_COMPLETION;

	*event = (struct event){
		.time_us = clock_real_us(),
		.name = good ? EVENT_OUTPUT_MILESTONE : EVENT_OUTPUT_ALERT,
		.severity = finding->severity,
		.kind = finding->kind,
		.source = tail,
		.source_length = finding->source_length,
		.message = tail + finding->source_length,
		.message_length = finding->message_length,
		.context = tail + finding->source_length +
		    finding->message_length,
		.context_length = finding->context_length,
		.has_output = 1,
		.stream = finding->stream,
		.offset = finding->offset,
		.length = finding->length,
		.score = finding->score,
		.fingerprint = finding->fingerprint,
		.count = 1,
	};
}

bool
journal_is_new(const struct journal *journal,
    const struct message_finding *finding)
{
	return finding_fits(finding) &&
	    finding->offset >= journal->past.heard[finding->stream];
}

int
journal_finding(struct journal *journal, const struct message_finding *finding,
    const char *tail, bool *was_new)
{
	int64_t now = clock_mono_us();
	struct event event;
	struct flood *flood;

	*was_new = false;
	if (!journal_is_new(journal, finding))
		return 0;
	finding_event(finding, tail, &event);
	flood = flood_is_general(journal, now)
	    ? flood_rest(journal, now)
	    : flood_get(journal, finding->fingerprint, now);
	if (flood == NULL)
		return -1;
	if (flood == &journal->rest || flood->told >= FLOOD_EACH) {
		flood_hold(flood, &event);
	} else {
		if (journal_put(journal, &event) == -1)
			return -1;
		flood->told++;
		journal->told++;
	}
	journal->past.heard[finding->stream] = finding->offset + 1;
	*was_new = true;
	return 1;
}
