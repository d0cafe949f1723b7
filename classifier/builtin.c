/*
 * builtin.c - see builtin.h. The table is in builtin_rows.c.
 */
#include "builtin.h"

#include <stdlib.h>

#include "cues.h"
#include "grammar.h"
#include "utf8.h"

/* Nothing that these patterns look for stands further back in a line. */
#define BUILTIN_LOOK_MAX 4096

struct builtin {
	struct matcher *matcher; /* borrowed */
	struct cues *cues;
	struct pattern *veto;
	struct pattern *patterns[BUILTIN_ROWS_MAX];
};

static int
builtin_add(struct builtin *builtin, unsigned i, struct why *why)
{
	const struct builtin_row *row = &builtin_rows[i];
	struct why reason;

	if (cues_add(builtin->cues, row->cues, i) == -1)
		return why_set(why, "cannot take in the cues of %s", row->name);
	builtin->patterns[i] = pattern_new(row->expression, 0, &reason);
	if (builtin->patterns[i] == NULL)
		return why_set(why, "cannot compile %s: %s", row->name,
		    reason.text);
	return 0;
}

static int
builtin_fill(struct builtin *builtin, struct why *why)
{
	builtin->cues = cues_new();
	if (builtin->cues == NULL)
		return why_errno(why, "cannot build the table of cues");
	for (unsigned i = 0; i < builtin_row_count; i++)
		if (builtin_add(builtin, i, why) == -1)
			return -1;
	builtin->veto = pattern_new(builtin_veto, 0, why);
	if (builtin->veto == NULL)
		return -1;
	for (unsigned i = 0; grammar_get(i) != NULL; i++)
		if (cues_add(builtin->cues, grammar_get(i)->cues,
			BUILTIN_CUE_HEADER) == -1)
			return why_set(why, "cannot take in the cues of %s",
			    grammar_get(i)->name);
	cues_seal(builtin->cues);
	return 0;
}

struct builtin *
builtin_new(struct matcher *matcher, struct why *why)
{
	struct builtin *builtin = calloc(1, sizeof(*builtin));

	if (builtin == NULL) {
		why_errno(why, "cannot build the table of patterns");
		return NULL;
	}
	builtin->matcher = matcher;
	if (builtin_fill(builtin, why) == -1) {
		builtin_free(builtin);
		return NULL;
	}
	return builtin;
}

void
builtin_free(struct builtin *builtin)
{
	if (builtin == NULL)
		return;
	for (unsigned i = 0; i < BUILTIN_ROWS_MAX; i++)
		pattern_free(builtin->patterns[i]);
	pattern_free(builtin->veto);
	cues_free(builtin->cues);
	free(builtin);
}

uint64_t
builtin_cues(const struct builtin *builtin, const struct text *text)
{
	size_t n = text->length;

	return cues_scan(builtin->cues, text->bytes,
	    n > BUILTIN_LOOK_MAX ? BUILTIN_LOOK_MAX : n);
}

const struct builtin_row *
builtin_match(const struct builtin *builtin, uint64_t cues,
    const struct text *text)
{
	struct text head = *text;
	bool quiet = false, asked = false;

	cues &= ~(1ULL << BUILTIN_CUE_HEADER);
	if (head.length > BUILTIN_LOOK_MAX)
		head.length = utf8_cut(head.bytes, head.length,
		    BUILTIN_LOOK_MAX);
	for (; cues != 0; cues &= cues - 1) {
		unsigned i = (unsigned)__builtin_ctzll(cues);

		if (pattern_match(builtin->patterns[i], builtin->matcher,
			head.bytes, head.length) != PATTERN_YES)
			continue;
		if (builtin_rows[i].vetoed && !asked) {
			asked = true;
			quiet = pattern_match(builtin->veto, builtin->matcher,
				    head.bytes, head.length) == PATTERN_YES;
		}
		if (!builtin_rows[i].vetoed || !quiet)
			return &builtin_rows[i];
	}
	return NULL;
}
