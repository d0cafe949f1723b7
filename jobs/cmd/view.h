/*
 * view.h - prints the lines of `jobwatch logs`, for people or as JSON.
 */
#ifndef JOBS_CMD_VIEW_H
#define JOBS_CMD_VIEW_H

#include "clock.h"
#include "lines.h"
#include "logs.h"
#include "screen.h"
#include "selection.h"

struct view {
	const struct logs *logs; /* borrowed, as the next */
	const struct selection *selection;
	struct screen screen;
	char *json;	 /* owned; NULL: not asked for */
	int64_t time_us; /* that `time` says: many lines come at once */
	char time[CLOCK_TEXT];
	bool around; /* lines around those asked for are shown, too */
	bool draws;  /* an unfinished line can be drawn, and drawn again */
	bool drawn;  /* it stands there now */
	uint64_t drawn_end; /* the line's end, then */
};

/* 0, or -1: out of memory. */
int view_init(struct view *view, const struct logs *logs,
    const struct selection *selection);
void view_release(struct view *view);
/* A line; alert may be NULL; selected: else it is one around those. */
void view_line(struct view *view, const struct line *line,
    const struct alert *alert, bool selected);
/* What follows does not touch what was shown before. */
void view_apart(struct view *view);
/* Draws a line that is still being printed, over the one drawn before. */
void view_draw(struct view *view, const struct line *line);

#endif
