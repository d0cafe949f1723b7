/*
 * notice.c - see notice.h.
 */
#include "notice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "family.h"
#include "io.h"
#include "jsonw.h"
#include "log.h"
#include "supervisor.h"

#define OUTBOX_MAX (64 << 20)
#define DEATHS_MAX 20 /* in a row, quickly: it will not live */

static void notice_started_cb(void *arg);
static void notice_message_cb(const struct message *message, void *arg);
static void notice_writable_cb(void *arg);
static void notice_ended_cb(bool crashed, void *arg);

static const int notice_fds[] = { FAMILY_FD_DIR, FAMILY_FD_DIR,
	FAMILY_FD_SECRETS, FAMILY_FD_SECRETS, -1 };

static const struct child_type notice_type = {
	.name = "jobwatch-notifier",
	.proc = PROC_NOTIFIER,
	.exe_fd = FAMILY_FD_NOTIFIER_EXE,
	.fds = notice_fds,
	.started = notice_started_cb,
	.message = notice_message_cb,
	.writable = notice_writable_cb,
	.ended = notice_ended_cb,
};

/* Events that some channel may want, as counted by the journal. */
static uint64_t
notice_wanted(const struct notice *notice)
{
	const struct journal_past *past = journal_past(
	    notice->supervisor->journal);
	uint64_t sum = 0;

	for (int i = notice->floor; i < SEVERITY_COUNT; i++)
		sum += past->alerts[i];
	return sum;
}

static void
notice_tell(struct notice *notice)
{
	struct message_events body = {
		.end = notice->supervisor->progress.events_end,
	};

	if (body.end == notice->told)
		return;
	if (child_send(&notice->child, MESSAGE_EVENTS, &body, sizeof(body),
		NULL, 0) == 0)
		notice->told = body.end;
	else
		child_want_write(&notice->child);
	child_expect(&notice->child, CHILD_PATIENCE_MS);
}

/* True when a notifier is needed: also for what one was told of and did not
 * answer for before it died. */
static bool
notice_owes(const struct notice *notice)
{
	return notice->pending > 0 || notice->wanted > notice->seen ||
	    notice->cursor < notice->told;
}

void
notice_step(struct notice *notice)
{
	if (!notice->channels)
		return;
	notice->wanted = notice_wanted(notice);
	if (child_is_up(&notice->child)) {
		notice->seen = notice->wanted;
		notice_tell(notice);
	} else if (notice_owes(notice)) {
		child_start(&notice->child);
	}
}

void
notice_finish(struct notice *notice)
{
	struct supervisor *supervisor = notice->supervisor;

	writer_progress(supervisor->writer, &supervisor->progress);
	notice->need = supervisor->progress.events_queued;
	notice_step(notice);
}

bool
notice_is_hopeless(const struct notice *notice)
{
	return notice->child.quick_deaths > DEATHS_MAX;
}

bool
notice_is_settled(struct notice *notice)
{
	if (!notice->channels || notice->supervisor->capture_only ||
	    notice->supervisor->progress.gone)
		return true;
	if (notice_is_hopeless(notice))
		return true; /* recover may have better luck */
	notice_step(notice); /* an alert may have come after job.exit */
	if (notice_owes(notice))
		return false;
	return !child_is_up(&notice->child) || notice->cursor >= notice->need;
}

static void
notice_started_cb(void *arg)
{
	struct notice *notice = arg;

	notice->told = 0;
	notice->seen = notice->wanted;
	notice->cursor = 0;
	notice->pending = 1; /* until it says otherwise */
	notice_tell(notice);
}

static void
notice_writable_cb(void *arg)
{
	notice_step(arg);
}

/* --- what became of a message ------------------------------------------- */

/* The next NUL-ended string of the tail, or "" behind its end. */
static const char *
notice_word(const char **p, const char *end)
{
	const char *word = *p, *stop = memchr(word, '\0', (size_t)(end - word));

	if (stop == NULL)
		return "";
	*p = stop + 1;
	return word;
}

static void
notice_on_delivery(struct notice *notice, const struct message *message)
{
	static const enum registry_event names[] = {
		[DELIVERY_SENT] = EVENT_NOTIFY_SENT,
		[DELIVERY_FAILED] = EVENT_NOTIFY_FAILED,
		[DELIVERY_GAVEUP] = EVENT_NOTIFY_GAVEUP,
	};
	const struct message_delivery *body = (const void *)message->body;
	const char *p = message_tail(message, sizeof(*body));
	const char *end = (const char *)message->body + message->length;
	const char *channel = notice_word(&p, end);
	const char *id = notice_word(&p, end);
	const char *error = notice_word(&p, end);
	enum registry_event name;
	char data[2048];
	struct jsonw w;

	if (body->outcome > DELIVERY_GAVEUP)
		return;
	name = names[body->outcome];
	jsonw_start(&w, data, sizeof(data));
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "channel", channel);
	jsonw_int(&w, "of", (int64_t)body->seq);
	jsonw_str(&w, "message_id", id);
	jsonw_int(&w, "attempts", body->attempts);
	if (body->outcome != DELIVERY_SENT)
		jsonw_str(&w, "error", error);
	if (body->outcome == DELIVERY_FAILED)
		jsonw_bool(&w, "permanent", body->permanent != 0);
	jsonw_close(&w, '}');
	journal_event(notice->supervisor->journal, name,
	    registry_rows[name].severity, "job",
	    jsonw_end(&w) == -1 ? NULL : data, "%s: event %llu %s%s%s", channel,
	    (unsigned long long)body->seq,
	    body->outcome == DELIVERY_SENT ? "delivered" : "not delivered",
	    error[0] == '\0' ? "" : ": ", error);
}

/* What it was told last may still be on its way to it; and while it has
 * messages to deliver, it says by when it will be heard of. */
static void
notice_on_outbox(struct notice *notice, const struct message_outbox *body)
{
	notice->cursor = body->cursor;
	notice->pending = body->pending;
	child_excuse(&notice->child);
	if (notice->told > body->end)
		child_expect(&notice->child, CHILD_PATIENCE_MS);
	else if (body->within_ms > 0)
		child_expect(&notice->child,
		    (int64_t)body->within_ms + CHILD_PATIENCE_MS);
	life_step(&notice->supervisor->life);
}

static void
notice_message_cb(const struct message *message, void *arg)
{
	struct notice *notice = arg;

	if (message->type == MESSAGE_OUTBOX)
		notice_on_outbox(notice, (const void *)message->body);
	else if (message->type == MESSAGE_DELIVERY)
		notice_on_delivery(notice, message);
	else if (message->type == MESSAGE_NOTE)
		log_warn("notifier: %.*s", (int)message->length,
		    (const char *)message->body);
}

static void
notice_ended_cb(bool crashed, void *arg)
{
	struct notice *notice = arg;
	struct writer_progress progress;

	(void)crashed;
	/* It may have died before it read what was queued by then. */
	writer_progress(notice->supervisor->writer, &progress);
	notice->told = progress.events_queued;
	if (notice_owes(notice))
		child_start(&notice->child);
	life_step(&notice->supervisor->life);
}

/* --- life --------------------------------------------------------------- */

static enum severity
notice_floor(const struct policy *policy)
{
	int least = severity_parse(policy_str(policy, "notify.min_severity"));
	const json_t *table;
	size_t i;

	json_array_foreach (policy_tables(policy, "channel"), i, table) {
		const char *own = table_str(table, "min_severity");
		int severity = own == NULL ? least : severity_parse(own);

		if (severity >= 0 && severity < least)
			least = severity;
	}
	return least < SEVERITY_LOW ? SEVERITY_LOW : (enum severity)least;
}

/* What a predecessor left in the outbox, or had not read yet. */
static void
notice_load(struct notice *notice)
{
	size_t length;
	char *text = io_load(FAMILY_FD_DIR, "cursor-notify", OUTBOX_MAX,
	    &length);
	json_t *saved = text == NULL ? NULL : json_loadb(text, length, 0, NULL);
	const struct journal_past *past = journal_past(
	    notice->supervisor->journal);

	free(text);
	notice->wanted = notice_wanted(notice);
	notice->need = past->end;
	if (saved != NULL) {
		notice->pending = (uint32_t)json_array_size(
		    json_object_get(saved, "pending"));
		notice->cursor = (uint64_t)json_integer_value(
		    json_object_get(saved, "cursor"));
	}
	if (notice->cursor >= past->end)
		notice->seen = notice->wanted;
	json_decref(saved);
}

int
notice_init(struct notice *notice, struct supervisor *supervisor,
    struct why *why)
{
	const struct policy *policy = &supervisor->policy;

	notice->supervisor = supervisor;
	notice->channels = json_array_size(policy_tables(policy, "channel")) >
	    0;
	notice->floor = notice_floor(policy);
	if (child_init(&notice->child, &notice_type, supervisor->base,
		notice) == -1)
		return why_errno(why, "cannot watch a notifier");
	if (notice->channels)
		notice_load(notice);
	return 0;
}

void
notice_release(struct notice *notice)
{
	notice->pending = 0;
	notice->seen = notice->wanted = 0;
	child_release(&notice->child);
}
