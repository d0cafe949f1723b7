/*
 * record.c - see record.h.
 */
#include "record.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "clean.h"
#include "utf8.h"

struct record_level {
	const char *name;
	enum severity severity;
	enum kind kind;
};

/* The names of syslog, Python, zap, log4j and their kin. */
static const struct record_level record_levels[] = {
	{ "trace", SEVERITY_NONE, KIND_NOISE },
	{ "debug", SEVERITY_NONE, KIND_NOISE },
	{ "info", SEVERITY_NONE, KIND_NOISE },
	{ "notice", SEVERITY_NONE, KIND_NOISE },
	{ "warn", SEVERITY_MEDIUM, KIND_WARNING },
	{ "warning", SEVERITY_MEDIUM, KIND_WARNING },
	{ "err", SEVERITY_HIGH, KIND_FAILURE },
	{ "error", SEVERITY_HIGH, KIND_FAILURE },
	{ "severe", SEVERITY_HIGH, KIND_FAILURE },
	{ "critical", SEVERITY_CRITICAL, KIND_FAILURE },
	{ "crit", SEVERITY_CRITICAL, KIND_FAILURE },
	{ "fatal", SEVERITY_CRITICAL, KIND_FAILURE },
	{ "panic", SEVERITY_CRITICAL, KIND_FAILURE },
	{ "alert", SEVERITY_CRITICAL, KIND_FAILURE },
	{ "emerg", SEVERITY_CRITICAL, KIND_FAILURE },
	{ "emergency", SEVERITY_CRITICAL, KIND_FAILURE },
};

static void
record_set(struct record *record, enum severity severity, enum kind kind)
{
	record->severity = severity;
	record->kind = kind;
}

static void
record_named_level(struct record *record, const char *name)
{
	for (size_t i = 0; i < sizeof(record_levels) / sizeof(*record_levels);
	     i++)
		if (strcasecmp(name, record_levels[i].name) == 0)
			record_set(record, record_levels[i].severity,
			    record_levels[i].kind);
}

/* The numbers of bunyan and pino: 40 warn, 50 error, 60 fatal. */
static void
record_numbered_level(struct record *record, json_int_t level)
{
	if (level >= 60)
		record_set(record, SEVERITY_CRITICAL, KIND_FAILURE);
	else if (level >= 50)
		record_set(record, SEVERITY_HIGH, KIND_FAILURE);
	else if (level >= 40)
		record_set(record, SEVERITY_MEDIUM, KIND_WARNING);
}

/* A JSON string may hold anything; the message is as clean as a line. */
static void
record_message(struct record *record, const json_t *string)
{
	char room[LINE_KEPT_MAX];
	struct text text;

	clean_line(json_string_value(string), json_string_length(string), room,
	    &text);
	record->length = utf8_cut(text.bytes, text.length, RECORD_MESSAGE_MAX);
	memcpy(record->message, text.bytes, record->length);
}

static bool
record_take(const json_t *object, struct record *record)
{
	const json_t *level = json_object_get(object, "level");
	const json_t *words = json_object_get(object, "msg");
	const json_t *event = json_object_get(object, "event");

	if (level == NULL)
		level = json_object_get(object, "severity");
	if (!json_is_string(words))
		words = json_object_get(object, "message");
	if (!json_is_string(words) && !json_is_string(event))
		return false;
	if (level == NULL && !json_is_string(event))
		return false;
	record_set(record, SEVERITY_NONE, KIND_NOISE);
	if (json_is_string(level))
		record_named_level(record, json_string_value(level));
	else if (json_is_integer(level))
		record_numbered_level(record, json_integer_value(level));
	record_message(record, json_is_string(words) ? words : event);
	return true;
}

/* Nearly all other lines are told by their ends, and records by a key. */
bool
record_is_likely(const struct text *line)
{
	const char *p = line->bytes;
	size_t n = line->length;

	while (n > 0 && p[n - 1] == ' ')
		n--;
	while (n > 0 && *p == ' ') {
		p++;
		n--;
	}
	if (n < 2 || p[0] != '{' || p[n - 1] != '}')
		return false;
	return memmem(p, n, "\"level\"", 7) != NULL ||
	    memmem(p, n, "\"severity\"", 10) != NULL ||
	    memmem(p, n, "\"event\"", 7) != NULL;
}

bool
record_read(const struct text *line, struct record *record)
{
	json_t *object;
	bool taken;

	if (!record_is_likely(line))
		return false;
	object = json_loadb(line->bytes, line->length, JSON_ALLOW_NUL, NULL);
	taken = json_is_object(object) && record_take(object, record);
	json_decref(object);
	return taken;
}
