/*
 * alerts.c - see alerts.h.
 */
#include "alerts.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "eventfile.h"
#include "io.h"
#include "jsonscan.h"

#define CURSOR_MAX 65536
#define WORD_MAX 24 /* longer ones are no name and no number of ours */

struct alerts {
	enum severity least;
	struct eventfile file;
	struct alert *rows; /* owned; in order of offset */
	size_t count;
	size_t room;
};

struct alerts *
alerts_new(int dir, enum severity least)
{
	struct alerts *alerts = calloc(1, sizeof(*alerts));

	if (alerts == NULL)
		return NULL;
	alerts->least = least;
	eventfile_init(&alerts->file, dir);
	return alerts;
}

void
alerts_free(struct alerts *alerts)
{
	if (alerts == NULL)
		return;
	eventfile_release(&alerts->file);
	free(alerts->rows);
	free(alerts);
}

/* --- one event ---------------------------------------------------------- */

/* A member's value without its quotes; "" when it is too long to matter. */
static const char *
alert_word(const struct jsonspan *value, char word[WORD_MAX])
{
	size_t quotes = value->text[0] == '"', n = value->length - 2 * quotes;

	word[0] = '\0';
	if (n < WORD_MAX) {
		memcpy(word, value->text + quotes, n);
		word[n] = '\0';
	}
	return word;
}

static uint64_t
alert_number(const char *word)
{
	char *end;
	unsigned long long number = strtoull(word, &end, 10);

	return *end == '\0' ? number : UINT64_MAX;
}

static bool
alert_is_of_line(const char *event)
{
	return strcmp(event, "output.alert") == 0 ||
	    strcmp(event, "output.milestone") == 0;
}

/* False: the event is not about a line, or not grave enough. */
static bool
alert_parse(const char *text, size_t n, enum severity least,
    struct alert *alert)
{
	struct jsonscan scan;
	struct jsonspan key, value;
	int severity = -1;
	bool is_alert = false;

	*alert = (struct alert){ .offset = UINT64_MAX };
	if (jsonscan_start(&scan, text, n) == -1)
		return false;
	while (jsonscan_next(&scan, &key, &value) == 1) {
		char room[WORD_MAX];
		const char *word = alert_word(&value, room);

		if (jsonspan_is(&key, "event"))
			is_alert = alert_is_of_line(word);
		else if (jsonspan_is(&key, "severity"))
			severity = severity_parse(word);
		else if (jsonspan_is(&key, "seq"))
			alert->seq = alert_number(word);
		else if (jsonspan_is(&key, "offset"))
			alert->offset = alert_number(word);
		else if (jsonspan_is(&key, "stream"))
			alert->stream = strcmp(word, "stderr") == 0
			    ? STREAM_STDERR
			    : STREAM_STDOUT;
	}
	alert->severity = severity == -1 ? SEVERITY_NONE
					 : (enum severity)severity;
	return is_alert && alert->offset != UINT64_MAX &&
	    severity >= (int)least;
}

/* --- all of them -------------------------------------------------------- */

static int
alert_compare(const void *left, const void *right)
{
	const struct alert *a = left, *b = right;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int
alerts_add(struct alerts *alerts, const struct alert *alert)
{
	if (alerts->count == alerts->room) {
		size_t room = alerts->room == 0 ? 64 : 2 * alerts->room;
		struct alert *rows = realloc(alerts->rows,
		    room * sizeof(*rows));

		if (rows == NULL)
			return -1;
		alerts->rows = rows;
		alerts->room = room;
	}
	alerts->rows[alerts->count++] = *alert;
	return 0;
}

int
alerts_read(struct alerts *alerts)
{
	size_t known = alerts->count, n;
	struct alert alert;
	bool sorted = true;
	char *line;
	int found;

	while ((found = eventfile_next(&alerts->file, &line, &n)) == 1) {
		if (!alert_parse(line, n, alerts->least, &alert))
			continue;
		sorted = sorted &&
		    (alerts->count == 0 ||
			alert_compare(&alerts->rows[alerts->count - 1],
			    &alert) < 0);
		if (alerts_add(alerts, &alert) == -1)
			return -1;
	}
	if (alerts->count > known && !sorted)
		qsort(alerts->rows, alerts->count, sizeof(*alerts->rows),
		    alert_compare);
	return found;
}

/* The first row at or behind the offset. */
static size_t
alerts_seek(const struct alerts *alerts, uint64_t offset)
{
	size_t low = 0, high = alerts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (alerts->rows[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct alert *
alerts_find(const struct alerts *alerts, const struct line *line)
{
	const struct alert *found = NULL;

	for (size_t i = alerts_seek(alerts, line->offset);
	     i < alerts->count && alerts->rows[i].offset < line->end; i++) {
		const struct alert *row = &alerts->rows[i];

		if (row->stream == line->stream &&
		    (found == NULL || row->severity > found->severity))
			found = row;
	}
	return found;
}

uint64_t
alerts_next(const struct alerts *alerts, enum stream stream, uint64_t from)
{
	for (size_t i = alerts_seek(alerts, from); i < alerts->count; i++)
		if (alerts->rows[i].stream == stream)
			return alerts->rows[i].offset;
	return UINT64_MAX;
}

uint64_t
alerts_horizon(int dir)
{
	size_t n;
	char *text = io_load(dir, "cursor-classifier", CURSOR_MAX, &n);
	json_t *cursor = text == NULL ? NULL : json_loadb(text, n, 0, NULL);
	json_int_t offset = json_integer_value(
	    json_object_get(cursor, "offset"));

	json_decref(cursor);
	free(text);
	return offset < 0 ? 0 : (uint64_t)offset;
}
