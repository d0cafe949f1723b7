/*
 * sheet.c - see sheet.h.
 */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

struct sheet_row {
	struct show_row shown; /* by its own verdict, until it is settled */
	uint64_t group;	       /* 0: none */
	bool waits;
	bool names; /* the event of its group */
	bool own;   /* its own verdict stands: a rule's, or behind all */
	size_t text, length;
};

int
sheet_init(struct sheet *sheet, struct show *show)
{
	*sheet = (struct sheet){ .show = show };
	sheet->rows = calloc(SHEET_ROWS_MAX, sizeof(*sheet->rows));
	if (show_wants_text(show))
		sheet->text = calloc(1, SHEET_TEXT_MAX);
	return sheet->rows == NULL ||
		(show_wants_text(show) && sheet->text == NULL)
	    ? -1
	    : 0;
}

void
sheet_release(struct sheet *sheet)
{
	free(sheet->rows);
	free(sheet->text);
	sheet->rows = NULL;
	sheet->text = NULL;
}

/* What a row is, by what its group turned out to be. */
static void
row_settle(struct sheet_row *row, const struct group *group)
{
	const struct verdict *verdict = &group->verdict;
	struct show_row *shown = &row->shown;

	row->waits = false;
	if (!group->sure)
		return;
	shown->group = group->id;
	if (row->own)
		return;
	if (!row->names) {
		shown->output = SHOW_CONTEXT;
		shown->severity = SEVERITY_NONE;
		shown->kind = KIND_NOISE;
		shown->score = 0;
		return;
	}
	if (shown->output != SHOW_ALERT) {
		shown->output = SHOW_ALERT;
		shown->kind = verdict->kind;
		shown->source = verdict->source;
		shown->reason = verdict->reason;
	}
	if (shown->severity < verdict->severity)
		shown->severity = verdict->severity;
	if (shown->score < verdict->score)
		shown->score = verdict->score;
}

static void
row_make(struct sheet_row *row, const struct outcome *outcome, uint64_t n)
{
	const struct verdict *verdict = outcome->verdict;
	const struct group *group = outcome->group;

	*row = (struct sheet_row){
		.shown = { .n = n,
		    .output = verdict->alert ? SHOW_ALERT : SHOW_QUIET,
		    .severity = verdict->alert ? verdict->severity
					       : SEVERITY_NONE,
		    .kind = verdict->alert ? verdict->kind : KIND_NOISE,
		    .score = verdict->score,
		    .source = verdict->source,
		    .reason = verdict->reason },
		.own = verdict->alert && verdict->rule >= 0,
	};
	if (group == NULL)
		return;
	row->group = group->id;
	row->own |= verdict->alert && group_trails(group);
	row->names = outcome->event == GRAMMAR_FINAL ||
	    (outcome->event == GRAMMAR_HEADER &&
		(group->row->grammar->flags & GRAMMAR_HEADER_FRAMES) == 0);
	if (group->settled)
		row_settle(row, group);
	else
		row->waits = true;
}

/* Prints the first rows, up to one that waits. */
static int
sheet_print(struct sheet *sheet)
{
	while (sheet->count > 0 && !sheet->rows[sheet->first].waits) {
		const struct sheet_row *row = &sheet->rows[sheet->first];
		struct text text = { sheet->text + row->text, row->length };

		if (show_row(sheet->show, &row->shown, &text) == -1)
			return -1;
		sheet->first = (sheet->first + 1) % SHEET_ROWS_MAX;
		sheet->count--;
	}
	if (sheet->count == 0)
		sheet->text_used = 0;
	return 0;
}

static void
sheet_hold(struct sheet *sheet, struct sheet_row *row, const struct text *text)
{
	unsigned at = (sheet->first + sheet->count++) % SHEET_ROWS_MAX;

	if (sheet->text != NULL) {
		row->text = sheet->text_used;
		row->length = text->length;
		memcpy(sheet->text + row->text, text->bytes, text->length);
		sheet->text_used += text->length;
	}
	sheet->rows[at] = *row;
}

int
sheet_line(void *arg, const struct outcome *outcome)
{
	struct sheet *sheet = arg;
	struct sheet_row row;

	row_make(&row, outcome, ++sheet->lines);
	if (!row.waits && sheet->count == 0)
		return show_row(sheet->show, &row.shown, outcome->text);
	sheet_hold(sheet, &row, outcome->text);
	return 0;
}

int
sheet_settle(void *arg, const struct group *group)
{
	struct sheet *sheet = arg;

	for (unsigned i = 0; i < sheet->count; i++) {
		struct sheet_row
		    *row = &sheet->rows[(sheet->first + i) % SHEET_ROWS_MAX];

		if (row->waits && row->group == group->id)
			row_settle(row, group);
	}
	return sheet_print(sheet);
}

bool
sheet_is_full(const struct sheet *sheet)
{
	return sheet->count == SHEET_ROWS_MAX ||
	    sheet->text_used > GROUP_REACH_MAX;
}
