/*
 * ansi.c - see ansi.h.
 */
#include "ansi.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE 0x1b

/* The final byte after parameters of digits, ';' and ':' alone: a private
 * mark ('?', '>') or an intermediate byte makes it another sequence. */
size_t
ansi_length(const char *p, size_t n, enum ansi_kind *kind)
{
	size_t i = 2;

	if (n < 3 || p[0] != ESCAPE || p[1] != '[')
		return 0;
	if (n > ANSI_MAX)
		n = ANSI_MAX;
	while (i < n && p[i] >= '0' && p[i] <= ';')
		i++;
	if (i == n || (p[i] != 'm' && p[i] != 'K'))
		return 0;
	*kind = p[i] == 'm' ? ANSI_COLOUR : ANSI_ERASE;
	return i + 1;
}

size_t
ansi_strip(const char *text, size_t n, char *out)
{
	size_t length = 0;

	while (n > 0) {
		enum ansi_kind kind;
		size_t used = ansi_length(text, n, &kind);
		const char *next;

		text += used;
		n -= used;
		if (n == 0)
			break;
		next = memchr(text + (used == 0), ESCAPE, n - (used == 0));
		used = next == NULL ? n : (size_t)(next - text);
		memmove(out + length, text, used);
		length += used;
		text += used;
		n -= used;
	}
	return length;
}

/* How many parameters the colour that p names takes for itself: "5;N" or
 * "2;R;G;B" after 38, 48 or 58 (xterm's ctlseqs; colons need no count). */
static int
ansi_operands(long parameter, const char *p)
{
	if (parameter != 38 && parameter != 48 && parameter != 58)
		return 0;
	if (strncmp(p, ";5", 2) == 0 && !isdigit((unsigned char)p[2]))
		return 2;
	if (strncmp(p, ";2", 2) == 0 && !isdigit((unsigned char)p[2]))
		return 4;
	return 0;
}

/* Where the last parameter that turns all off ends, or NULL: none does. An
 * empty one is a zero. The sequence ends with 'm'. */
static const char *
ansi_reset(const char *sequence)
{
	const char *p = sequence + 1, *reset = NULL;
	int operands = 0;

	do {
		char *end;
		long parameter = strtol(++p, &end, 10);

		p = end;
		if (operands > 0)
			operands--;
		else if (parameter == 0 && *p != ':')
			reset = p;
		else
			operands = ansi_operands(parameter, p);
		p += strcspn(p, ";m");
	} while (*p == ';');
	return reset;
}

void
ansi_note(struct ansi_state *state, const char *sequence, size_t n)
{
	char text[ANSI_MAX + 1];
	const char *reset;

	memcpy(text, sequence, n);
	text[n] = '\0';
	reset = ansi_reset(text);
	if (reset != NULL)
		state->length = 0;
	if (reset != NULL && *reset == 'm')
		return; /* nothing is turned on after it */
	if (n > sizeof(state->held) - state->length) {
		state->length = 0;
		return;
	}
	memcpy(state->held + state->length, sequence, n);
	state->length += n;
}
