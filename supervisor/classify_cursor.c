/*
 * classify_cursor.c - the classifier's cursor on the disk: how far its answers
 * reach, and what the rules had counted by then.
 */
#include <stdlib.h>
#include <string.h>

#include "family.h"
#include "io.h"
#include "jsonw.h"
#include "supervisor.h"

#define SAVE_MS 500 /* a cursor this old costs some reading twice */
#define CURSOR_MAX 65536

/* The cursor's text; its length, or -1: too long, with the rules' state. */
static long
classify_text(const struct classify *classify, bool rules, char *text,
    size_t cap)
{
	struct jsonw w;

	jsonw_start(&w, text, cap);
	jsonw_open(&w, NULL, '{');
	jsonw_int(&w, "offset", (int64_t)classify->offset);
	jsonw_int(&w, "lines", (int64_t)classify->lines);
	if (rules)
		gate_save(classify->supervisor->gate, &w, "rules");
	jsonw_close(&w, '}');
	return jsonw_end(&w);
}

/* Many rules with high counts may not fit; then the next supervisor counts
 * them from nothing, which is better than reading all the log again. */
void
classify_save(struct classify *classify)
{
	static char text[CURSOR_MAX];
	long n = classify_text(classify, true, text, sizeof(text));

	if (n == -1)
		n = classify_text(classify, false, text, sizeof(text));
	writer_replace(classify->supervisor->writer, WRITER_CURSOR, text,
	    (size_t)n, false);
}

static void
classify_save_cb(evutil_socket_t fd, short what, void *arg)
{
	struct classify *classify = arg;

	(void)fd;
	(void)what;
	classify_save(classify);
	/* Without an answer, what it said last still stands. */
	if (child_is_up(&classify->child))
		(void)child_send(&classify->child, MESSAGE_SURVEY, NULL, 0,
		    NULL, 0);
}

void
classify_save_soon(struct classify *classify)
{
	const struct timeval soon = { .tv_usec = SAVE_MS * 1000 };

	if (!evtimer_pending(classify->save, NULL))
		evtimer_add(classify->save, &soon);
}

/* A cursor that cannot be read means reading all again: verdicts heard
 * before are dropped, so it costs time and nothing else. */
static void
classify_load(struct classify *classify)
{
	size_t length;
	char *text = io_load(FAMILY_FD_DIR, "cursor-classifier", CURSOR_MAX,
	    &length);
	json_t *saved = text == NULL ? NULL : json_loadb(text, length, 0, NULL);
	json_int_t offset, lines;

	free(text);
	if (saved == NULL)
		return;
	offset = json_integer_value(json_object_get(saved, "offset"));
	lines = json_integer_value(json_object_get(saved, "lines"));
	if (offset >= 0 && lines >= 0) {
		classify->offset = (uint64_t)offset;
		writer_unpin(classify->supervisor->writer, classify->offset);
		classify->lines = (uint64_t)lines;
	}
	gate_load(classify->supervisor->gate, json_object_get(saved, "rules"));
	json_decref(saved);
}

int
classify_open_cursor(struct classify *classify)
{
	classify->save = evtimer_new(classify->supervisor->base,
	    classify_save_cb, classify);
	if (classify->save == NULL)
		return -1;
	classify_load(classify);
	return 0;
}
