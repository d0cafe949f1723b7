/*
 * body.c - see body.h.
 *
 * What depends on the event alone stays the same in every attempt: a
 * receiver may compare. So runtime_s is the job's age when it happened, and
 * a finished job's state comes from the event, which is written before
 * status.json is.
 */
#include "body.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "document.h"
#include "registry.h"
#include "status.h"
#include "utf8.h"

#define BODY_ARGS_MAX 64
#define BODY_ARG_MAX 1024 /* bytes */

static const json_t *
body_status(const struct notice *notice, const char *key)
{
	return json_object_get(notice->subject->status, key);
}

static bool
body_is(const struct notice *notice, enum registry_event event)
{
	return strcmp(notice->occurrence->name, registry_rows[event].name) == 0;
}

static enum job_state
body_end_state(const struct occurrence *occurrence)
{
	const char *word = json_string_value(
	    occurrence_data(occurrence, "reason"));
	int reason = word == NULL ? -1 : job_reason_parse(word);
	const json_t *code = occurrence_data(occurrence, "exit_code");

	if (json_is_integer(occurrence_data(occurrence, "signal")) ||
	    (reason != -1 && job_reason_is_policy((enum job_reason)reason)))
		return JOB_KILLED;
	if (!json_is_integer(code))
		return JOB_UNKNOWN;
	return json_integer_value(code) == 0 ? JOB_EXITED : JOB_FAILED;
}

static const char *
body_state(const struct notice *notice)
{
	const char *state = json_string_value(body_status(notice, "state"));

	if (body_is(notice, EVENT_JOB_LOST))
		return job_state_name(JOB_LOST);
	if (body_is(notice, EVENT_JOB_EXIT) &&
	    body_end_state(notice->occurrence) != JOB_UNKNOWN)
		return job_state_name(body_end_state(notice->occurrence));
	return state == NULL ? job_state_name(JOB_UNKNOWN) : state;
}

static void
body_runtime(struct jsonw *w, const struct notice *notice)
{
	const json_t *runtime = occurrence_data(notice->occurrence,
	    "runtime_s");
	const char *started = json_string_value(
	    body_status(notice, "started_at"));
	int64_t now_us = occurrence_time_us(notice->occurrence), from_us;

	if (json_is_number(runtime))
		jsonw_real(w, "runtime_s", json_number_value(runtime));
	else if (started != NULL && now_us != 0 &&
	    clock_parse(started, &from_us) == 0 && now_us >= from_us)
		jsonw_real(w, "runtime_s", (double)(now_us - from_us) / 1e6);
	else
		jsonw_null(w, "runtime_s");
}

/* Long command lines are cut: many receivers refuse large bodies. */
static void
body_argv(struct jsonw *w, const struct notice *notice)
{
	const json_t *argv = json_object_get(notice->subject->identity, "argv");
	size_t count = json_array_size(argv);

	jsonw_open(w, "argv", '[');
	for (size_t i = 0; i < count && i < BODY_ARGS_MAX; i++) {
		const char *arg = json_string_value(json_array_get(argv, i));

		if (arg != NULL)
			jsonw_text(w, NULL, arg,
			    utf8_cut(arg, strlen(arg), BODY_ARG_MAX));
	}
	jsonw_close(w, ']');
}

static void
body_progress(struct jsonw *w, const struct notice *notice)
{
	const json_t *progress = body_status(notice, "progress");
	char *text = json_is_object(progress)
	    ? json_dumps(progress, JSON_COMPACT | JSON_REAL_PRECISION(6))
	    : NULL;

	jsonw_raw(w, "progress", text == NULL ? "{}" : text);
	free(text);
}

static void
body_job(struct jsonw *w, const struct notice *notice)
{
	const struct subject *subject = notice->subject;

	jsonw_open(w, "job", '{');
	jsonw_str(w, "id", subject_text(subject, "id"));
	jsonw_str(w, "name", subject_text(subject, "name"));
	jsonw_str(w, "kind", subject_text(subject, "kind"));
	jsonw_str(w, "host", subject_text(subject, "host"));
	jsonw_str(w, "user", subject_text(subject, "user"));
	jsonw_str(w, "state", body_state(notice));
	body_argv(w, notice);
	body_runtime(w, notice);
	jsonw_str(w, "correlation_id", subject_text(subject, "correlation_id"));
	body_progress(w, notice);
	jsonw_close(w, '}');
}

static int64_t
body_number(const json_t *value, int64_t otherwise)
{
	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static void
body_fill(struct jsonw *w, const void *arg)
{
	const struct notice *notice = arg;
	const struct occurrence *occurrence = notice->occurrence;

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "id", notice->id);
	jsonw_str(w, "type", notice->type);
	jsonw_time(w, "time", occurrence_time_us(occurrence));
	jsonw_str(w, "severity", severity_name(occurrence->severity));
	jsonw_str(w, "title", notice->title);
	jsonw_str(w, "message", notice->message);
	body_job(w, notice);
	jsonw_raw(w, "event", notice->line);
	jsonw_int(w, "count",
	    body_number(json_object_get(occurrence->root, "count"), 1));
	jsonw_int(w, "suppressed",
	    body_number(occurrence_data(occurrence, "suppressed"), 0));
	jsonw_str(w, "runbook", notice->runbook);
	jsonw_raw(w, "links", "{}");
	jsonw_close(w, '}');
}

char *
body_make(const struct notice *notice, size_t *length)
{
	return document_make(body_fill, notice, length);
}
