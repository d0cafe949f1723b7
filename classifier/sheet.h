/*
 * sheet.h - the answers to all lines, in order, each held back for as long
 * as a later line may change it: while its group is open.
 */
#ifndef CLASSIFIER_SHEET_H
#define CLASSIFIER_SHEET_H

#include "examiner.h"
#include "show.h"

/* What is held at most. A group ends before (GROUP_REACH_MAX), but another
 * may begin in between, and lines may be empty. */
#define SHEET_ROWS_MAX 65536
#define SHEET_TEXT_MAX (GROUP_REACH_MAX + LINE_KEPT_MAX)

struct sheet {
	struct show *show; /* borrowed */
	uint64_t lines;
	struct sheet_row *rows; /* owned, SHEET_ROWS_MAX: from first on */
	unsigned first, count;
	char *text; /* owned, SHEET_TEXT_MAX; NULL: not wanted */
	size_t text_used;
};

/* 0, or -1: out of memory. */
int sheet_init(struct sheet *sheet, struct show *show);
void sheet_release(struct sheet *sheet);
/* As a listener of the examiner; `arg` is the sheet. */
int sheet_line(void *arg, const struct outcome *outcome);
int sheet_settle(void *arg, const struct group *group);
/* True when all groups must be settled before the next line. */
bool sheet_is_full(const struct sheet *sheet);
static inline bool
sheet_holds(const struct sheet *sheet)
{
	return sheet->count > 0;
}

#endif
