/*
 * logs_show.h - a range of the output on its way to stdout, and what is
 * added to it: what both ways of showing it share.
 */
#ifndef JOBS_CMD_LOGS_SHOW_H
#define JOBS_CMD_LOGS_SHOW_H

#include "follow.h"
#include "logs.h"
#include "track.h"

#define SHOW_BLOCK (128u << 10)

struct show {
	const struct logs *logs; /* borrowed */
	struct follow *follow;
	struct track *track; /* NULL: shows what is there and ends */
	bool last;	     /* nothing will come after this look */
	bool done;	     /* all that was asked for has been shown */
	bool left;	     /* nobody reads us any more */
};

/* To be released either way. An exit code, said. */
int show_init(struct show *show, const struct logs *logs,
    const struct logs_range *range);
void show_release(struct show *show);
/* Calls step, which shows all that is there now and returns an exit code,
 * again whenever there may be more. */
int show_run(struct show *show, int (*step)(void *arg), void *arg);
/* What went wrong, said: an exit code. */
int show_failed(const struct show *show);
/* A write to stdout failed, errno says how. When only the reader left, a
 * pager's has seen what it wanted. */
int show_closed(struct show *show);
/* True, and noted, when the reader has gone: a search that finds nothing
 * would not notice. */
bool show_is_left(struct show *show);

#endif
