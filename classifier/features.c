/*
 * features.c - see features.h.
 */
#include "features.h"

#include <stdio.h>
#include <string.h>

#include "builtin.h"
#include "cases.h"
#include "feature_scan.h"

enum level_group {
	GROUP_NO_LEVEL,
	GROUP_LOW,
	GROUP_WARNING,
	GROUP_ERROR,
	GROUP_LEVELS
};

static const char *const group_names[GROUP_LEVELS] = { "no level", "info",
	"warning", "error" };
static const char *const stand_names[STAND_COUNT] = { "", ", first", ", last",
	", as a label", ", as a value", ", in capitals", ", counted",
	", denied", ", in a name" };
static const char *const fact_names[] = {
#define FACT_NAME(id, name) name,
	FACTS(FACT_NAME)
#undef FACT_NAME
};

/* Where each kind's numbers begin. */
#define FIRST_CASE FACT_COUNT
#define FIRST_PATTERN (FIRST_CASE + case_row_count)
#define FIRST_SAYS (FIRST_PATTERN + builtin_row_count)
#define FIRST_UNDER (FIRST_SAYS + CLASS_COUNT * STAND_LEARNED)
#define FEATURES_END (FIRST_UNDER + CLASS_COUNT * GROUP_LEVELS)

/* What a built-in pattern is thought to weigh: it is a whole verdict, and
 * one that says that all is over needs no other word. */
#define PATTERN_PRIOR 3.0
#define PATTERN_PRIOR_CRITICAL 4.5

struct feature_set {
	struct features *out;
	uint64_t seen[32];
};

static void
set_add(struct feature_set *set, unsigned feature)
{
	uint64_t *word = &set->seen[feature / 64];
	uint64_t bit = 1ULL << (feature % 64);

	if ((*word & bit) != 0 || set->out->count == FEATURES_MAX)
		return;
	*word |= bit;
	set->out->rows[set->out->count++] = (uint16_t)feature;
}

static enum level_group
level_group(enum level level)
{
	static const enum level_group groups[LEVEL_COUNT] = {
		[LEVEL_NONE] = GROUP_NO_LEVEL,
		[LEVEL_TRACE] = GROUP_LOW,
		[LEVEL_DEBUG] = GROUP_LOW,
		[LEVEL_INFO] = GROUP_LOW,
		[LEVEL_WARN] = GROUP_WARNING,
		[LEVEL_ERROR] = GROUP_ERROR,
		[LEVEL_FATAL] = GROUP_ERROR,
	};

	return groups[level];
}

static void
add_facts(const struct feature_scan *scan, struct feature_set *set)
{
	for (unsigned i = 0; i < FACT_WORDS; i++)
		for (uint64_t bits = scan->facts[i]; bits != 0;
		     bits &= bits - 1)
			set_add(set, i * 64 + (unsigned)__builtin_ctzll(bits));
}

static void
add_hit(const struct feature_scan *scan, unsigned i, struct feature_set *set)
{
	unsigned class = scan->hits.rows[i].class;
	enum feature_stand stand = scan->stands[i];

	if (stand >= STAND_LEARNED)
		return;
	set_add(set, FIRST_SAYS + class * STAND_LEARNED + stand);
	if (!stands_freely(stand))
		return;
	set_add(set, FIRST_SAYS + class * STAND_LEARNED + STAND_PLAIN);
	set_add(set,
	    FIRST_UNDER + class * GROUP_LEVELS +
		level_group(scan->prefix.level));
}

static bool
is_blank(const struct text *line, size_t from)
{
	while (from < line->length && line->bytes[from] == ' ')
		from++;
	return from == line->length;
}

static void
scan_begin(struct feature_scan *scan, const struct text *line)
{
	size_t at;

	scan->line = line;
	scan->by_value = false;
	memset(scan->facts, 0, sizeof(scan->facts));
	scan->prefix = prefix_skip(line);
	/* "BUILD SUCCESS" is made of a name and a level, and is no prefix. */
	at = scan->prefix.length;
	if (is_blank(line, at))
		at = 0;
	while (at < line->length &&
	    (line->bytes[at] == ' ' || line->bytes[at] == '\t'))
		at++;
	scan->indent = at < scan->prefix.length ? 0 : at - scan->prefix.length;
	scan->body.bytes = line->bytes + at;
	scan->body.length = line->length - at;
	while (scan->body.length > 0 &&
	    scan->body.bytes[scan->body.length - 1] == ' ')
		scan->body.length--;
	tokens_cut(&scan->body, &scan->tokens);
}

int
featurer_init(struct featurer *featurer, struct why *why)
{
	featurer->lexicon = lexicon_new(why);
	featurer->cases = cases_new(why);
	if (featurer->lexicon != NULL && featurer->cases != NULL)
		return 0;
	featurer_release(featurer);
	return -1;
}

void
featurer_release(struct featurer *featurer)
{
	lexicon_free(featurer->lexicon);
	cases_free(featurer->cases);
	featurer->lexicon = NULL;
	featurer->cases = NULL;
}

static void
add_case_cb(void *arg, unsigned row)
{
	set_add(arg, FIRST_CASE + row);
}

void
features_of(const struct featurer *featurer, const struct text *line,
    int pattern, struct features *features)
{
	struct feature_scan scan;
	struct feature_set set = { .out = features };

	features->count = 0;
	scan_begin(&scan, line);
	lexicon_find(featurer->lexicon, &scan.tokens, &scan.hits);
	feature_shape(&scan);
	feature_stands(&scan);
	feature_grammar(&scan);
	add_facts(&scan, &set);
	cases_find(featurer->cases, &scan, add_case_cb, &set);
	if (pattern >= 0)
		set_add(&set, FIRST_PATTERN + (unsigned)pattern);
	for (unsigned i = 0; i < scan.hits.count; i++)
		add_hit(&scan, i, &set);
	features->by_value = scan.by_value ||
	    (line->length > 0 && line->bytes[0] == '<'); /* syslog's "<13>" */
}

unsigned
features_count(void)
{
	return FEATURES_END;
}

enum feature_kind
feature_kind(unsigned feature)
{
	if (feature < FIRST_CASE)
		return FEATURE_FACT;
	if (feature < FIRST_PATTERN)
		return FEATURE_CASE;
	if (feature < FIRST_SAYS)
		return FEATURE_PATTERN;
	return feature < FIRST_UNDER ? FEATURE_SAYS : FEATURE_UNDER;
}

const char *
fact_name(unsigned fact)
{
	return fact_names[fact];
}

const char *
feature_name(unsigned feature, char *room)
{
	size_t n = FEATURE_NAME_MAX;
	unsigned says = feature - FIRST_SAYS, under = feature - FIRST_UNDER;

	switch (feature_kind(feature)) {
	case FEATURE_FACT:
		snprintf(room, n, "%s", fact_names[feature]);
		break;
	case FEATURE_CASE:
		snprintf(room, n, "case: %s",
		    case_rows[feature - FIRST_CASE].name);
		break;
	case FEATURE_PATTERN:
		snprintf(room, n, "pattern: %s",
		    builtin_rows[feature - FIRST_PATTERN].name);
		break;
	case FEATURE_SAYS:
		snprintf(room, n, "says: %s%s",
		    lexicon_class_name(says / STAND_LEARNED),
		    stand_names[says % STAND_LEARNED]);
		break;
	case FEATURE_UNDER:
		snprintf(room, n, "says: %s, at %s",
		    lexicon_class_name(under / GROUP_LEVELS),
		    group_names[under % GROUP_LEVELS]);
		break;
	}
	return room;
}

double
feature_prior(unsigned feature)
{
	switch (feature_kind(feature)) {
	case FEATURE_CASE:
		return (double)case_rows[feature - FIRST_CASE].weight;
	case FEATURE_PATTERN:
		return builtin_rows[feature - FIRST_PATTERN].severity ==
			SEVERITY_CRITICAL
		    ? PATTERN_PRIOR_CRITICAL
		    : PATTERN_PRIOR;
	default:
		return 0;
	}
}
