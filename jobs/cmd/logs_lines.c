/*
 * logs_lines.c - prints a range of the output line by line: those that were
 * asked for, and lines around them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "context.h"
#include "logs_show.h"
#include "scan.h"
#include "view.h"

#define SHEET_READS 64 /* between two looks whether anybody reads us */

struct sheet {
	struct show show;
	const struct selection *selection; /* borrowed */
	struct scan scan;
	struct view view;
	struct context *context; /* owned */
	uint64_t end;		 /* of the range */
	unsigned long skip;	 /* wanted lines before the first to show */
	unsigned long left;	 /* and how many to show yet; ULONG_MAX: all */
	bool found;		 /* a line was wanted */
	char *block;		 /* owned, SHOW_BLOCK */
	unsigned long reads;
};

/* --- lines -------------------------------------------------------------- */

/* All that was asked for has been shown, with the lines after it. */
static bool
sheet_is_full(const struct sheet *sheet)
{
	return sheet->left == 0 && !context_hungry(sheet->context);
}

static void
sheet_line_cb(const struct line *line, const struct alert *alert, bool selected,
    void *arg)
{
	struct sheet *sheet = arg;

	if (sheet_is_full(sheet))
		return;
	if (selected && sheet->skip > 0) {
		sheet->skip--;
		selected = false;
	} else if (selected && sheet->left == 0) {
		selected = false;
	} else if (selected) {
		sheet->found = true;
		if (sheet->left != ULONG_MAX)
			sheet->left--;
	}
	context_add(sheet->context, line, alert, selected);
}

static void
sheet_gap_cb(void *arg)
{
	struct sheet *sheet = arg;

	context_gap(sheet->context);
}

static bool
sheet_hungry_cb(void *arg)
{
	struct sheet *sheet = arg;

	return context_hungry(sheet->context);
}

static void
sheet_show_cb(const struct line *line, const struct alert *alert, bool selected,
    void *arg)
{
	struct sheet *sheet = arg;

	view_line(&sheet->view, line, alert, selected);
}

static void
sheet_apart_cb(void *arg)
{
	struct sheet *sheet = arg;

	view_apart(&sheet->view);
}

/* --- all of them -------------------------------------------------------- */

/* A line that is being printed is there to be seen, like on the terminal of
 * the job: of two, the one that moved last. */
static void
sheet_draw(struct sheet *sheet)
{
	struct line lines[STREAM_COUNT];
	const struct line *last = NULL;

	for (int i = 0; i < STREAM_COUNT; i++)
		if (lines_open(sheet->scan.lines, (enum stream)i, &lines[i]) &&
		    (last == NULL || lines[i].end > last->end))
			last = &lines[i];
	if (last != NULL && sheet->skip == 0)
		view_draw(&sheet->view, last);
}

static int
sheet_flush(struct sheet *sheet)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CMD_OK;
	return show_closed(&sheet->show);
}

/* Lines can be judged as far as the classifier has come. */
static int
sheet_judge(struct sheet *sheet)
{
	const struct logs *logs = sheet->show.logs;
	uint64_t horizon = sheet->show.last ? UINT64_MAX
					    : alerts_horizon(logs->ref.dir);

	if (alerts_read(sheet->selection->alerts) == -1)
		return cmd_error(CMD_FAILED, "cannot read the events of %s: %s",
		    logs->ref.id, strerror(errno));
	follow_to(sheet->show.follow,
	    horizon < sheet->end ? horizon : sheet->end);
	return CMD_OK;
}

static int
sheet_costly(const struct sheet *sheet)
{
	return cmd_error(CMD_USAGE,
	    "logs: --grep: the pattern takes too many steps on the line at "
	    "offset %" PRIu64 "; make it simpler (nested repetitions such as "
	    "\"(a+)+\" are what does it)",
	    sheet->scan.costly_at);
}

/* All that is there now. */
static int
sheet_read(struct sheet *sheet)
{
	struct segment_chunk chunk;
	int code = CMD_OK;
	ssize_t n;

	while (code == CMD_OK && !sheet->show.done) {
		n = follow_read(sheet->show.follow, sheet->block, SHOW_BLOCK,
		    &chunk);
		if (n == -1)
			return show_failed(&sheet->show);
		if (n == 0)
			break;
		errno = 0;
		scan_feed(&sheet->scan, &chunk, sheet->block, (size_t)n);
		if (ferror(stdout))
			return show_closed(&sheet->show);
		sheet->show.done = sheet_is_full(sheet);
		if (sheet->scan.costly)
			code = sheet_costly(sheet);
		else if (++sheet->reads % SHEET_READS == 0 &&
		    show_is_left(&sheet->show))
			code = CMD_FAILED;
	}
	return code;
}

static int
sheet_step(void *arg)
{
	struct sheet *sheet = arg;
	int code = CMD_OK;

	if (sheet->show.track != NULL && sheet->selection->alerts != NULL)
		code = sheet_judge(sheet);
	if (code == CMD_OK)
		code = sheet_read(sheet);
	if (code == CMD_OK && sheet->show.last && !sheet->show.done)
		scan_flush(&sheet->scan);
	else if (code == CMD_OK)
		sheet_draw(sheet);
	if (code == CMD_OK && sheet->scan.costly)
		code = sheet_costly(sheet);
	return code == CMD_OK ? sheet_flush(sheet) : code;
}

static int
sheet_init(struct sheet *sheet, const struct logs *logs,
    const struct logs_range *range)
{
	const struct context_rows rows = { sheet_show_cb, sheet_apart_cb,
		sheet };
	const struct scan_taker taker = { sheet_line_cb, sheet_gap_cb,
		sheet_hungry_cb, logs->before, sheet };

	sheet->context = context_new(logs->before, logs->after, &rows);
	sheet->block = malloc(SHOW_BLOCK);
	if (sheet->context == NULL || sheet->block == NULL ||
	    view_init(&sheet->view, logs, sheet->selection) == -1 ||
	    scan_init(&sheet->scan, logs, sheet->selection, &taker) == -1)
		return cmd_error(CMD_FAILED, "%s: out of memory", logs->ref.id);
	scan_start(&sheet->scan, range);
	return CMD_OK;
}

int
logs_show_lines(const struct logs *logs, const struct selection *selection,
    const struct logs_range *range)
{
	struct sheet sheet = {
		.selection = selection,
		.end = range->end,
		.skip = range->skip,
		.left = range->limit,
	};
	int code = show_init(&sheet.show, logs, range);

	if (code == CMD_OK)
		code = sheet_init(&sheet, logs, range);
	if (code == CMD_OK)
		code = show_run(&sheet.show, sheet_step, &sheet);
	if (logs->grep != NULL && !sheet.found &&
	    (code == CMD_OK || sheet.show.left))
		code = CMD_NO;
	else if (logs->paged && sheet.show.left)
		code = CMD_OK;
	scan_release(&sheet.scan);
	view_release(&sheet.view);
	context_free(sheet.context);
	free(sheet.block);
	show_release(&sheet.show);
	return code;
}
