/*
 * groups.c - see groups.h.
 */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

int
groups_init(struct groups *groups, const struct grammars *grammars,
    uint64_t *next_id)
{
	*groups = (struct groups){ .grammars = grammars, .next_id = next_id };
	groups->slots = calloc(GROUPS_MAX, sizeof(*groups->slots));
	for (unsigned i = 0; groups->slots != NULL && i < GROUPS_MAX; i++)
		groups->order[i] = &groups->slots[i];
	return groups->slots == NULL ? -1 : 0;
}

void
groups_release(struct groups *groups)
{
	free(groups->slots);
	groups->slots = NULL;
	groups->count = 0;
}

static bool
group_is_behind(const struct group *group, const struct line *line)
{
	return line->offset > group->offset + GROUP_REACH_MAX;
}

void
groups_age(struct groups *groups, const struct line *line)
{
	for (unsigned i = 0; i < groups->count; i++)
		groups->order[i]->broken = group_is_behind(groups->order[i],
		    line);
}

/* The newest that the line fits, one with its prefix first. */
static struct group *
groups_taker(const struct groups *groups)
{
	struct group *taker = NULL;

	for (unsigned i = groups->count; i-- > 0;) {
		struct group *group = groups->order[i];

		if (group->fits && !group->broken &&
		    (taker == NULL || (group->exact && !taker->exact)))
			taker = group;
	}
	return taker;
}

void
groups_read(struct groups *groups, const struct line *line,
    const struct text *text)
{
	const struct group *taker;

	for (unsigned i = 0; i < groups->count; i++)
		group_read(groups->order[i], groups->grammars, text);
	taker = groups_taker(groups);
	for (unsigned i = 0; i < groups->count; i++) {
		struct group *group = groups->order[i];

		if (taker != NULL && taker != group && taker->exact)
			group->broken = group->foreign >= GROUP_FOREIGN_MAX;
		if (group_is_behind(group, line))
			group->broken = true;
		if (group != taker)
			group->foreign++;
	}
}

struct group *
groups_take(struct groups *groups, const struct line *line,
    const struct text *text, bool may_start)
{
	struct group *group = groups_taker(groups);
	const struct grammar_row *row = NULL;
	size_t at;

	/* What only trails behind an event may be the next one. */
	if (may_start && (group == NULL || group->state == GRAMMAR_DONE))
		row = grammars_header(groups->grammars, text, &at);
	if (row == NULL && group != NULL) {
		group_take(group, line, text);
		return group;
	}
	if (row == NULL || groups->count == GROUPS_MAX)
		return NULL;
	group = groups->order[groups->count++];
	group_start(group, row, line, text, at);
	group->id = ++*groups->next_id;
	return group;
}

void
groups_drop(struct groups *groups, struct group *group)
{
	unsigned i = 0;

	while (groups->order[i] != group)
		i++;
	group_close(group);
	groups->count--;
	memmove(&groups->order[i], &groups->order[i + 1],
	    (groups->count - i) * sizeof(*groups->order));
	groups->order[groups->count] = group;
}

bool
groups_open(const struct groups *groups)
{
	for (unsigned i = 0; i < groups->count; i++)
		if (group_is_open(groups->order[i]))
			return true;
	return false;
}
