/*
 * event.h - one record of events.jsonl, written and read.
 *
 * The supervisor alone writes events; seq counts from 1 without gaps.
 * event_format never allocates; readers use jansson (event_next).
 */
#ifndef JOBS_CORE_EVENT_H
#define JOBS_CORE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "registry.h"
#include "severity.h"

#define EVENT_LINE_MAX 65536 /* the longest record, newline included */
#define EVENTS_FILE "events.jsonl"

/* Who the events are about; all text borrowed. */
struct event_job {
	const char *id;
	const char *correlation_id;
	const char *trace_id;
};

/* Text is borrowed and may hold any bytes; NULL fields are left out. */
struct event {
	uint64_t seq;
	int64_t time_us;
	enum registry_event name;
	enum severity severity;
	enum kind kind;
	const char *message;
	size_t message_length;
	const char *source;
	size_t source_length;
	int has_output; /* stream, offset and length are set */
	enum stream stream;
	uint64_t offset;
	uint64_t length;
	const char *context; /* lines, each ended by '\n' */
	size_t context_length;
	double score; /* negative: none */
	uint64_t fingerprint;
	unsigned count;
	const char *data; /* a JSON object's text, keys of the registry row */
};

/* The record with its newline in buf; its length, or -1: does not fit. */
long event_format(const struct event *event, const struct event_job *job,
    char *buf, size_t cap);
/* FNV-1a, 64 bits, over name and source: the fingerprint of an event that
 * comes from no line of output. */
uint64_t event_fingerprint(enum registry_event name, const char *source);

/*
 * Reading events.jsonl (or any file of lines) forward by byte offset.
 * Only whole lines count: a torn last line is not there yet.
 */
struct event_reader {
	int fd;		 /* borrowed */
	uint64_t offset; /* of the next line */
	char *buf;	 /* owned, EVENT_LINE_MAX + 1 */
	size_t have;
	size_t used;
	int skipping; /* inside a line that is too long */
};

/* 0, or -1: out of memory. Starts at byte `offset`. */
int event_reader_init(struct event_reader *reader, int fd, uint64_t offset);
void event_reader_release(struct event_reader *reader);
/*
 * The next line, NUL-terminated without its newline, valid until the next
 * call; offset then points behind it. 1, 0: no whole line there, -1: errno
 * (EMSGSIZE, once for each: a line longer than EVENT_LINE_MAX is skipped).
 */
int event_reader_next(struct event_reader *reader, char **line, size_t *len);

#endif
