/*
 * rules.c - see rules.h.
 */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A pattern that backtracks without end on one odd line may be sound on the
 * rest, so it is given a few lines; but not for ever, because each costs.
 */
#define RULE_STRIKES_MAX 8

static void
rule_off(struct rules *rules, struct rule *rule, const char *reason)
{
	char words[WHY_MAX + RULE_SOURCE_MAX + 16];

	snprintf(words, sizeof(words), "%s is off: %s", rule->source, reason);
	rules->note(rules->note_arg, words);
	pattern_free(rule->pattern);
	rule->pattern = NULL;
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
	for (; rules->count < (int)count; rules->count++)
		rule_init(rules, &rules->rows[rules->count],
		    json_array_get(tables, (size_t)rules->count));
	return 0;
}

void
rules_release(struct rules *rules)
{
	for (int i = 0; i < rules->count; i++)
		pattern_free(rules->rows[i].pattern);
	free(rules->rows);
	rules->rows = NULL;
	rules->count = 0;
}

int
rules_match(struct rules *rules, enum stream stream, const struct text *text)
{
	for (int i = 0; i < rules->count; i++) {
		struct rule *rule = &rules->rows[i];
		enum pattern_answer answer;

		if (rule->pattern == NULL ||
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
