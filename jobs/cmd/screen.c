/*
 * screen.c - see screen.h.
 */
#include "screen.h"

#include <string.h>

#include "utf8.h"

#define ESCAPE 0x1b
#define MARK "\033[1;31m" /* as grep sets off its matches */

/* Where we are in a line. */
struct pen {
	struct screen *screen;
	struct ansi_state *state;
	const struct screen_text *text;
	size_t at;   /* bytes before, escape sequences not counted */
	size_t mark; /* the one that we are in or before */
	bool marked; /* we are in it */
	bool inked;  /* something was turned on */
};

static void
pen_write(struct pen *pen, const char *bytes, size_t n)
{
	if (!pen->screen->colour || n == 0)
		return;
	fwrite(bytes, 1, n, pen->screen->out);
	pen->inked = true;
}

/* Turns the job's own colours on as they are now. */
static void
pen_restore(struct pen *pen)
{
	pen_write(pen, pen->state->held, pen->state->length);
}

/* Begins or ends a mark where we are. */
static void
pen_turn(struct pen *pen)
{
	const struct screen_text *text = pen->text;

	if (pen->marked && pen->at == text->marks[pen->mark].end) {
		pen->marked = false;
		pen->mark++;
		pen_write(pen, ANSI_RESET, sizeof(ANSI_RESET) - 1);
		pen_restore(pen);
	}
	if (!pen->marked && pen->mark < text->mark_count &&
	    pen->at == text->marks[pen->mark].start) {
		pen->marked = true;
		pen_write(pen, MARK, sizeof(MARK) - 1);
	}
}

/* How much of n bytes can be written before a mark begins or ends. */
static size_t
pen_until_turn(const struct pen *pen, size_t n)
{
	const struct pattern_span *mark = &pen->text->marks[pen->mark];
	size_t turn;

	if (pen->mark == pen->text->mark_count)
		return n;
	turn = (pen->marked ? mark->end : mark->start) - pen->at;
	return turn < n ? turn : n;
}

/* Takes a sequence or a run of other bytes off the text. */
static size_t
pen_step(struct pen *pen, const char *p, size_t n)
{
	enum ansi_kind kind;
	size_t used = ansi_length(p, n, &kind);
	const char *next;

	if (used > 0) {
		if (kind == ANSI_ERASE)
			return used;
		ansi_note(pen->state, p, used);
		if (!pen->marked)
			pen_write(pen, p, used);
		return used;
	}
	pen_turn(pen);
	next = memchr(p + 1, ESCAPE, n - 1);
	used = pen_until_turn(pen, next == NULL ? n : (size_t)(next - p));
	utf8_print(pen->screen->out, p, used);
	pen->at += used;
	return used;
}

void
screen_print(struct screen *screen, const struct screen_text *text)
{
	struct pen pen = {
		.screen = screen,
		.state = &screen->states[text->stream],
		.text = text,
	};
	const char *p = text->bytes;
	size_t left = text->length;

	pen_restore(&pen);
	while (left > 0) {
		size_t used = pen_step(&pen, p, left);

		p += used;
		left -= used;
	}
	if (pen.inked)
		fputs(ANSI_RESET, screen->out);
}

/* Columns of a character, at most: an escaped byte takes four, what is not
 * Latin, Greek, Cyrillic or near them may take two. */
static size_t
screen_columns(const char *p, size_t length)
{
	unsigned char c = (unsigned char)*p;

	if (length == 0 || (c >= 0x20 && c < 0x7f))
		return 1;
	if (c == '\t')
		return 8;
	if (length == 1 || (length == 2 && c == 0xc2))
		return 4;
	return length == 2 ? 1 : 2;
}

size_t
screen_cut(const char *text, size_t n, size_t width)
{
	size_t at = 0;

	while (at < n) {
		enum ansi_kind kind;
		size_t used = ansi_length(text + at, n - at, &kind);
		size_t columns = 0;

		if (used == 0) {
			used = utf8_sequence((const unsigned char *)text + at,
			    n - at);
			columns = screen_columns(text + at, used);
			used += used == 0;
		}
		if (columns > width)
			break;
		width -= columns;
		at += used;
	}
	return at;
}
