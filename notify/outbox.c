/*
 * outbox.c - see outbox.h. The file's reading and writing is outbox_file.c.
 */
#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "utf8.h"

void
outbox_init(struct outbox *outbox)
{
	*outbox = (struct outbox){ 0 };
	TAILQ_INIT(&outbox->letters);
}

void
outbox_release(struct outbox *outbox)
{
	while (!TAILQ_EMPTY(&outbox->letters))
		outbox_drop(outbox, TAILQ_FIRST(&outbox->letters));
}

bool
outbox_has_room(const struct outbox *outbox, uint32_t n)
{
	return outbox->count == 0 || outbox->count + n <= OUTBOX_MAX;
}

struct letter *
outbox_add(struct outbox *outbox)
{
	struct letter *letter = calloc(1, sizeof(*letter));

	if (letter == NULL)
		return NULL;
	letter->first_us = clock_real_us();
	letter->due_us = clock_mono_us();
	TAILQ_INSERT_TAIL(&outbox->letters, letter, next);
	outbox->count++;
	outbox->dirty = true;
	return letter;
}

void
outbox_drop(struct outbox *outbox, struct letter *letter)
{
	TAILQ_REMOVE(&outbox->letters, letter, next);
	outbox->count--;
	outbox->dirty = true;
	free(letter);
}

bool
outbox_has_id(const struct outbox *outbox, const char *id)
{
	const struct letter *letter;

	TAILQ_FOREACH (letter, &outbox->letters, next)
		if (strcmp(letter->id, id) == 0)
			return true;
	return false;
}

bool
outbox_must_wait(const struct outbox *outbox, const struct letter *letter)
{
	const struct letter *before;

	TAILQ_FOREACH (before, &outbox->letters, next) {
		if (before == letter)
			break;
		if (before->channel == letter->channel &&
		    before->order == letter->order)
			return true;
	}
	return false;
}

void
letter_set_error(struct letter *letter, const char *text)
{
	size_t n = utf8_cut(text, strlen(text), OUTBOX_ERROR_MAX);

	memcpy(letter->error, text, n);
	letter->error[n] = '\0';
}
