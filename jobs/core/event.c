/*
 * event.c - see event.h. The record's keys are the contract's, section 5.
 */
#include "event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fnv.h"
#include "jsonw.h"

static void
event_context(struct jsonw *w, const char *text, size_t n)
{
	jsonw_open(w, "context", '[');
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		size_t line = end == NULL ? n : (size_t)(end - text);

		jsonw_text(w, NULL, text, line);
		n -= end == NULL ? n : line + 1;
		text += line + 1;
	}
	jsonw_close(w, ']');
}

static void
event_output(struct jsonw *w, const struct event *event)
{
	if (!event->has_output)
		return;
	jsonw_str(w, "stream", stream_name(event->stream));
	jsonw_int(w, "offset", (int64_t)event->offset);
	jsonw_int(w, "length", (int64_t)event->length);
}

static void
event_identity(struct jsonw *w, const struct event *event,
    const struct event_job *job)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016" PRIx64, event->fingerprint);
	jsonw_str(w, "fingerprint", hex);
	jsonw_int(w, "count", event->count);
	jsonw_str(w, "correlation_id", job->correlation_id);
	jsonw_str(w, "trace_id", job->trace_id);
}

long
event_format(const struct event *event, const struct event_job *job, char *buf,
    size_t cap)
{
	struct jsonw w;

	jsonw_start(&w, buf, cap);
	jsonw_open(&w, NULL, '{');
	jsonw_int(&w, "seq", (int64_t)event->seq);
	jsonw_time(&w, "time", event->time_us);
	jsonw_str(&w, "job", job->id);
	jsonw_str(&w, "event", registry_rows[event->name].name);
	jsonw_str(&w, "severity", severity_name(event->severity));
	jsonw_str(&w, "kind", kind_name(event->kind));
	jsonw_text(&w, "message", event->message, event->message_length);
	jsonw_text(&w, "source", event->source, event->source_length);
	event_output(&w, event);
	if (event->context != NULL)
		event_context(&w, event->context, event->context_length);
	if (event->score >= 0)
		jsonw_real(&w, "score", event->score);
	event_identity(&w, event, job);
	jsonw_raw(&w, "data", event->data == NULL ? "{}" : event->data);
	jsonw_close(&w, '}');
	if (jsonw_end(&w) == -1 || w.len + 2 > cap)
		return -1;
	memcpy(buf + w.len, "\n", 2);
	return (long)w.len + 1;
}

uint64_t
event_fingerprint(enum registry_event name, const char *source)
{
	const char *text = registry_rows[name].name;
	uint64_t hash = fnv_add(FNV_BASIS, text, strlen(text));

	hash = fnv_add(hash, "\n", 1);
	return fnv_add(hash, source, strlen(source));
}

int
event_reader_init(struct event_reader *reader, int fd, uint64_t offset)
{
	*reader = (struct event_reader){ .fd = fd, .offset = offset };
	reader->buf = malloc(EVENT_LINE_MAX + 1);
	return reader->buf == NULL ? -1 : 0;
}

void
event_reader_release(struct event_reader *reader)
{
	free(reader->buf);
	reader->buf = NULL;
}

/* Moves what is unread to the front and reads more. Bytes got, or -1. */
static ssize_t
event_reader_fill(struct event_reader *reader)
{
	size_t left = reader->have - reader->used;
	ssize_t n;

	memmove(reader->buf, reader->buf + reader->used, left);
	reader->used = 0;
	reader->have = left;
	n = pread(reader->fd, reader->buf + left, EVENT_LINE_MAX - left,
	    (off_t)(reader->offset + left));
	if (n > 0)
		reader->have += (size_t)n;
	return n;
}

/* Takes n bytes of the buffer as read. */
static void
event_reader_take(struct event_reader *reader, size_t n)
{
	reader->used += n;
	reader->offset += n;
}

/* The end of the next line in the buffer: 1, 0 (at the end of the file), -1.
 * What is left of a line that was too long is stepped over. */
static int
event_reader_find(struct event_reader *reader, char **end)
{
	for (;;) {
		char *start = reader->buf + reader->used;
		size_t left = reader->have - reader->used;
		ssize_t n;

		*end = memchr(start, '\n', left);
		if (*end != NULL && !reader->skipping)
			return 1;
		if (*end != NULL) {
			event_reader_take(reader, (size_t)(*end - start) + 1);
			reader->skipping = 0;
			continue;
		}
		if (left == EVENT_LINE_MAX || (reader->skipping && left > 0)) {
			int known = reader->skipping;

			event_reader_take(reader, left);
			reader->skipping = 1;
			if (!known) {
				errno = EMSGSIZE;
				return -1;
			}
		}
		if ((n = event_reader_fill(reader)) <= 0)
			return (int)n;
	}
}

int
event_reader_next(struct event_reader *reader, char **line, size_t *len)
{
	char *end;
	int found = event_reader_find(reader, &end);

	if (found != 1)
		return found;
	*end = '\0';
	*line = reader->buf + reader->used;
	*len = (size_t)(end - *line);
	event_reader_take(reader, *len + 1);
	return 1;
}
