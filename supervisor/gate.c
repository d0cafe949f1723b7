/*
 * gate.c - see gate.h.
 */
#include "gate.h"

#include <stdlib.h>
#include <string.h>

#define GATE_COUNT_MAX 1000 /* matches remembered; the policy asks no more */

struct gate_match {
	uint64_t offset;
	int64_t time_us;
};

struct gate_rule {
	unsigned count;
	int64_t window_us; /* 0: no window */
	int64_t cooldown_us;
	uint64_t through[STREAM_COUNT]; /* 1 + offset of the last match */
	int64_t fired_us;		/* 0: never */
	unsigned have;
	struct gate_match matches[GATE_COUNT_MAX]; /* oldest first */
};

struct gate {
	size_t count;
	struct gate_rule rules[];
};

static int64_t
gate_us(const json_t *table, const char *key)
{
	int64_t ms = table_ms(table, key);

	return ms < 0 ? 0 : ms * 1000;
}

struct gate *
gate_new(const struct policy *policy)
{
	const json_t *tables = policy_tables(policy, "rule");
	size_t n = json_array_size(tables);
	struct gate *gate = calloc(1,
	    sizeof(*gate) + n * sizeof(gate->rules[0]));

	if (gate == NULL)
		return NULL;
	gate->count = n;
	for (size_t i = 0; i < n; i++) {
		const json_t *table = json_array_get(tables, i);
		int64_t count = table_int(table, "count");

		gate->rules[i].count = count < 1 ? 1
		    : count > GATE_COUNT_MAX	 ? GATE_COUNT_MAX
						 : (unsigned)count;
		gate->rules[i].window_us = gate_us(table, "window");
		gate->rules[i].cooldown_us = gate_us(table, "cooldown");
	}
	return gate;
}

void
gate_free(struct gate *gate)
{
	free(gate);
}

/* Forgets the oldest n matches. */
static void
gate_forget(struct gate_rule *rule, unsigned n)
{
	rule->have -= n;
	memmove(rule->matches, rule->matches + n,
	    rule->have * sizeof(rule->matches[0]));
}

bool
gate_match(struct gate *gate, int number, enum stream stream, uint64_t offset,
    int64_t now_us)
{
	struct gate_rule *rule;

	if (number < 0 || (size_t)number >= gate->count)
		return true;
	rule = &gate->rules[number];
	if (offset < rule->through[stream])
		return false; /* read once more, after a crash */
	rule->through[stream] = offset + 1;
	if (rule->fired_us != 0 && now_us - rule->fired_us < rule->cooldown_us)
		return false;
	while (rule->have > 0 && rule->window_us > 0 &&
	    now_us - rule->matches[0].time_us > rule->window_us)
		gate_forget(rule, 1);
	if (rule->have == GATE_COUNT_MAX)
		gate_forget(rule, 1);
	rule->matches[rule->have++] = (struct gate_match){ offset, now_us };
	if (rule->have < rule->count)
		return false;
	rule->have = 0;
	rule->fired_us = now_us;
	return true;
}

void
gate_save(const struct gate *gate, struct jsonw *w, const char *key)
{
	jsonw_open(w, key, '[');
	for (size_t i = 0; i < gate->count; i++) {
		const struct gate_rule *rule = &gate->rules[i];

		jsonw_open(w, NULL, '{');
		jsonw_int(w, "fired", rule->fired_us);
		for (int n = 0; n < STREAM_COUNT; n++)
			jsonw_int(w, stream_name(n), (int64_t)rule->through[n]);
		jsonw_open(w, "matches", '[');
		for (unsigned n = 0; n < rule->have; n++) {
			jsonw_int(w, NULL, (int64_t)rule->matches[n].offset);
			jsonw_int(w, NULL, rule->matches[n].time_us);
		}
		jsonw_close(w, ']');
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void
gate_load_rule(struct gate_rule *rule, const json_t *saved)
{
	const json_t *matches = json_object_get(saved, "matches");
	size_t n = json_array_size(matches) / 2;

	rule->fired_us = json_integer_value(json_object_get(saved, "fired"));
	for (int i = 0; i < STREAM_COUNT; i++)
		rule->through[i] = (uint64_t)json_integer_value(
		    json_object_get(saved, stream_name(i)));
	rule->have = n > GATE_COUNT_MAX ? GATE_COUNT_MAX : (unsigned)n;
	for (unsigned i = 0; i < rule->have; i++) {
		const json_t *offset = json_array_get(matches, 2 * i);
		const json_t *time = json_array_get(matches, 2 * i + 1);

		rule->matches[i].offset = (uint64_t)json_integer_value(offset);
		rule->matches[i].time_us = json_integer_value(time);
	}
}

void
gate_load(struct gate *gate, const json_t *saved)
{
	for (size_t i = 0; i < gate->count && i < json_array_size(saved); i++)
		gate_load_rule(&gate->rules[i], json_array_get(saved, i));
}
