/*
 * group.c - see group.h.
 */
#include "group.h"

#include <string.h>

#include "utf8.h"

void
group_close(struct group *group)
{
	group->row = NULL;
	group->state = GRAMMAR_IDLE;
	excerpt_clear(&group->excerpt);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* True when the digits around at are one part of a time or date: "12:30",
 * "01-02", "05,123". */
static bool
prefix_is_time(const char *prefix, size_t n, size_t at)
{
	static const char joins[] = ":-/.,T";
	size_t from = at, to = at;

	while (from > 0 && is_digit(prefix[from - 1]))
		from--;
	while (to < n && is_digit(prefix[to]))
		to++;
	if (to + 1 < n && memchr(joins, prefix[to], sizeof(joins) - 1) &&
	    is_digit(prefix[to + 1]))
		return true;
	return from >= 2 &&
	    memchr(joins, prefix[from - 1], sizeof(joins) - 1) != NULL &&
	    is_digit(prefix[from - 2]);
}

/* The same but for the time, which moves on; "rank0" is not "rank1". */
static bool
prefix_alike(const char *prefix, const char *other, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (prefix[i] == other[i])
			continue;
		if (!is_digit(prefix[i]) || !is_digit(other[i]) ||
		    !prefix_is_time(prefix, n, i))
			return false;
	}
	return true;
}

/*
 * The line without the header's prefix, if it has it: a logger puts one
 * before each line, or before the first alone. An empty line of a prefixed
 * group has lost the prefix's last blank, perhaps.
 */
static bool
group_strip(const struct group *group, struct text *text)
{
	size_t n = group->prefix;

	if (n > 0 && text->length == n - 1 && group->header[n - 1] == ' ')
		n--;
	if (n == 0 || text->length < n ||
	    !prefix_alike(group->header, text->bytes, n))
		return n == 0;
	text->bytes += n;
	text->length -= n;
	return true;
}

/*
 * True when a line that does not fit ends the group. Another process may
 * print into the middle of it, which shows where lines have prefixes: a line
 * with another prefix than the group's is foreign, as long as the group has
 * something to wait for.
 */
static bool
group_is_broken(const struct group *group, const struct text *text,
    const struct prefix *prefix)
{
	if (group->exact && (group->prefix > 0 || text->length == 0))
		return true;
	if (group->foreign >= GROUP_FOREIGN_MAX)
		return true;
	if (prefix->length == 0)
		return group->prefix == 0 || group->bare;
	if (group->row->grammar->machine == &grammar_by_final)
		return group->state != GRAMMAR_OPEN;
	return group->prefix == 0 || group->stamped;
}

/* What takes any line takes, before it is known for an event, few, and no
 * other's header. */
static bool
group_takes_any(const struct group *group, const struct grammars *grammars,
    const struct text *text)
{
	size_t at;

	return group->state != GRAMMAR_MAYBE ||
	    (group->unsure < GROUP_MAYBE_MAX &&
		grammars_header(grammars, text, &at) == NULL);
}

static bool
group_fits(const struct group *group, const struct grammars *grammars,
    const struct text *text)
{
	if (group->row->grammar->machine->next[group->state][group->event] ==
	    GRAMMAR_IDLE)
		return false;
	return group->event != GRAMMAR_OTHER ||
	    group_takes_any(group, grammars, text);
}

void
group_read(struct group *group, const struct grammars *grammars,
    const struct text *text, const struct prefix *prefix)
{
	struct text rest = *text;

	group->exact = group_strip(group, &rest);
	group->event = GRAMMAR_OTHER;
	group->fits = false;
	if (group->exact || prefix->length == 0) { /* else another's line */
		group->event = grammars_read(grammars, group->row, &rest);
		if (group->state == GRAMMAR_LINKED &&
		    grammars_is_header(grammars, group->row, &rest))
			group->event = GRAMMAR_HEADER;
		group->fits = group_fits(group, grammars, text);
	}
	group->broken = !group->fits && group_is_broken(group, text, prefix);
}

static void
group_keep(struct group *group, const struct line *line,
    const struct text *text)
{
	group->offset = line->offset;
	group->length = line->length;
	group->header_length = utf8_cut(text->bytes, text->length,
	    sizeof(group->header));
	memcpy(group->header, text->bytes, group->header_length);
}

static void
group_keep_header(struct group *group, const struct line *line,
    const struct text *text)
{
	group_keep(group, line, text);
	group->named = (group->row->grammar->flags & GRAMMAR_HEADER_NAMES) != 0;
	group->told = group->settled = false;
	group->foreign = group->unsure = 0;
	group->event = GRAMMAR_HEADER;
	group->state = group->row->grammar->machine
			   ->next[group->state][GRAMMAR_HEADER];
	group->sure = group->state != GRAMMAR_MAYBE;
	excerpt_add(&group->excerpt, text);
}

void
group_rename(struct group *group, const struct line *line,
    const struct text *text)
{
	group->named = true;
	if (group->exact) /* else the header's prefix would be lost */
		group_keep(group, line, text);
}

void
group_start(struct group *group, const struct grammar_row *row,
    const struct line *line, const struct text *text, size_t at)
{
	group_close(group);
	group->row = row;
	group->bare = false;
	group->prefix = at <= GROUP_PREFIX_MAX ? at : 0;
	group->stamped = prefix_skip(text).stamped;
	group_keep_header(group, line, text);
}

void
group_take(struct group *group, const struct line *line,
    const struct text *text)
{
	if (group->event == GRAMMAR_HEADER) { /* a chain goes on */
		group_keep_header(group, line, text);
		return;
	}
	group->state = group->row->grammar->machine
			   ->next[group->state][group->event];
	group->sure |= group->state == GRAMMAR_OPEN;
	group->unsure += !group->sure;
	group->bare |= !group->exact;
	group->foreign = 0;
	excerpt_add(&group->excerpt, text);
}

void
group_name(struct group *group, const struct verdict *verdict)
{
	group->verdict = *verdict;
	group->verdict.message = (struct text){ group->header,
		group->header_length };
	if (group->sure)
		group_fail(group);
}

void
group_fail(struct group *group)
{
	struct verdict *verdict = &group->verdict;
	enum severity least = group->row->grammar->severity;

	if (verdict->rule >= 0)
		return;
	if (!verdict->alert) {
		verdict->alert = true;
		verdict->severity = SEVERITY_HIGH;
		verdict->kind = KIND_FAILURE;
		verdict->score = BUILTIN_SCORE;
		verdict->source = "prior";
		verdict->reason = group->row->grammar->name;
	}
	if (verdict->severity < least)
		verdict->severity = least;
}

void
group_worsen(struct group *group, const struct verdict *verdict)
{
	if (verdict->alert && verdict->severity > group->verdict.severity)
		group->verdict.severity = verdict->severity;
}
