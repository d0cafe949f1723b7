/*
 * outbox_file.c - the outbox on disk: {"version","cursor","seq","closed":
 * [NAME…],"pending":[{…}…]}. Times are wall-clock microseconds, since a
 * reboot sets the monotonic clock back.
 */
#include "outbox.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "clock.h"
#include "document.h"
#include "io.h"

#define OUTBOX_VERSION 1

struct outbox_image {
	const struct outbox *outbox;
	const struct channels *channels;
	int64_t real_us; /* the two clocks at the time of writing */
	int64_t mono_us;
};

static void
outbox_letter_fill(struct jsonw *w, const struct outbox_image *image,
    const struct letter *letter)
{
	char order[17];

	snprintf(order, sizeof(order), "%016" PRIx64, letter->order);
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "id", letter->id);
	jsonw_int(w, "seq", (int64_t)letter->seq);
	jsonw_int(w, "offset", (int64_t)letter->offset);
	jsonw_int(w, "length", (int64_t)letter->length);
	jsonw_str(w, "order", order);
	jsonw_str(w, "channel", image->channels->at[letter->channel].name);
	jsonw_int(w, "hops", letter->hops);
	jsonw_int(w, "attempts", letter->attempts);
	jsonw_int(w, "first_at", letter->first_us);
	jsonw_int(w, "next_at",
	    image->real_us + letter->due_us - image->mono_us);
	jsonw_str(w, "error", letter->error[0] == '\0' ? NULL : letter->error);
	jsonw_close(w, '}');
}

static void
outbox_fill(struct jsonw *w, const void *arg)
{
	const struct outbox_image *image = arg;
	const struct letter *letter;

	jsonw_open(w, NULL, '{');
	jsonw_int(w, "version", OUTBOX_VERSION);
	jsonw_int(w, "cursor", (int64_t)image->outbox->cursor);
	jsonw_int(w, "seq", (int64_t)image->outbox->seq);
	jsonw_open(w, "closed", '[');
	for (uint32_t i = 0; i < image->channels->count; i++)
		if (image->channels->at[i].closed)
			jsonw_str(w, NULL, image->channels->at[i].name);
	jsonw_close(w, ']');
	jsonw_open(w, "pending", '[');
	TAILQ_FOREACH (letter, &image->outbox->letters, next)
		outbox_letter_fill(w, image, letter);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

int
outbox_save(struct outbox *outbox, int dir, const struct channels *channels,
    struct why *why)
{
	struct outbox_image image = { outbox, channels, clock_real_us(),
		clock_mono_us() };
	size_t length;
	char *text = document_make(outbox_fill, &image, &length);
	int result;

	if (text == NULL)
		return why_errno(why, "cannot write " OUTBOX_FILE);
	result = io_replace(dir, OUTBOX_FILE, text, length, true);
	if (result == -1)
		why_errno(why, "cannot write " OUTBOX_FILE);
	else
		outbox->dirty = false;
	free(text);
	return result;
}

/* A number that is not negative; false: it is not there. */
static bool
outbox_number(const json_t *object, const char *key, uint64_t *number)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*number = (uint64_t)json_integer_value(value);
	return true;
}

/* The wall clock may have been set since, or be wrong: no wait is longer
 * than the longest that we make. */
static int64_t
outbox_due(uint64_t next_at_us)
{
	int64_t wait_us = (int64_t)next_at_us - clock_real_us();
	int64_t most_us = (int64_t)BACKOFF_ASKED_MAX_MS * 1000;

	if (wait_us < 0)
		wait_us = 0;
	return clock_mono_us() + (wait_us > most_us ? most_us : wait_us);
}

static int
outbox_letter_numbers(struct letter *letter, const json_t *object)
{
	uint64_t hops, attempts, first_at, next_at;

	if (!outbox_number(object, "seq", &letter->seq) ||
	    !outbox_number(object, "offset", &letter->offset) ||
	    !outbox_number(object, "length", &letter->length) ||
	    !outbox_number(object, "hops", &hops) ||
	    !outbox_number(object, "attempts", &attempts) ||
	    !outbox_number(object, "first_at", &first_at) ||
	    !outbox_number(object, "next_at", &next_at))
		return -1;
	letter->hops = (unsigned)hops;
	letter->attempts = (unsigned)attempts;
	letter->first_us = (int64_t)first_at;
	letter->due_us = outbox_due(next_at);
	return 0;
}

static int
outbox_letter_texts(struct letter *letter, const json_t *object,
    const struct channels *channels)
{
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *order = json_string_value(json_object_get(object, "order"));
	const char *error = json_string_value(json_object_get(object, "error"));

	letter->channel = channels_find(channels,
	    json_string_value(json_object_get(object, "channel")));
	if (id == NULL || strlen(id) >= SIGN_ID_MAX || order == NULL ||
	    letter->channel == CHANNEL_NONE)
		return -1;
	strcpy(letter->id, id);
	letter->order = strtoull(order, NULL, 16);
	letter_set_error(letter, error == NULL ? "" : error);
	return 0;
}

static int
outbox_read_letters(struct outbox *outbox, const json_t *pending,
    const struct channels *channels)
{
	size_t count = json_array_size(pending);

	for (size_t i = 0; i < count; i++) {
		const json_t *object = json_array_get(pending, i);
		struct letter *letter = outbox_add(outbox);

		if (letter == NULL ||
		    outbox_letter_numbers(letter, object) == -1 ||
		    outbox_letter_texts(letter, object, channels) == -1)
			return -1;
	}
	return 0;
}

static void
outbox_read_closed(const json_t *closed, struct channels *channels)
{
	for (size_t i = 0; i < json_array_size(closed); i++) {
		uint32_t index = channels_find(channels,
		    json_string_value(json_array_get(closed, i)));

		if (index != CHANNEL_NONE)
			channels->at[index].closed = true;
	}
}

static int
outbox_read(struct outbox *outbox, const json_t *root,
    struct channels *channels)
{
	const json_t *pending = json_object_get(root, "pending");
	uint64_t version;

	if (!outbox_number(root, "version", &version) ||
	    version != OUTBOX_VERSION || !json_is_array(pending) ||
	    !outbox_number(root, "cursor", &outbox->cursor) ||
	    !outbox_number(root, "seq", &outbox->seq) ||
	    outbox_read_letters(outbox, pending, channels) == -1)
		return -1;
	outbox_read_closed(json_object_get(root, "closed"), channels);
	outbox->dirty = false;
	return 0;
}

int
outbox_load(struct outbox *outbox, int dir, struct channels *channels,
    struct why *why)
{
	size_t length;
	char *text = io_load(dir, OUTBOX_FILE, DOCUMENT_MAX, &length);
	json_t *root;
	int result;

	if (text == NULL)
		return errno == ENOENT
		    ? 0
		    : why_errno(why, "cannot read " OUTBOX_FILE);
	root = json_loadb(text, length, 0, NULL);
	free(text);
	result = outbox_read(outbox, root, channels);
	json_decref(root);
	if (result == 0)
		return 0;
	outbox_release(outbox);
	outbox_init(outbox);
	return why_set(why, OUTBOX_FILE " is damaged");
}
