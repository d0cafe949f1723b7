/*
 * rules.c - see rules.h.
 */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "literal.h"

/*
 * A pattern that backtracks without end on one odd line may be sound on the
 * rest, so it is given a few lines; but not for ever, because each costs.
 */
#define RULE_STRIKES_MAX 8
#define RULE_WORDS_MAX 512

static void
rule_off(struct rules *rules, struct rule *rule, const char *reason)
{
	char words[WHY_MAX + RULE_SOURCE_MAX + 16];

	snprintf(words, sizeof(words), "%s is off: %s", rule->source, reason);
	rules->note(rules->note_arg, words);
	pattern_free(rule->pattern);
	rule->pattern = NULL;
}

/* The rule's bit of a look. */
static uint64_t
rule_bit(int number)
{
	return 1ULL << (number < CUES_BITS ? number : CUES_BITS - 1);
}

static int
rule_stream(const char *name)
{
	for (int i = 0; name != NULL && i < STREAM_COUNT; i++)
		if (strcmp(name, stream_name((enum stream)i)) == 0)
			return i;
	return -1;
}

static void
rule_init(struct rules *rules, struct rule *rule, const json_t *table)
{
	const char *severity = table_str(table, "severity");
	const char *kind = table_str(table, "kind");
	int value = severity == NULL ? -1 : severity_parse(severity);
	struct why why;

	snprintf(rule->source, sizeof(rule->source), "rule:%s",
	    table_str(table, "name"));
	rule->stream = rule_stream(table_str(table, "stream"));
	rule->severity = value == -1 ? SEVERITY_HIGH : (enum severity)value;
	value = kind == NULL ? -1 : kind_parse(kind);
	rule->kind = value == -1 ? KIND_FAILURE : (enum kind)value;
	rule->pattern = pattern_new(table_str(table, "pattern"), 0, &why);
	if (rule->pattern == NULL)
		rule_off(rules, rule, why.text);
}

/* Has the rule's words looked for, when it has some and there is room. */
static void
rules_guard(struct rules *rules, int number, const char *expression)
{
	unsigned bit = (unsigned)__builtin_ctzll(rule_bit(number));
	char words[RULE_WORDS_MAX];

	if (rules->words == NULL ||
	    literal_words(expression, words, sizeof(words)) == 0 ||
	    cues_add(rules->words, words, bit) == -1)
		rules->wordless |= rule_bit(number);
}

static void
rules_add(struct rules *rules, const json_t *table)
{
	int number = rules->count++;

	rule_init(rules, &rules->rows[number], table);
	rules_guard(rules, number, table_str(table, "pattern"));
}

int
rules_init(struct rules *rules, const struct policy *policy,
    struct matcher *matcher, void (*note)(void *, const char *), void *note_arg,
    struct why *why)
{
	const json_t *tables = policy_tables(policy, "rule");
	size_t count = json_array_size(tables);

	*rules = (struct rules){ .matcher = matcher,
		.note = note,
		.note_arg = note_arg };
	if (count == 0)
		return 0;
	rules->rows = calloc(count, sizeof(*rules->rows));
	if (rules->rows == NULL)
		return why_errno(why, "cannot take in %zu rules", count);
	rules->words = cues_new(); /* without, all of them are always run */
	for (size_t i = 0; i < count; i++)
		rules_add(rules, json_array_get(tables, i));
	if (rules->words != NULL)
		cues_seal(rules->words);
	return 0;
}

void
rules_release(struct rules *rules)
{
	for (int i = 0; i < rules->count; i++)
		pattern_free(rules->rows[i].pattern);
	cues_free(rules->words);
	free(rules->rows);
	rules->words = NULL;
	rules->rows = NULL;
	rules->count = 0;
}

uint64_t
rules_look(const struct rules *rules, const struct text *text)
{
	if (rules->words == NULL)
		return rules->wordless;
	return rules->wordless |
	    cues_scan(rules->words, text->bytes, text->length);
}

int
rules_match(struct rules *rules, enum stream stream, const struct text *text,
    uint64_t look)
{
	if (look == 0)
		return -1;
	for (int i = 0; i < rules->count; i++) {
		struct rule *rule = &rules->rows[i];
		enum pattern_answer answer;

		if ((look & rule_bit(i)) == 0 || rule->pattern == NULL ||
		    (rule->stream != -1 && rule->stream != (int)stream))
			continue;
		answer = pattern_match(rule->pattern, rules->matcher,
		    text->bytes, text->length);
		if (answer == PATTERN_YES)
			return i;
		if (answer == PATTERN_COSTLY &&
		    ++rule->strikes == RULE_STRIKES_MAX)
			rule_off(rules, rule,
			    "its pattern backtracks too long on the output");
	}
	return -1;
}
