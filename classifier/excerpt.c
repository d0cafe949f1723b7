/*
 * excerpt.c - see excerpt.h.
 */
#include "excerpt.h"

#include <string.h>

#include "utf8.h"

#define EXCERPT_GAP "[...]\n"
#define EXCERPT_GAP_LENGTH (sizeof(EXCERPT_GAP) - 1)

void
excerpt_clear(struct excerpt *excerpt)
{
	excerpt->head = 0;
	excerpt->length = 0;
}

static void
excerpt_remove(struct excerpt *excerpt, size_t at, size_t n)
{
	memmove(excerpt->bytes + at, excerpt->bytes + at + n,
	    excerpt->length - at - n);
	excerpt->length -= n;
}

/* Ends the head after its last whole line and marks the gap behind it. A
 * line is at most HISTORY_LINE_MAX, so there is one. */
static void
excerpt_split(struct excerpt *excerpt)
{
	const char *end = memrchr(excerpt->bytes, '\n', CONTEXT_MAX / 2);
	size_t at = (size_t)(end + 1 - excerpt->bytes);

	end = memchr(excerpt->bytes + at, '\n', excerpt->length - at);
	excerpt_remove(excerpt, at, (size_t)(end + 1 - excerpt->bytes) - at);
	memmove(excerpt->bytes + at + EXCERPT_GAP_LENGTH, excerpt->bytes + at,
	    excerpt->length - at);
	memcpy(excerpt->bytes + at, EXCERPT_GAP, EXCERPT_GAP_LENGTH);
	excerpt->head = at + EXCERPT_GAP_LENGTH;
	excerpt->length += EXCERPT_GAP_LENGTH;
}

/* Drops the oldest line behind the head. */
static void
excerpt_drop(struct excerpt *excerpt)
{
	const char *from = excerpt->bytes + excerpt->head;
	const char *end = memchr(from, '\n', excerpt->length - excerpt->head);

	excerpt_remove(excerpt, excerpt->head, (size_t)(end + 1 - from));
}

void
excerpt_add(struct excerpt *excerpt, const struct text *text)
{
	size_t n = utf8_cut(text->bytes, text->length, HISTORY_LINE_MAX - 1);
	size_t most = CONTEXT_MAX - EXCERPT_GAP_LENGTH;

	if (excerpt->head == 0 && excerpt->length + n + 1 > most)
		excerpt_split(excerpt);
	while (excerpt->length + n + 1 > most)
		excerpt_drop(excerpt);
	memcpy(excerpt->bytes + excerpt->length, text->bytes, n);
	excerpt->length += n;
	excerpt->bytes[excerpt->length++] = '\n';
}
