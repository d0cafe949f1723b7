/*
 * history.c - see history.h.
 */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

struct history_line {
	size_t length;
	char bytes[HISTORY_LINE_MAX];
};

int
history_init(struct history *history, int64_t lines)
{
	unsigned capacity = HISTORY_LINES_MAX;

	if (lines < HISTORY_LINES_MAX)
		capacity = lines < 1 ? 1 : (unsigned)lines;
	*history = (struct history){ .capacity = capacity };
	history->lines = calloc(capacity, sizeof(*history->lines));
	return history->lines == NULL ? -1 : 0;
}

void
history_release(struct history *history)
{
	free(history->lines);
	history->lines = NULL;
	history->count = 0;
}

void
history_add(struct history *history, const struct text *text)
{
	struct history_line *line;

	history->newest = (history->newest + 1) % history->capacity;
	if (history->count < history->capacity)
		history->count++;
	line = &history->lines[history->newest];
	line->length = utf8_cut(text->bytes, text->length, HISTORY_LINE_MAX);
	memcpy(line->bytes, text->bytes, line->length);
}

/* `back` lines before the newest. */
static const struct history_line *
history_line(const struct history *history, unsigned back)
{
	return &history->lines[(history->newest + history->capacity - back) %
	    history->capacity];
}

size_t
history_copy(const struct history *history, char room[CONTEXT_MAX])
{
	unsigned fit = 0;
	size_t length = 0;

	for (; fit < history->count; fit++) {
		size_t more = history_line(history, fit)->length + 1;

		if (length + more > CONTEXT_MAX)
			break;
		length += more;
	}
	length = 0;
	while (fit-- > 0) {
		const struct history_line *line = history_line(history, fit);

		memcpy(room + length, line->bytes, line->length);
		length += line->length;
		room[length++] = '\n';
	}
	return length;
}
