/*
 * tally.c - see tally.h.
 */
#include "tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "event.h"
#include "io.h"
#include "jobdir.h"
#include "outbox.h"

#define TALLY_OUTBOX_MAX (8 * 1024 * 1024)
#define TALLY_MARK "\"event\":\"notify."

static void
tally_replace(json_t **kept, json_t *event)
{
	json_decref(*kept);
	*kept = json_incref(event);
}

static void
tally_count(struct tally *tally, json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	const json_t *data = json_object_get(event, "data");

	if (name == NULL)
		return;
	if (strcmp(name, registry_rows[EVENT_NOTIFY_SENT].name) == 0) {
		tally->sent++;
		tally_replace(&tally->last_sent, event);
	} else if (strcmp(name, registry_rows[EVENT_NOTIFY_FAILED].name) == 0) {
		tally->failed += json_is_true(
		    json_object_get(data, "permanent"));
		tally_replace(&tally->last_failure, event);
	} else if (strcmp(name, registry_rows[EVENT_NOTIFY_GAVEUP].name) == 0) {
		tally->gaveup++;
		tally_replace(&tally->last_failure, event);
	}
}

/* Most lines are not ours: a look at the bytes spares the parsing. */
static int
tally_read_events(struct tally *tally, int fd)
{
	struct event_reader reader;
	char *line;
	size_t length;
	int result;

	if (event_reader_init(&reader, fd, 0) == -1)
		return -1;
	while ((result = event_reader_next(&reader, &line, &length)) == 1 ||
	    (result == -1 && errno == EMSGSIZE)) {
		json_t *event;

		if (result == -1 ||
		    memmem(line, length, TALLY_MARK, strlen(TALLY_MARK)) ==
			NULL)
			continue;
		event = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
		tally_count(tally, event);
		json_decref(event);
	}
	event_reader_release(&reader);
	return result;
}

static int
tally_events(struct tally *tally, int dir, struct why *why)
{
	int fd = openat(dir, EVENTS_FILE, O_RDONLY | O_CLOEXEC);
	int result;

	if (fd == -1)
		return errno == ENOENT
		    ? 0
		    : why_errno(why, "cannot read " EVENTS_FILE);
	result = tally_read_events(tally, fd);
	if (result == -1)
		why_errno(why, "cannot read " EVENTS_FILE);
	close(fd);
	return result;
}

static int
tally_outbox(struct tally *tally, int dir, struct why *why)
{
	size_t length;
	char *text = io_load(dir, OUTBOX_FILE, TALLY_OUTBOX_MAX, &length);

	if (text == NULL)
		return errno == ENOENT
		    ? 0
		    : why_errno(why, "cannot read " OUTBOX_FILE);
	tally->outbox = json_loadb(text, length, 0, NULL);
	free(text);
	return tally->outbox == NULL ? why_set(why, OUTBOX_FILE " is damaged")
				     : 0;
}

int
tally_init(struct tally *tally, int dir, struct why *why)
{
	json_t *identity = jobdir_identity(dir, why);
	const char *id = json_string_value(json_object_get(identity, "id"));

	*tally = (struct tally){ 0 };
	if (identity == NULL)
		return -1;
	tally->job = strdup(id == NULL ? "?" : id);
	json_decref(identity);
	if (tally->job == NULL)
		return why_set(why, "out of memory");
	if (tally_outbox(tally, dir, why) == 0 &&
	    tally_events(tally, dir, why) == 0)
		return 0;
	tally_release(tally);
	return -1;
}

void
tally_release(struct tally *tally)
{
	free(tally->job);
	json_decref(tally->outbox);
	json_decref(tally->last_sent);
	json_decref(tally->last_failure);
	*tally = (struct tally){ 0 };
}

const json_t *
tally_pending(const struct tally *tally)
{
	return json_object_get(tally->outbox, "pending");
}

/* Microseconds in the file, a time for people and programs here. */
static json_t *
tally_time(const json_t *letter, const char *key)
{
	char text[CLOCK_TEXT];

	return json_string(
	    clock_rfc3339(json_integer_value(json_object_get(letter, key)),
		text));
}

static json_t *
tally_letters(const struct tally *tally)
{
	const json_t *pending = tally_pending(tally);
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(pending); i++) {
		const json_t *letter = json_array_get(pending, i);

		json_array_append_new(list,
		    json_pack("{s:O?, s:O?, s:O?, s:O?, s:o, s:o, s:O?}",
			"message_id", json_object_get(letter, "id"), "seq",
			json_object_get(letter, "seq"), "channel",
			json_object_get(letter, "channel"), "attempts",
			json_object_get(letter, "attempts"), "first_at",
			tally_time(letter, "first_at"), "next_at",
			tally_time(letter, "next_at"), "error",
			json_object_get(letter, "error")));
	}
	return list;
}

/* A notify.* event, flat; null for none. */
static json_t *
tally_fate(json_t *event)
{
	const json_t *data = json_object_get(event, "data");

	if (event == NULL)
		return json_null();
	return json_pack("{s:O?, s:O?, s:O?, s:O?, s:O?, s:O?}", "time",
	    json_object_get(event, "time"), "channel",
	    json_object_get(data, "channel"), "seq",
	    json_object_get(data, "of"), "message_id",
	    json_object_get(data, "message_id"), "attempts",
	    json_object_get(data, "attempts"), "error",
	    json_object_get(data, "error"));
}

json_t *
tally_to_json(const struct tally *tally)
{
	json_t *closed = json_object_get(tally->outbox, "closed");

	return json_pack("{s:s, s:I, s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "job",
	    tally->job, "cursor",
	    json_integer_value(json_object_get(tally->outbox, "cursor")),
	    "delivered", (int)tally->sent, "failed", (int)tally->failed,
	    "gaveup", (int)tally->gaveup, "pending", tally_letters(tally),
	    "closed", closed == NULL ? json_array() : json_incref(closed),
	    "last_delivered", tally_fate(tally->last_sent), "last_failure",
	    tally_fate(tally->last_failure));
}
