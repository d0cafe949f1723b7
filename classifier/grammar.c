/*
 * grammar.c - see grammar.h.
 */
#include "grammar.h"

#include <string.h>

#include "prefix.h"

/* An empty cell is GRAMMAR_IDLE: the line is no part of it. */
const struct grammar_machine grammar_by_final = { {
    [GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN },
    [GRAMMAR_OPEN] = { [GRAMMAR_BODY] = GRAMMAR_OPEN,
	[GRAMMAR_FINAL] = GRAMMAR_DONE },
    [GRAMMAR_DONE] = { [GRAMMAR_BLANK] = GRAMMAR_DONE,
	[GRAMMAR_BODY] = GRAMMAR_DONE,
	[GRAMMAR_LINK] = GRAMMAR_LINKED },
    [GRAMMAR_LINKED] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN,
	[GRAMMAR_BLANK] = GRAMMAR_LINKED },
} };

#define GOES_ON                                                               \
	{                                                                     \
		[GRAMMAR_BODY] = GRAMMAR_OPEN, [GRAMMAR_LINK] = GRAMMAR_OPEN, \
		[GRAMMAR_FINAL] = GRAMMAR_OPEN, [GRAMMAR_END] = GRAMMAR_DONE, \
	}
#define TAKES_ALL                                                              \
	{                                                                      \
		[GRAMMAR_OTHER] = GRAMMAR_OPEN,                                \
		[GRAMMAR_BLANK] = GRAMMAR_OPEN, [GRAMMAR_BODY] = GRAMMAR_OPEN, \
		[GRAMMAR_LINK] = GRAMMAR_OPEN, [GRAMMAR_FINAL] = GRAMMAR_OPEN, \
		[GRAMMAR_END] = GRAMMAR_DONE,                                  \
	}

const struct grammar_machine grammar_by_header = { {
    [GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN },
    [GRAMMAR_OPEN] = GOES_ON,
} };

const struct grammar_machine grammar_by_body = { {
    [GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_MAYBE },
    [GRAMMAR_MAYBE] = { [GRAMMAR_BODY] = GRAMMAR_OPEN,
	[GRAMMAR_FINAL] = GRAMMAR_OPEN },
    [GRAMMAR_OPEN] = GOES_ON,
} };

const struct grammar_machine grammar_by_frames = { {
    [GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_MAYBE },
    [GRAMMAR_MAYBE] = { [GRAMMAR_OTHER] = GRAMMAR_MAYBE,
	[GRAMMAR_BLANK] = GRAMMAR_MAYBE,
	[GRAMMAR_BODY] = GRAMMAR_OPEN,
	[GRAMMAR_FINAL] = GRAMMAR_OPEN },
    [GRAMMAR_OPEN] = GOES_ON,
} };

const struct grammar_machine grammar_by_message = { {
    [GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_LINKED },
    [GRAMMAR_LINKED] = TAKES_ALL,
    [GRAMMAR_OPEN] = GOES_ON,
} };

const struct grammar_machine grammar_by_end = { {
    [GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN },
    [GRAMMAR_OPEN] = TAKES_ALL,
} };

const struct grammar_machine grammar_box = { {
    [GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_MAYBE },
    [GRAMMAR_MAYBE] = { [GRAMMAR_BODY] = GRAMMAR_MAYBE,
	[GRAMMAR_FINAL] = GRAMMAR_OPEN,
	[GRAMMAR_END] = GRAMMAR_DONE },
    [GRAMMAR_OPEN] = TAKES_ALL,
} };

static const struct grammar *const grammar_families[] = {
	grammar_python,
	grammar_native, /* before "error" in other words */
	grammar_managed,
	grammar_ops,
	grammar_tests,
};

const struct grammar *
grammar_get(unsigned i)
{
	for (size_t f = 0;
	     f < sizeof(grammar_families) / sizeof(*grammar_families); f++)
		for (const struct grammar *row = grammar_families[f];
		     row->name != NULL; row++)
			if (i-- == 0)
				return row;
	return NULL;
}

static struct pattern *
grammar_pattern(const struct grammar *grammar, const char *expression,
    struct why *why)
{
	struct why reason;
	struct pattern *pattern = pattern_new(expression, PATTERN_BYTES,
	    &reason);

	if (pattern == NULL)
		why_set(why, "cannot compile the grammar %s: %s", grammar->name,
		    reason.text);
	return pattern;
}

static int
grammar_row_init(struct grammar_row *row, const struct grammar *grammar,
    struct why *why)
{
	row->grammar = grammar;
	row->header = grammar_pattern(grammar, grammar->header, why);
	if (row->header == NULL)
		return -1;
	for (int i = 0;
	     i < GRAMMAR_LINES_MAX && grammar->lines[i].expression != NULL;
	     i++) {
		row->lines[i] = grammar_pattern(grammar,
		    grammar->lines[i].expression, why);
		if (row->lines[i] == NULL)
			return -1;
	}
	return 0;
}

int
grammars_init(struct grammars *grammars, struct matcher *matcher,
    struct why *why)
{
	const struct grammar *grammar;

	*grammars = (struct grammars){ .matcher = matcher };
	while ((grammar = grammar_get(grammars->count)) != NULL) {
		if (grammars->count == GRAMMARS_MAX)
			return why_set(why, "there are too many grammars");
		if (grammar_row_init(&grammars->rows[grammars->count++],
			grammar, why) == -1)
			return -1;
	}
	return 0;
}

void
grammars_release(struct grammars *grammars)
{
	for (unsigned i = 0; i < grammars->count; i++) {
		pattern_free(grammars->rows[i].header);
		for (int j = 0; j < GRAMMAR_LINES_MAX; j++)
			pattern_free(grammars->rows[i].lines[j]);
	}
	grammars->count = 0;
}

const struct grammar_row *
grammars_header(const struct grammars *grammars, const struct text *line,
    size_t *at)
{
	size_t prefix = prefix_skip(line).length;
	struct pattern_scope scope = { line->bytes + prefix,
		line->length - prefix, 0, SIZE_MAX };
	struct pattern_span span;

	for (unsigned i = 0; i < grammars->count; i++) {
		const struct grammar_row *row = &grammars->rows[i];

		if (pattern_find(row->header, grammars->matcher, &scope,
			&span) != PATTERN_YES)
			continue;
		*at = prefix + span.start;
		return row;
	}
	return NULL;
}

bool
grammars_is_header(const struct grammars *grammars,
    const struct grammar_row *row, const struct text *line)
{
	return pattern_match(row->header, grammars->matcher, line->bytes,
		   line->length) == PATTERN_YES;
}

static bool
is_blank(const struct text *line)
{
	for (size_t i = 0; i < line->length; i++)
		if (line->bytes[i] != ' ' && line->bytes[i] != '\t')
			return false;
	return true;
}

enum grammar_event
grammars_read(const struct grammars *grammars, const struct grammar_row *row,
    const struct text *line)
{
	for (int i = 0; i < GRAMMAR_LINES_MAX && row->lines[i] != NULL; i++)
		if (pattern_match(row->lines[i], grammars->matcher, line->bytes,
			line->length) == PATTERN_YES)
			return row->grammar->lines[i].event;
	return is_blank(line) ? GRAMMAR_BLANK : GRAMMAR_OTHER;
}
