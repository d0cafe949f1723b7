/*
 * starters.h - the policies that `policy init` hands out.
 */
#ifndef JOBS_CMD_STARTERS_H
#define JOBS_CMD_STARTERS_H

struct starter {
	const char *name;
	const char *text;
};

/* Ended by a row whose name is NULL. */
extern const struct starter starters[];

/* NULL: there is none of that name. */
const struct starter *starter_find(const char *name);

#endif
