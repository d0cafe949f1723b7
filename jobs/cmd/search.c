/*
 * search.c - see search.h.
 */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#include "ansi.h"
#include "clock.h"
#include "needle.h"

#define ESCAPE 0x1b
#define NEEDLE_MIN 3 /* shorter ones stand in every other line */

/*
 * A pattern may look at each byte of a line from each of its places, and
 * PCRE2's limit counts anew at each place. So a line is searched in strides
 * of so many places that none can take longer than a fraction of a second,
 * and the clock is looked at between them.
 */
#define SEARCH_SQUARE (UINT64_C(1) << 26)
#define SEARCH_PATIENCE_US 2000000

static const struct matcher_limits search_limits = {
	.steps = 10000000, /* PCRE2's own default: about 25 ms */
	.stack = 32 << 20,
	.heap_kib = 64 << 10,
};

struct search {
	struct pattern *pattern;
	struct matcher *matcher;
	bool raw;
	size_t needle_length; /* 0: none is known */
	char needle[NEEDLE_MAX];
	char text[LINES_MAX];
};

static void
search_find_needle(struct search *search, const char *expression,
    unsigned flags)
{
	if ((flags & PATTERN_NOCASE) != 0)
		return;
	if ((flags & PATTERN_LITERAL) == 0) {
		search->needle_length = needle_find(expression, search->needle);
	} else if (strlen(expression) <= NEEDLE_MAX) {
		search->needle_length = strlen(expression);
		memcpy(search->needle, expression, search->needle_length);
	}
	if (search->needle_length < NEEDLE_MIN)
		search->needle_length = 0;
}

struct search *
search_new(const char *expression, unsigned flags, bool raw, struct why *why)
{
	struct search *search = calloc(1, sizeof(*search));

	if (search != NULL)
		search->matcher = matcher_new(&search_limits);
	if (search == NULL || search->matcher == NULL) {
		why_errno(why, "cannot set up the search");
		search_free(search);
		return NULL;
	}
	search->raw = raw;
	search->pattern = pattern_new(expression, flags | PATTERN_BYTES, why);
	if (search->pattern == NULL) {
		search_free(search);
		return NULL;
	}
	search_find_needle(search, expression, flags);
	return search;
}

void
search_free(struct search *search)
{
	if (search == NULL)
		return;
	pattern_free(search->pattern);
	matcher_free(search->matcher);
	free(search);
}

/* The line as it is matched. */
static struct pattern_scope
search_scope(struct search *search, const struct line *line)
{
	struct pattern_scope scope = { line->text, line->length, 0, SIZE_MAX };

	if (!search->raw && memchr(line->text, ESCAPE, line->length) != NULL) {
		scope.length = ansi_strip(line->text, line->length,
		    search->text);
		scope.bytes = search->text;
	}
	return scope;
}

static enum pattern_answer
search_in_strides(struct search *search, struct pattern_scope *scope,
    struct pattern_span *span)
{
	size_t stride = SEARCH_SQUARE / scope->length;
	int64_t deadline = clock_mono_us() + SEARCH_PATIENCE_US;
	enum pattern_answer answer;

	for (;; scope->from = scope->until + 1) {
		scope->until = scope->from + stride - 1;
		answer = pattern_find(search->pattern, search->matcher, scope,
		    span);
		if (answer != PATTERN_NO || scope->until >= scope->length)
			return answer;
		if (clock_mono_us() > deadline)
			return PATTERN_COSTLY;
	}
}

static enum pattern_answer
search_find(struct search *search, struct pattern_scope *scope,
    struct pattern_span *span)
{
	if ((uint64_t)scope->length * scope->length > SEARCH_SQUARE)
		return search_in_strides(search, scope, span);
	scope->until = SIZE_MAX;
	return pattern_find(search->pattern, search->matcher, scope, span);
}

enum pattern_answer
search_line(struct search *search, const struct line *line)
{
	struct pattern_scope scope = search_scope(search, line);
	struct pattern_span span;

	if ((uint64_t)scope.length * scope.length <=
	    SEARCH_SQUARE) /* nearly always */
		return pattern_match(search->pattern, search->matcher,
		    scope.bytes, scope.length);
	return search_in_strides(search, &scope, &span);
}

size_t
search_marks(struct search *search, const struct line *line,
    struct pattern_span *marks, size_t max)
{
	struct pattern_scope scope = search_scope(search, line);
	size_t count = 0;

	while (count < max && scope.from <= scope.length) {
		struct pattern_span *span = &marks[count];

		if (search_find(search, &scope, span) != PATTERN_YES)
			break;
		scope.from = span->end + (span->start == span->end);
		count += span->start < span->end;
	}
	return count;
}

/* An escape sequence may part the needle. */
bool
search_skims(const struct search *search, const char *bytes, size_t n)
{
	return search->needle_length > 0 &&
	    (search->raw || memchr(bytes, ESCAPE, n) == NULL);
}

const char *
search_next(const struct search *search, const char *bytes, size_t n)
{
	return memmem(bytes, n, search->needle, search->needle_length);
}
