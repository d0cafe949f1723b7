/*
 * groups.h - the events of several lines that a stream is in the middle of:
 * ranks and threads print theirs into each other's.
 */
#ifndef CLASSIFIER_GROUPS_H
#define CLASSIFIER_GROUPS_H

#include "group.h"

#define GROUPS_MAX 16 /* at a time; the oldest gives way */

struct groups {
	const struct grammars *grammars; /* borrowed */
	struct group *slots;		 /* owned, GROUPS_MAX */
	unsigned count;			 /* in use, the first ones */
	struct group *order[GROUPS_MAX]; /* the in-use ones, oldest first */
	uint64_t *next_id;		 /* borrowed: shared by all streams */
};

/* 0, or -1: out of memory. */
int groups_init(struct groups *groups, const struct grammars *grammars,
    uint64_t *next_id);
void groups_release(struct groups *groups);
/*
 * The stream's next line is read: sets which groups it ends (broken). The
 * caller tells of those, then groups_drop.
 */
void groups_read(struct groups *groups, const struct line *line,
    const struct text *text);
/* Another stream's line: sets broken for those that reach too far back. */
void groups_age(struct groups *groups, const struct line *line);
/*
 * The group that the line belongs to, with its event; NULL: none. may_start:
 * the line may hold a header, for which there must be room.
 */
struct group *groups_take(struct groups *groups, const struct line *line,
    const struct text *text, bool may_start);
void groups_drop(struct groups *groups, struct group *group);
/* Some group waits for a later line. Cheap. */
bool groups_open(const struct groups *groups);

#endif
