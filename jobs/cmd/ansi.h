/*
 * ansi.h - the two escape sequences of a job that a view knows: colours
 * (SGR) and "erase in line" (EL), which progress bars and compilers send.
 *
 * All others could move the cursor, set the title or make the terminal
 * answer; they are no more to us than bytes to be escaped. Sequences are
 * those of ECMA-48, 8.3.117 and 8.3.41, in their seven-bit form.
 */
#ifndef JOBS_CMD_ANSI_H
#define JOBS_CMD_ANSI_H

#include <stddef.h>

#define ANSI_MAX 128	  /* a longer sequence is none */
#define ANSI_HELD_MAX 256 /* of colours that are on; more are forgotten */

#define ANSI_RESET "\033[0m"

enum ansi_kind { ANSI_COLOUR, ANSI_ERASE };

/* Length of such a sequence at p, or 0; kind is set when there is one. */
size_t ansi_length(const char *p, size_t n, enum ansi_kind *kind);
/* Copies n bytes but for these sequences to out (room for n). Length. */
size_t ansi_strip(const char *text, size_t n, char *out);

/* The colours that a stream has turned on, as sequences to repeat: a program
 * may colour a line and end it in the next. */
struct ansi_state {
	size_t length;
	char held[ANSI_HELD_MAX];
};

/* A colour sequence has passed. */
void ansi_note(struct ansi_state *state, const char *sequence, size_t n);

#endif
