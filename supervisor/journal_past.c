/*
 * journal_past.c - what the events written so far say; see journal.h.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "status.h"

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

static void
journal_learn_output(struct journal_past *past, const json_t *event)
{
	const json_t *offset = json_object_get(event, "offset");
	int stream = strcmp(text_of(event, "stream"), "stderr") == 0;
	uint64_t heard;

	if (!json_is_integer(offset))
		return;
	heard = (uint64_t)json_integer_value(offset) + 1;
	if (heard > past->heard[stream])
		past->heard[stream] = heard;
}

static void
journal_learn_stop(struct journal_past *past, const json_t *event)
{
	const json_t *data = json_object_get(event, "data");
	int reason = job_reason_parse(text_of(data, "reason"));

	past->stopping = true;
	past->stop_reason = reason < 0 ? 0 : reason;
	past->stop_signal = (int)json_integer_value(
	    json_object_get(data, "signal"));
	past->stop_grace_ms = (int64_t)(1000 *
	    json_number_value(json_object_get(data, "grace_s")));
	if (clock_parse(text_of(event, "time"), &past->stop_time_us) == -1)
		past->stop_time_us = 0;
	snprintf(past->stop_detail, sizeof(past->stop_detail), "%s",
	    text_of(event, "message"));
}

static void
journal_learn_start(struct journal_past *past, const json_t *event)
{
	const json_t *data = json_object_get(event, "data");

	past->started = true;
	past->pid = (int)json_integer_value(json_object_get(data, "pid"));
	if (clock_parse(text_of(data, "started_at"), &past->started_us) == -1)
		past->started_us = 0;
}

static void
journal_learn_exit(struct journal_past *past, const json_t *event)
{
	const json_t *data = json_object_get(event, "data");
	const json_t *code = json_object_get(data, "exit_code");
	const json_t *signal = json_object_get(data, "signal");
	const json_t *runtime = json_object_get(data, "runtime_s");
	int reason = job_reason_parse(text_of(data, "reason"));

	past->ended = true;
	past->stopping = false;
	past->runtime_us = json_is_number(runtime)
	    ? (int64_t)(json_number_value(runtime) * 1e6 + 0.5)
	    : -1;
	past->exit_reason = reason < 0 ? 0 : reason;
	past->exit_known = json_is_integer(code) || json_is_integer(signal);
	past->exit_status = json_is_integer(signal)
	    ? (int)json_integer_value(signal)
	    : (int)json_integer_value(code) << 8; /* wait(2)'s layout */
}

/* What was said of the last attempt's start, stop and end is not this one's. */
static void
journal_learn_restart(struct journal_past *past)
{
	past->started = past->ended = past->stalled = past->stopping = false;
	past->pid = 0;
	past->started_us = 0;
	past->runtime_us = -1;
	past->exit_known = false;
	past->exit_status = past->exit_reason = 0;
	past->stop_time_us = past->stop_grace_ms = 0;
	past->stop_signal = past->stop_reason = 0;
	past->stop_detail[0] = '\0';
}

static void
journal_learn(struct journal_past *past, const json_t *event)
{
	int name = registry_find(text_of(event, "event"));
	int severity = severity_parse(text_of(event, "severity"));

	past->seq = (uint64_t)json_integer_value(json_object_get(event, "seq"));
	if (severity > SEVERITY_NONE)
		past->alerts[severity]++;
	if (name == EVENT_OUTPUT_ALERT || name == EVENT_OUTPUT_MILESTONE)
		journal_learn_output(past, event);
	else if (name == EVENT_JOB_START)
		journal_learn_start(past, event);
	else if (name == EVENT_JOB_RESTART)
		journal_learn_restart(past);
	else if (name == EVENT_JOB_EXIT || name == EVENT_JOB_LOST)
		journal_learn_exit(past, event);
	else if (name == EVENT_JOB_STALL || name == EVENT_JOB_STALL_CLEAR)
		past->stalled = name == EVENT_JOB_STALL;
	else if (name == EVENT_JOB_STOP)
		journal_learn_stop(past, event);
}

static int
journal_read_from(int fd, struct journal_past *past)
{
	struct event_reader reader;
	char *line;
	size_t length;
	int found;

	if (event_reader_init(&reader, fd, 0) == -1)
		return -1;
	while ((found = event_reader_next(&reader, &line, &length)) == 1) {
		json_t *event = json_loadb(line, length, JSON_ALLOW_NUL, NULL);

		/* A whole line that is no event was not written by us, but
		 * it stands there: what follows it still counts. */
		if (event != NULL)
			journal_learn(past, event);
		json_decref(event);
		past->end = reader.offset;
	}
	event_reader_release(&reader);
	return found == -1 ? -1 : 0;
}

int
journal_read(int dir, struct journal_past *past, struct why *why)
{
	int fd = openat(dir, EVENTS_FILE, O_RDONLY | O_CLOEXEC);
	int result;

	memset(past, 0, sizeof(*past));
	past->runtime_us = -1;
	if (fd == -1)
		return errno == ENOENT
		    ? 0
		    : why_errno(why, "cannot read %s", EVENTS_FILE);
	result = journal_read_from(fd, past);
	if (result == -1)
		why_errno(why, "cannot read %s", EVENTS_FILE);
	close(fd);
	return result;
}
