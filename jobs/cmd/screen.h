/*
 * screen.h - a job's text as it may be shown on a terminal.
 *
 * Colours stay where colours are wanted, and go where not; "erase in line"
 * goes; every other control byte is escaped, so that no output can move the
 * cursor or make the terminal do anything else.
 */
#ifndef JOBS_CMD_SCREEN_H
#define JOBS_CMD_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "ansi.h"
#include "pattern.h"
#include "severity.h"

struct screen {
	FILE *out; /* borrowed */
	bool colour;
	struct ansi_state states[STREAM_COUNT];
};

struct screen_text {
	enum stream stream;
	const char *bytes; /* a line, without its newline */
	size_t length;
	/* Places to set off, in order, counted without escape sequences. */
	const struct pattern_span *marks;
	size_t mark_count;
};

/* Prints a line of text; what was on before it is off after it, and on again
 * in the stream's next line. */
void screen_print(struct screen *screen, const struct screen_text *text);

/* Bytes of text that are printed into `width` columns, or into fewer. */
size_t screen_cut(const char *text, size_t n, size_t width);

#endif
