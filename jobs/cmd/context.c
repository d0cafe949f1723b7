/*
 * context.c - see context.h.
 */
#include "context.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct context_kept {
	STAILQ_ENTRY(context_kept) next;
	struct line line; /* its text is below */
	char text[];
};

struct context {
	unsigned long before;
	unsigned long after;
	unsigned long due; /* lines still to be shown after a selected one */
	struct context_rows rows;
	STAILQ_HEAD(, context_kept) kept; /* oldest first */
	unsigned long count;
	size_t bytes;
	bool apart; /* lines were left out since the last one shown */
	bool begun; /* one was shown */
};

struct context *
context_new(unsigned long before, unsigned long after,
    const struct context_rows *rows)
{
	struct context *context = calloc(1, sizeof(*context));

	if (context == NULL)
		return NULL;
	context->before = before;
	context->after = after;
	context->rows = *rows;
	STAILQ_INIT(&context->kept);
	return context;
}

/* The oldest line that is kept goes. */
static void
context_drop(struct context *context)
{
	struct context_kept *kept = STAILQ_FIRST(&context->kept);

	STAILQ_REMOVE_HEAD(&context->kept, next);
	context->count--;
	context->bytes -= sizeof(*kept) + kept->line.length;
	context->apart = true;
	free(kept);
}

static void
context_clear(struct context *context)
{
	while (!STAILQ_EMPTY(&context->kept))
		context_drop(context);
}

void
context_free(struct context *context)
{
	if (context == NULL)
		return;
	context_clear(context);
	free(context);
}

static void
context_keep(struct context *context, const struct line *line)
{
	struct context_kept *kept = NULL;

	if (context->before > 0)
		kept = malloc(sizeof(*kept) + line->length);
	if (kept == NULL) {
		context->apart = true;
		return;
	}
	kept->line = *line;
	kept->line.text = kept->text;
	memcpy(kept->text, line->text, line->length);
	STAILQ_INSERT_TAIL(&context->kept, kept, next);
	context->count++;
	context->bytes += sizeof(*kept) + line->length;
	while (context->count > context->before ||
	    context->bytes > CONTEXT_BYTES_MAX)
		context_drop(context);
}

/* Groups are set apart only where there may be more than one line to them:
 * else every line is its own. */
static void
context_part(struct context *context)
{
	if (context->begun && context->apart &&
	    (context->before > 0 || context->after > 0))
		context->rows.apart(context->rows.arg);
	context->begun = true;
	context->apart = false;
}

static void
context_show_kept(struct context *context)
{
	const struct context_kept *kept;

	STAILQ_FOREACH (kept, &context->kept, next)
		context->rows.line(&kept->line, NULL, false, context->rows.arg);
	context_clear(context);
	context->apart = false;
}

void
context_add(struct context *context, const struct line *line,
    const struct alert *alert, bool selected)
{
	if (selected) {
		context_part(context);
		context_show_kept(context);
		context->due = context->after;
	} else if (context->due > 0) {
		context->due--;
	} else {
		context_keep(context, line);
		return;
	}
	context->rows.line(line, alert, selected, context->rows.arg);
}

void
context_gap(struct context *context)
{
	context_clear(context);
	context->apart = true;
}

bool
context_hungry(const struct context *context)
{
	return context->due > 0;
}
