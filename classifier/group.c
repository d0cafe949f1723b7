/*
 * group.c - see group.h.
 */
#include "group.h"

#include <string.h>

#include "utf8.h"

void
group_init(struct group *group, const struct grammar *grammar)
{
	group->grammar = grammar;
	group_close(group);
}

void
group_close(struct group *group)
{
	group->state = GRAMMAR_IDLE;
	group->told = false;
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
static struct text
group_strip(const struct group *group, const struct text *text)
{
	struct text rest = *text;
	size_t n = group->prefix;

	if (n > 0 && rest.length == n - 1 && group->header[n - 1] == ' ')
		n--;
	if (n == 0 || rest.length < n ||
	    !prefix_alike(group->header, rest.bytes, n))
		return rest;
	rest.bytes += n;
	rest.length -= n;
	return rest;
}

static enum grammar_event
group_read(const struct group *group, const struct text *text)
{
	struct text rest;

	if (group->grammar->header(text) != NULL)
		return GRAMMAR_HEADER;
	rest = group_strip(group, text);
	return group->grammar->read(&rest);
}

bool
group_is_broken_by(const struct group *group, const struct text *text)
{
	enum grammar_event event;

	if (group->state != GRAMMAR_OPEN)
		return false;
	event = group_read(group, text);
	return event == GRAMMAR_HEADER ||
	    group->grammar->next[GRAMMAR_OPEN][event] == GRAMMAR_IDLE;
}

static void
group_open(struct group *group, const struct line *line,
    const struct text *text)
{
	size_t prefix = (size_t)(group->grammar->header(text) - text->bytes);

	if (group->state != GRAMMAR_LINKED)
		excerpt_clear(&group->excerpt);
	group->told = false;
	group->offset = line->offset;
	group->length = line->length;
	group->header_length = utf8_cut(text->bytes, text->length,
	    sizeof(group->header));
	memcpy(group->header, text->bytes, group->header_length);
	group->prefix = prefix <= GROUP_PREFIX_MAX ? prefix : 0;
}

enum group_part
group_step(struct group *group, const struct line *line,
    const struct text *text, bool may_start)
{
	enum grammar_event event;
	enum grammar_state state;

	if (group->state == GRAMMAR_IDLE && !may_start)
		return GROUP_NONE;
	event = group_read(group, text);
	state = group->grammar->next[group->state][event];
	if (state == GRAMMAR_IDLE) {
		group_close(group);
		return GROUP_NONE;
	}
	if (event == GRAMMAR_HEADER)
		group_open(group, line, text);
	group->state = state;
	excerpt_add(&group->excerpt, text);
	return event == GRAMMAR_FINAL ? GROUP_FINAL : GROUP_WITHIN;
}
