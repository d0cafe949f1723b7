/*
 * policy_value.c - the getters of policy.h.
 *
 * They cannot fail: policy_load and policy_from_json let no tree through
 * that does not fit the schema.
 */
#include "policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policy_schema.h"
#include "policy_signal.h"
#include "policy_text.h"
#include "policy_tree.h"
#include "units.h"

/* Aborts on a key that no row knows: the program asks for what is not. */
static const json_t *
policy_value(const struct policy *policy, const char *key,
    const struct policy_row **row)
{
	const struct policy_row *found = policy_row_of(key);

	if (found == NULL)
		abort();
	if (row != NULL)
		*row = found;
	return json_object_get(policy_tree_section(policy->root,
				   policy_section_find(found->section)),
	    found->key);
}

static int64_t
value_ms(const json_t *value)
{
	const char *text = json_string_value(value);
	struct why why;
	int64_t ms;

	if (text == NULL)
		return -1;
	if (strcmp(text, "auto") == 0)
		return POLICY_AUTO;
	return duration_parse(text, &ms, &why) == -1 ? -1 : ms;
}

const char *
policy_str(const struct policy *policy, const char *key)
{
	return json_string_value(policy_value(policy, key, NULL));
}

int64_t
policy_ms(const struct policy *policy, const char *key)
{
	return value_ms(policy_value(policy, key, NULL));
}

int64_t
policy_bytes(const struct policy *policy, const char *key)
{
	const char *text = policy_str(policy, key);
	struct why why;
	int64_t bytes;

	if (text == NULL || size_parse(text, &bytes, &why) == -1)
		return -1;
	return bytes;
}

int64_t
policy_int(const struct policy *policy, const char *key)
{
	const struct policy_row *row;
	const json_t *value = policy_value(policy, key, &row);

	if (value != NULL && row->type == POLICY_TYPE_UMASK)
		return strtol(json_string_value(value), NULL, 8);
	return json_is_integer(value) ? json_integer_value(value) : -1;
}

int
policy_signal(const struct policy *policy, const char *key)
{
	const char *name = policy_str(policy, key);

	return name == NULL ? -1 : policy_signal_parse(name);
}

bool
policy_hours(const struct policy *policy, const char *key, int *from, int *to)
{
	const char *text = policy_str(policy, key);

	return text != NULL && policy_hours_parse(text, from, to) == 0;
}

double
policy_real(const struct policy *policy, const char *key)
{
	const json_t *value = policy_value(policy, key, NULL);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool
policy_bool(const struct policy *policy, const char *key)
{
	return json_is_true(policy_value(policy, key, NULL));
}

const json_t *
policy_list(const struct policy *policy, const char *key)
{
	return policy_value(policy, key, NULL);
}

const json_t *
policy_tables(const struct policy *policy, const char *name)
{
	const struct policy_section *section = policy_section_find(name);

	if (section == NULL || !section->array)
		abort();
	return policy_tree_section(policy->root, section);
}

const char *
table_str(const json_t *table, const char *key)
{
	return json_string_value(json_object_get(table, key));
}

int64_t
table_ms(const json_t *table, const char *key)
{
	return value_ms(json_object_get(table, key));
}

int64_t
table_int(const json_t *table, const char *key)
{
	const json_t *value = json_object_get(table, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

double
table_real(const json_t *table, const char *key)
{
	const json_t *value = json_object_get(table, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool
table_bool(const json_t *table, const char *key)
{
	return json_is_true(json_object_get(table, key));
}

const json_t *
table_list(const json_t *table, const char *key)
{
	return json_object_get(table, key);
}
