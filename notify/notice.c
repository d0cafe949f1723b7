/*
 * notice.c - see notice.h.
 */
#include "notice.h"

#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "utf8.h"

#define NOTICE_HEAD_MAX (NOTICE_MESSAGE_MAX / 2) /* of the message alone */
#define NOTICE_RULE "rule:"
#define ELLIPSIS "\xe2\x80\xa6"

struct notice_word {
	enum registry_event event;
	const char *type;
};

static const struct notice_word notice_words[] = {
	{ EVENT_JOB_EXIT, "finished" },
	{ EVENT_JOB_STALL_CLEAR, "resolved" },
};

static const char *
notice_type(const char *name)
{
	size_t count = sizeof(notice_words) / sizeof(notice_words[0]);

	for (size_t i = 0; i < count; i++) {
		enum registry_event event = notice_words[i].event;

		if (strcmp(registry_rows[event].name, name) == 0)
			return notice_words[i].type;
	}
	return "alert";
}

/* The rule that made the event, or NULL. */
static const json_t *
notice_rule(const struct policy *policy, const char *source)
{
	const json_t *rules = policy_tables(policy, "rule");
	size_t prefix = strlen(NOTICE_RULE);

	if (strncmp(source, NOTICE_RULE, prefix) != 0)
		return NULL;
	for (size_t i = 0; i < json_array_size(rules); i++) {
		const json_t *rule = json_array_get(rules, i);
		const char *name = table_str(rule, "name");

		if (name != NULL && strcmp(name, source + prefix) == 0)
			return rule;
	}
	return NULL;
}

/* Bytes of the first `chars` characters of text. */
static size_t
notice_chars(const char *text, size_t chars)
{
	size_t n = strlen(text), used = 0;

	for (; chars > 0 && used < n; chars--) {
		size_t one = utf8_sequence((const unsigned char *)text + used,
		    n - used);

		used += one == 0 ? 1 : one;
	}
	return used;
}

/* "JOB: TEXT", without what would break a line or a header. */
static char *
notice_title(const char *job, const char *text)
{
	size_t job_length = strlen(job);
	size_t length = notice_chars(text, NOTICE_TITLE_CHARS);
	char *title = malloc(job_length + 2 + length + 1);
	char *at = title;

	if (title == NULL)
		return NULL;
	at = mempcpy(at, job, job_length);
	at = mempcpy(at, ": ", 2);
	at = mempcpy(at, text, length);
	*at = '\0';
	for (at = title; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = ' ';
	return title;
}

/* How many of the last lines fit into `room` bytes with their newlines. */
static size_t
notice_context_lines(const json_t *context, size_t most, size_t room)
{
	size_t count = json_array_size(context), lines = 0;

	while (lines < count && lines < most) {
		size_t n = json_string_length(
			       json_array_get(context, count - lines - 1)) +
		    1;

		if (n > room)
			break;
		room -= n;
		lines++;
	}
	return lines;
}

static char *
notice_append_context(char *at, const json_t *context, size_t lines)
{
	size_t count = json_array_size(context);

	if (lines > 0)
		at = mempcpy(at, "\n", 1);
	for (size_t i = count - lines; i < count; i++) {
		const json_t *line = json_array_get(context, i);

		at = mempcpy(at, "\n", 1);
		if (json_is_string(line))
			at = mempcpy(at, json_string_value(line),
			    json_string_length(line));
	}
	return at;
}

/* True where the context says no more than the message. */
static bool
notice_context_is(const json_t *context, const char *message)
{
	const char *only = json_string_value(json_array_get(context, 0));

	return json_array_size(context) == 1 && only != NULL &&
	    strcmp(only, message) == 0;
}

/* The message, and under it the lines around what happened. */
static char *
notice_message(const struct occurrence *occurrence, int64_t context_lines)
{
	const json_t *context = json_object_get(occurrence->root, "context");
	const char *message = occurrence->message;
	size_t length = utf8_cut(message, strlen(message), NOTICE_HEAD_MAX);
	size_t lines = notice_context_lines(context, (size_t)context_lines,
	    NOTICE_MESSAGE_MAX - NOTICE_HEAD_MAX - 8);
	char *text = malloc(NOTICE_MESSAGE_MAX);
	char *at = text;

	if (text == NULL)
		return NULL;
	if (notice_context_is(context, message))
		lines = 0;
	at = mempcpy(at, message, length);
	if (message[length] != '\0')
		at = mempcpy(at, ELLIPSIS, strlen(ELLIPSIS));
	at = notice_append_context(at, context, lines);
	*at = '\0';
	for (char *p = text; p < at; p++)
		if (*p == '\0') /* a job may print any byte */
			*p = ' ';
	return text;
}

int
notice_init(struct notice *notice, const struct notice_frame *frame,
    const struct occurrence *occurrence)
{
	const json_t *rule = notice_rule(frame->policy, occurrence->source);
	const char *text = rule == NULL ? NULL : table_str(rule, "title");

	*notice = (struct notice){
		.subject = frame->subject,
		.occurrence = occurrence,
		.type = notice_type(occurrence->name),
		.runbook = rule == NULL ? NULL : table_str(rule, "runbook"),
	};
	if (text == NULL)
		text = occurrence->message[0] != '\0' ? occurrence->message
						      : occurrence->name;
	notice->title = notice_title(subject_text(frame->subject, "id"), text);
	notice->message = notice_message(occurrence,
	    policy_int(frame->policy, "notify.context_lines"));
	if (notice->title != NULL && notice->message != NULL)
		return 0;
	notice_release(notice);
	return -1;
}

void
notice_release(struct notice *notice)
{
	free(notice->title);
	free(notice->message);
	notice->title = notice->message = NULL;
}
