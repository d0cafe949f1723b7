/*
 * occurrence.c - see occurrence.h.
 */
#include "occurrence.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "event.h"

static const char *
occurrence_text(const struct occurrence *occurrence, const char *key)
{
	return json_string_value(json_object_get(occurrence->root, key));
}

/* A stall and its end have one order, lest the end arrive first. */
static uint64_t
occurrence_order(const struct occurrence *occurrence)
{
	const char *stall = registry_rows[EVENT_JOB_STALL].name;
	const char *fingerprint = occurrence_text(occurrence, "fingerprint");

	if (strncmp(occurrence->name, stall, strlen(stall)) == 0)
		return event_fingerprint(EVENT_JOB_STALL, "");
	return fingerprint == NULL ? 0 : strtoull(fingerprint, NULL, 16);
}

static int
occurrence_read(struct occurrence *occurrence)
{
	const char *severity = occurrence_text(occurrence, "severity");
	const char *kind = occurrence_text(occurrence, "kind");
	const json_t *seq = json_object_get(occurrence->root, "seq");
	int rank = severity == NULL ? -1 : severity_parse(severity);

	occurrence->name = occurrence_text(occurrence, "event");
	if (occurrence->name == NULL || !json_is_integer(seq) || rank == -1)
		return -1;
	occurrence->seq = (uint64_t)json_integer_value(seq);
	occurrence->severity = (enum severity)rank;
	occurrence->kind = kind == NULL ? -1 : kind_parse(kind);
	occurrence->message = occurrence_text(occurrence, "message");
	if (occurrence->message == NULL)
		occurrence->message = "";
	occurrence->source = occurrence_text(occurrence, "source");
	if (occurrence->source == NULL)
		occurrence->source = "";
	occurrence->order = occurrence_order(occurrence);
	return 0;
}

int
occurrence_init(struct occurrence *occurrence, const char *line, size_t length)
{
	*occurrence = (struct occurrence){ 0 };
	occurrence->root = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
	if (occurrence->root != NULL && occurrence_read(occurrence) == 0)
		return 0;
	occurrence_release(occurrence);
	return -1;
}

void
occurrence_release(struct occurrence *occurrence)
{
	json_decref(occurrence->root);
	occurrence->root = NULL;
}

const json_t *
occurrence_data(const struct occurrence *occurrence, const char *key)
{
	return json_object_get(json_object_get(occurrence->root, "data"), key);
}

int64_t
occurrence_time_us(const struct occurrence *occurrence)
{
	const char *text = occurrence_text(occurrence, "time");
	int64_t time_us;

	return text != NULL && clock_parse(text, &time_us) == 0 ? time_us : 0;
}
