/*
 * classify.c - see classify.h.
 */
#include "classify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#include "family.h"
#include "io.h"
#include "jsonw.h"
#include "log.h"
#include "supervisor.h"

#define SAVE_MS 500   /* a cursor this old costs some reading twice */
#define PATIENCE_S 10 /* for an answer, or a sign of progress */
#define CURSOR_MAX 65536
#define CRASHES_CAREFUL 2 /* then it says where it is before each line */

static void classify_started_cb(void *arg);
static void classify_message_cb(const struct message *message, void *arg);
static void classify_writable_cb(void *arg);
static void classify_ended_cb(bool crashed, void *arg);

static const int classify_fds[] = { CHILD_FD_POLICY, CLASSIFIER_FD_POLICY, -1 };

static const struct child_type classify_type = {
	.name = "jobwatch-classifier",
	.proc = PROC_CLASSIFIER,
	.exe_fd = FAMILY_FD_CLASSIFIER_EXE,
	.fds = classify_fds,
	.started = classify_started_cb,
	.message = classify_message_cb,
	.writable = classify_writable_cb,
	.ended = classify_ended_cb,
};

/* --- the cursor --------------------------------------------------------- */

/* The cursor's text; its length, or -1: too long, with the rules' state. */
static long
classify_text(const struct classify *classify, bool rules, char *text,
    size_t cap)
{
	struct jsonw w;

	jsonw_start(&w, text, cap);
	jsonw_open(&w, NULL, '{');
	jsonw_int(&w, "offset", (int64_t)classify->offset);
	jsonw_int(&w, "lines", (int64_t)classify->lines);
	if (rules)
		gate_save(classify->supervisor->gate, &w, "rules");
	jsonw_close(&w, '}');
	return jsonw_end(&w);
}

/* Many rules with high counts may not fit; then the next supervisor counts
 * them from nothing, which is better than reading all the log again. */
void
classify_save(struct classify *classify)
{
	static char text[CURSOR_MAX];
	long n = classify_text(classify, true, text, sizeof(text));

	if (n == -1)
		n = classify_text(classify, false, text, sizeof(text));
	writer_replace(classify->supervisor->writer, WRITER_CURSOR, text,
	    (size_t)n, false);
}

/* It says where it is after each megabyte at least: it is stopped, or loops. */
static void
classify_patience_cb(evutil_socket_t fd, short what, void *arg)
{
	struct classify *classify = arg;

	(void)fd;
	(void)what;
	log_warn("the classifier gives no answer; it is replaced");
	classify->hangs = true;
	child_stop(&classify->child);
}

/* Runs while an answer is owed, anew with each that comes. */
static void
classify_expect(struct classify *classify, bool answer)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	if (answer)
		evtimer_add(classify->patience, &patience);
	else
		evtimer_del(classify->patience);
}

static void
classify_save_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	classify_save(arg);
}

static void
classify_save_soon(struct classify *classify)
{
	const struct timeval soon = { .tv_usec = SAVE_MS * 1000 };

	if (!evtimer_pending(classify->save, NULL))
		evtimer_add(classify->save, &soon);
}

/* A cursor that cannot be read means reading all again: verdicts heard
 * before are dropped, so it costs time and nothing else. */
static void
classify_load(struct classify *classify)
{
	size_t length;
	char *text = io_load(FAMILY_FD_DIR, "cursor-classifier", CURSOR_MAX,
	    &length);
	json_t *saved = text == NULL ? NULL : json_loadb(text, length, 0, NULL);
	json_int_t offset, lines;

	free(text);
	if (saved == NULL)
		return;
	offset = json_integer_value(json_object_get(saved, "offset"));
	lines = json_integer_value(json_object_get(saved, "lines"));
	if (offset >= 0 && lines >= 0) {
		classify->offset = (uint64_t)offset;
		writer_unpin(classify->supervisor->writer, classify->offset);
		classify->lines = (uint64_t)lines;
	}
	gate_load(classify->supervisor->gate, json_object_get(saved, "rules"));
	json_decref(saved);
}

/* --- telling it --------------------------------------------------------- */

/* Hands over the segments that the writer has opened for it. 0; -1: its
 * socket is full, or it is gone. */
static int
classify_feed(struct classify *classify)
{
	struct segment segment;
	struct message_segment body;
	int result = 0;

	while (result == 0 &&
	    writer_take_segment(classify->supervisor->writer, &segment) == 1) {
		const int fds[] = { segment.log_fd, segment.index_fd };

		body.base = segment.base;
		result = child_send(&classify->child, MESSAGE_SEGMENT, &body,
		    sizeof(body), fds, 2);
		classify->segment = segment.base + 1;
		segment_release(&segment);
	}
	return result;
}

/* One at a time is under way: it answers with a cursor, then hears more. */
static void
classify_tell(struct classify *classify)
{
	const struct writer_progress *progress = &classify->supervisor
						      ->progress;
	struct message_grown body = { .end = progress->log_end,
		.final = classify->ended };

	if (classify->segment <= progress->log_begin)
		return; /* the active segment is still to come */
	if (classify->told > classify->end || classify->final_told)
		return;
	if (body.end == classify->told && !body.final) {
		writer_want_growth(classify->supervisor->writer, body.end);
		return;
	}
	if (child_send(&classify->child, MESSAGE_GROWN, &body, sizeof(body),
		NULL, 0) == -1) {
		child_want_write(&classify->child);
		return;
	}
	classify->told = body.end;
	classify->final_told = body.final != 0;
	classify_expect(classify, true);
}

void
classify_step(struct classify *classify)
{
	if (!child_is_up(&classify->child))
		return;
	if (classify_feed(classify) == -1) {
		/* What was not sent is lost to it: start over from the list. */
		log_warn("the classifier does not read; it is replaced");
		child_stop(&classify->child);
		return;
	}
	classify_tell(classify);
}

void
classify_finish(struct classify *classify)
{
	classify->ended = true;
	if (classify->supervisor->progress.log_end == 0 ||
	    classify->supervisor->capture_only)
		classify->done = true;
	else
		classify_step(classify);
}

static void
classify_started_cb(void *arg)
{
	struct classify *classify = arg;
	struct message_resume body = {
		.cursor = classify->offset,
		.lines = classify->lines,
		.skip = classify->skip,
		.careful = classify->careful,
	};

	classify->told = classify->offset;
	classify->end = classify->offset;
	classify->segment = 0;
	classify->final_told = false;
	child_send(&classify->child, MESSAGE_RESUME, &body, sizeof(body), NULL,
	    0);
	writer_want_segments(classify->supervisor->writer, classify->offset);
}

static void
classify_writable_cb(void *arg)
{
	classify_step(arg);
}

/* --- hearing it --------------------------------------------------------- */

static void
classify_on_cursor(struct classify *classify, const struct message_cursor *body)
{
	struct supervisor *supervisor = classify->supervisor;

	if (body->offset < classify->offset || body->end < body->offset) {
		log_warn("the classifier's cursor went back; it is replaced");
		child_stop(&classify->child);
		return;
	}
	classify->offset = body->offset;
	writer_unpin(supervisor->writer, body->offset);
	classify->lines = body->lines;
	classify->end = body->end;
	classify_save_soon(classify);
	classify_expect(classify,
	    classify->told > body->end ||
		(classify->final_told && !body->final));
	if (body->final) {
		classify->done = true;
		life_step(&supervisor->life);
	} else {
		classify_step(classify);
	}
}

/* What the rule says is to be done besides telling. */
static void
classify_act(struct supervisor *supervisor,
    const struct message_finding *finding)
{
	const json_t *rule = json_array_get(policy_tables(&supervisor->policy,
						"rule"),
	    (size_t)finding->rule);
	const char *what = table_str(rule, "do");

	if (what == NULL || strcmp(what, "kill") != 0)
		return;
	stop_by_policy(&supervisor->stop, REASON_RULE, "rule %s matched",
	    table_str(rule, "name"));
}

static bool
finding_is_whole(const struct message *message,
    const struct message_finding *body)
{
	uint64_t text = message->length - sizeof(*body);

	return (uint64_t)body->source_length + body->message_length +
	    body->context_length ==
	    text;
}

static void
classify_on_finding(struct classify *classify, const struct message *message)
{
	struct supervisor *supervisor = classify->supervisor;
	const struct message_finding *body = (const void *)message->body;
	bool was_new;

	if (!finding_is_whole(message, body)) {
		log_warn("the classifier's finding is torn; it is replaced");
		child_stop(&classify->child);
		return;
	}
	if (body->stream >= STREAM_COUNT)
		return;
	if (!writer_has_room(supervisor->writer)) {
		/* The disk does not take events: have it said again later. */
		log_warn("events cannot be written; the classifier waits");
		child_stop(&classify->child);
		return;
	}
	/* The gate first: its count may lag behind the events after a crash. */
	if (!gate_match(supervisor->gate, body->rule, body->stream,
		body->offset, clock_real_us()) ||
	    !journal_is_new(supervisor->journal, body))
		return;
	journal_finding(supervisor->journal, body,
	    message_tail(message, sizeof(*body)), &was_new);
	supervisor_noted(supervisor);
	if (was_new && body->rule >= 0)
		classify_act(supervisor, body);
}

static void
classify_message_cb(const struct message *message, void *arg)
{
	struct classify *classify = arg;

	if (message->type == MESSAGE_CURSOR)
		classify_on_cursor(classify, (const void *)message->body);
	else if (message->type == MESSAGE_FINDING)
		classify_on_finding(classify, message);
	else if (message->type == MESSAGE_NOTE)
		log_warn("classifier: %.*s", (int)message->length,
		    (const char *)message->body);
}

/* The line that it died at in careful mode is left out from then on. */
static void
classify_skip(struct classify *classify)
{
	classify->skip = classify->end;
	classify->careful = false;
	classify->crashes = 0;
	journal_event(classify->supervisor->journal, EVENT_JOB_RECOVERED,
	    SEVERITY_MEDIUM, "job",
	    "{\"process\":\"classifier\",\"reason\":\"crash\"}",
	    "the classifier crashes at offset %llu; the line there is left out",
	    (unsigned long long)classify->skip);
	supervisor_noted(classify->supervisor);
}

static void
classify_crashed(struct classify *classify)
{
	if (classify->careful) {
		classify_skip(classify);
		return;
	}
	if (classify->crashes == 0 || classify->crashed_at != classify->offset)
		classify->crashes = 0;
	classify->crashed_at = classify->offset;
	classify->careful = ++classify->crashes >= CRASHES_CAREFUL;
}

static void
classify_ended_cb(bool crashed, void *arg)
{
	struct classify *classify = arg;

	classify_expect(classify, false);
	if (crashed || classify->hangs)
		classify_crashed(classify);
	classify->hangs = false;
	if (!classify->done)
		child_start(&classify->child);
}

int
classify_init(struct classify *classify, struct supervisor *supervisor,
    struct why *why)
{
	classify->supervisor = supervisor;
	classify->skip = UINT64_MAX;
	classify->save = evtimer_new(supervisor->base, classify_save_cb,
	    classify);
	classify->patience = evtimer_new(supervisor->base, classify_patience_cb,
	    classify);
	if (classify->save == NULL || classify->patience == NULL ||
	    child_init(&classify->child, &classify_type, supervisor->base,
		classify) == -1)
		return why_errno(why, "cannot watch a classifier");
	classify_load(classify);
	return 0;
}

void
classify_release(struct classify *classify)
{
	classify->done = true;
	child_release(&classify->child);
	if (classify->save != NULL)
		event_free(classify->save);
	if (classify->patience != NULL)
		event_free(classify->patience);
}
