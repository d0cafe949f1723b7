/*
 * show.c - see show.h.
 */
#include "show.h"

#include <stdio.h>
#include <string.h>

#include "io.h"
#include "jsonw.h"

#define MARGIN 8 /* "critical" */

void
show_init(struct show *show, int fd, const struct show_options *options)
{
	memset(show, 0, sizeof(*show));
	show->fd = fd;
	show->options = *options;
}

int
show_flush(struct show *show)
{
	size_t n = show->used;

	show->used = 0;
	return n == 0 ? 0 : io_write_all(show->fd, show->buffer, n);
}

static int
show_bytes(struct show *show, const char *bytes, size_t n)
{
	if (show->used + n > SHOW_BUFFER && show_flush(show) == -1)
		return -1;
	if (n > SHOW_BUFFER)
		return io_write_all(show->fd, bytes, n);
	memcpy(show->buffer + show->used, bytes, n);
	show->used += n;
	return 0;
}

static int
show_string(struct show *show, const char *string)
{
	return show_bytes(show, string, strlen(string));
}

static int
show_number(struct show *show, uint64_t value)
{
	char digits[20], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	return show_bytes(show, p, (size_t)(digits + sizeof(digits) - p));
}

/* --- JSON --------------------------------------------------------------- */

static bool
is_same(const struct show_row *a, const struct show_row *b)
{
	return a->output == b->output && a->severity == b->severity &&
	    a->kind == b->kind && a->score == b->score &&
	    a->source == b->source && a->reason == b->reason &&
	    a->group == b->group;
}

/* All of the object behind the number: most lines share it with the one
 * before. */
static void
show_make_tail(struct show *show, const struct show_row *row)
{
	static const char *const outputs[SHOW_OUTPUTS] = {
		[SHOW_QUIET] = "QUIET",
		[SHOW_CONTEXT] = "CONTEXT",
		[SHOW_ALERT] = "ALERT",
	};
	struct jsonw w;
	long length;

	jsonw_start(&w, show->tail, sizeof(show->tail) - 2);
	w.comma = true;
	jsonw_str(&w, "output", outputs[row->output]);
	jsonw_str(&w, "severity", severity_name(row->severity));
	jsonw_str(&w, "kind", kind_name(row->kind));
	jsonw_real(&w, "score", row->score);
	jsonw_str(&w, "source", row->source);
	if (row->group == 0)
		jsonw_null(&w, "group");
	else
		jsonw_int(&w, "group", (int64_t)row->group);
	if (show->options.explain)
		jsonw_str(&w, "reason", row->reason);
	length = jsonw_end(&w);
	show->tail_length = length == -1 ? 0 : (size_t)length;
	memcpy(show->tail + show->tail_length, "}\n", 2);
	show->tail_length += 2;
	show->last = *row;
}

static int
show_json(struct show *show, const struct show_row *row)
{
	if (show->tail_length == 0 || !is_same(&show->last, row))
		show_make_tail(show, row);
	if (show_string(show, "{\"n\":") == -1 ||
	    show_number(show, row->n) == -1)
		return -1;
	return show_bytes(show, show->tail, show->tail_length);
}

/* --- for people --------------------------------------------------------- */

static const char *
show_colour(const struct show *show, const struct show_row *row)
{
	static const char *const colours[SEVERITY_COUNT] = {
		[SEVERITY_NONE] = "\033[2m",
		[SEVERITY_LOW] = "\033[32m",
		[SEVERITY_MEDIUM] = "\033[33m",
		[SEVERITY_HIGH] = "\033[31m",
		[SEVERITY_CRITICAL] = "\033[1;31m",
	};

	if (!show->options.colour || row->output == SHOW_QUIET)
		return "";
	return colours[row->severity];
}

/* "critical    12:", a bar for what belongs to an alert, nothing for what
 * nobody needs to see. */
static int
show_margin(struct show *show, const struct show_row *row)
{
	const char *colour = show_colour(show, row), *word = "";
	char margin[64];

	if (row->output == SHOW_ALERT)
		word = severity_name(row->severity);
	else if (row->output == SHOW_CONTEXT)
		word = "       |";
	snprintf(margin, sizeof(margin), "%s%-*s%s %6llu:", colour, MARGIN,
	    word, colour[0] == '\0' ? "" : "\033[0m",
	    (unsigned long long)row->n);
	return show_string(show, margin);
}

static int
show_reason(struct show *show, const struct show_row *row)
{
	char words[256];

	snprintf(words, sizeof(words), "%*s        ^ %s%s%s, score %.2f\n",
	    MARGIN, "", row->source, row->reason == NULL ? "" : ": ",
	    row->reason == NULL ? "" : row->reason, row->score);
	return show_string(show, words);
}

static int
show_text(struct show *show, const struct show_row *row,
    const struct text *text)
{
	if (show_margin(show, row) == -1 ||
	    show_bytes(show, text->bytes, text->length) == -1 ||
	    show_bytes(show, "\n", 1) == -1)
		return -1;
	if (!show->options.explain || row->output != SHOW_ALERT)
		return 0;
	return show_reason(show, row);
}

int
show_row(struct show *show, const struct show_row *row, const struct text *text)
{
	show->lines++;
	if (row->output == SHOW_ALERT)
		show->alerts[row->severity]++;
	else if (show->options.only_alerts)
		return 0;
	return show->options.json ? show_json(show, row)
				  : show_text(show, row, text);
}
