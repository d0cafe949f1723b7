/*
 * classify.c - see classify.h.
 */
#include "classify.h"

#include <string.h>

#include "clock.h"
#include "family.h"
#include "log.h"
#include "supervisor.h"

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

static void
classify_started_cb(void *arg)
{
	classify_resume(arg);
}

static void
classify_writable_cb(void *arg)
{
	classify_step(arg);
}

/* --- what it says -------------------------------------------------------- */

/* It says where it is after each megabyte at least. */
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
	classify_pass(classify);
	classify_save_soon(classify);
	child_excuse(&classify->child);
	if (classify->told > body->end ||
	    (classify->final_told && !body->final))
		child_expect(&classify->child, CHILD_PATIENCE_MS);
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
classify_on_templates(struct classify *classify,
    const struct message_templates *body)
{
	bool good = body->count <= MESSAGE_TEMPLATES_MAX;

	for (uint32_t i = 0; good && i < body->count; i++)
		good = body->top[i].length <= MESSAGE_TEMPLATE_TEXT_MAX;
	if (good) {
		classify->templates = *body;
		return;
	}
	log_warn("the classifier's templates are torn; it is replaced");
	child_stop(&classify->child);
}

static void
classify_message_cb(const struct message *message, void *arg)
{
	struct classify *classify = arg;

	if (message->type == MESSAGE_CURSOR)
		classify_on_cursor(classify, (const void *)message->body);
	else if (message->type == MESSAGE_FINDING)
		classify_on_finding(classify, message);
	else if (message->type == MESSAGE_TEMPLATES)
		classify_on_templates(classify, (const void *)message->body);
	else if (message->type == MESSAGE_NOTE)
		log_warn("classifier: %.*s", (int)message->length,
		    (const char *)message->body);
}

/* --- life ---------------------------------------------------------------- */

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

	if (crashed)
		classify_crashed(classify);
	if (!classify->done)
		child_start(&classify->child);
}

int
classify_init(struct classify *classify, struct supervisor *supervisor,
    struct why *why)
{
	classify->supervisor = supervisor;
	classify->skip = UINT64_MAX;
	classify->next.log_fd = classify->next.index_fd = -1;
	if (child_init(&classify->child, &classify_type, supervisor->base,
		classify) == -1 ||
	    classify_open_cursor(classify) == -1)
		return why_errno(why, "cannot watch a classifier");
	return 0;
}

void
classify_release(struct classify *classify)
{
	classify->done = true;
	child_release(&classify->child);
	segment_release(&classify->next);
	if (classify->save != NULL)
		event_free(classify->save);
}
