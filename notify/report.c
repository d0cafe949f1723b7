/*
 * report.c - see report.h. An error of the socket is not told here: the
 * reader of the same socket learns of its end, and ends us.
 */
#include "report.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "io.h"
#include "log.h"

#define REPORT_TEXT_MAX 1024

struct report_entry {
	STAILQ_ENTRY(report_entry) next;
	enum message_type type;
	union {
		struct message_delivery delivery;
		struct message_outbox outbox;
	} body;
	size_t body_length;
	size_t tail_length;
	char tail[REPORT_TEXT_MAX];
};

struct report {
	int peer;		/* borrowed */
	struct event *writable; /* added while entries wait */
	STAILQ_HEAD(, report_entry) waiting;
	unsigned count;
	report_drained_cb *drained;
	void *arg;
};

static int
report_send(const struct report *report, const struct report_entry *entry)
{
	return message_send(report->peer, entry->type, &entry->body,
	    entry->body_length, entry->tail, entry->tail_length, NULL, 0);
}

static void
report_writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct report *report = arg;
	struct report_entry *entry;

	(void)fd;
	(void)what;
	while ((entry = STAILQ_FIRST(&report->waiting)) != NULL) {
		if (report_send(report, entry) == -1 && io_again(errno)) {
			event_add(report->writable, NULL);
			return;
		}
		STAILQ_REMOVE_HEAD(&report->waiting, next);
		report->count--;
		free(entry);
	}
	report->drained(report->arg);
}

/* Now if nothing waits, else in its turn. */
static void
report_put(struct report *report, const struct report_entry *entry)
{
	struct report_entry *copy;

	if (report->count == 0) {
		if (report_send(report, entry) == 0)
			return;
		if (!io_again(errno)) {
			if (errno == EINVAL)
				log_warn("a report does not fit its row");
			return;
		}
	}
	if ((copy = malloc(sizeof(*copy))) == NULL) {
		log_warn("cannot keep a report: out of memory");
		return;
	}
	*copy = *entry;
	STAILQ_INSERT_TAIL(&report->waiting, copy, next);
	report->count++;
	event_add(report->writable, NULL);
}

struct report *
report_new(struct event_base *base, int peer, report_drained_cb *drained,
    void *arg)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return NULL;
	report->peer = peer;
	report->drained = drained;
	report->arg = arg;
	STAILQ_INIT(&report->waiting);
	report->writable = event_new(base, peer, EV_WRITE, report_writable_cb,
	    report);
	if (report->writable != NULL)
		return report;
	free(report);
	return NULL;
}

void
report_free(struct report *report)
{
	struct report_entry *entry;

	if (report == NULL)
		return;
	while ((entry = STAILQ_FIRST(&report->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&report->waiting, next);
		free(entry);
	}
	event_free(report->writable);
	free(report);
}

/* One NUL-ended text of the tail; what is too long is cut. */
static void
report_text(struct report_entry *entry, const char *text, size_t max)
{
	size_t n = strlen(text);

	if (n > max)
		n = max;
	memcpy(entry->tail + entry->tail_length, text, n);
	entry->tail[entry->tail_length + n] = '\0';
	entry->tail_length += n + 1;
}

void
report_delivery(struct report *report, const struct report_delivery *delivery)
{
	struct report_entry entry = {
		.type = MESSAGE_DELIVERY,
		.body.delivery = {
			.seq = delivery->seq,
			.outcome = delivery->outcome,
			.attempts = delivery->attempts,
			.permanent = delivery->permanent,
		},
		.body_length = sizeof(entry.body.delivery),
	};

	report_text(&entry, delivery->channel, REPORT_TEXT_MAX / 4);
	report_text(&entry, delivery->id, REPORT_TEXT_MAX / 4);
	report_text(&entry, delivery->error, REPORT_TEXT_MAX / 4);
	report_put(report, &entry);
}

void
report_outbox(struct report *report, const struct message_outbox *outbox)
{
	struct report_entry entry = {
		.type = MESSAGE_OUTBOX,
		.body.outbox = *outbox,
		.body_length = sizeof(entry.body.outbox),
	};

	report_put(report, &entry);
}

bool
report_is_behind(const struct report *report)
{
	return report->count >= REPORT_BEHIND;
}
