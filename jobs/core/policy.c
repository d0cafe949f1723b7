/*
 * policy.c - a checked policy: its values, and its way through JSON.
 *
 * For all programs of the family: links neither the TOML reader nor PCRE2.
 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy_tree.h"
#include "policy_type.h"

void
policy_release(struct policy *policy)
{
	json_decref(policy->root);
	policy->root = NULL;
}

char *
policy_to_json(const struct policy *policy)
{
	return json_dumps(policy->root, JSON_COMPACT | JSON_SORT_KEYS);
}

/* Every key of a table must have a row, and every value its type. Keys of
 * `section` that are sections themselves have their own turn. */
static int
policy_verify_table(const json_t *table, const struct policy_section *section,
    struct why *why)
{
	const char *key;
	json_t *value;
	struct why reason;

	if (!json_is_object(table))
		return why_set(why, "[%s] is no table", section->name);
	json_object_foreach ((json_t *)table, key, value) {
		const struct policy_row *row = policy_row_find(section->name,
		    key);
		char name[64];

		snprintf(name, sizeof(name), "%s.%s", section->name, key);
		if (row == NULL && policy_section_find(name) != NULL)
			continue;
		if (row == NULL)
			return why_set(why, "unknown key %.80s", name);
		if (policy_type_check(row, value, &reason) == -1)
			return why_set(why, "%s: %s", name, reason.text);
	}
	return 0;
}

/* The keys that no default can stand in for. */
static int
policy_verify_required(const json_t *table,
    const struct policy_section *section, struct why *why)
{
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++)
		if (row->required && strcmp(row->section, section->name) == 0 &&
		    json_object_get(table, row->key) == NULL)
			return why_set(why, "[[%s]] lacks %s", section->name,
			    row->key);
	return 0;
}

static int
policy_verify_section(const json_t *place, const struct policy_section *section,
    struct why *why)
{
	json_t *table;
	size_t i;

	if (!section->array)
		return policy_verify_table(place, section, why);
	if (!json_is_array(place))
		return why_set(why, "[[%s]] is no array", section->name);
	json_array_foreach (place, i, table)
		if (policy_verify_table(table, section, why) == -1 ||
		    policy_verify_required(table, section, why) == -1)
			return -1;
	return 0;
}

static int
policy_verify(const json_t *root, struct why *why)
{
	const char *key;
	json_t *value;

	if (!json_is_object(root))
		return why_set(why, "a policy is a JSON object");
	json_object_foreach ((json_t *)root, key, value)
		if (policy_section_find(key) == NULL ||
		    strchr(key, '.') != NULL)
			return why_set(why, "unknown section %.80s", key);
	for (const struct policy_section *section = policy_sections;
	     section->name != NULL; section++) {
		const json_t *place = policy_tree_section(root, section);

		if (place != NULL &&
		    policy_verify_section(place, section, why) == -1)
			return -1;
	}
	return 0;
}

int
policy_from_json(struct policy *policy, const char *json, size_t length,
    struct why *why)
{
	json_error_t error;

	policy->root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &error);
	if (policy->root == NULL)
		return why_set(why, "line %d: %s", error.line, error.text);
	if (policy_verify(policy->root, why) == -1)
		goto fail;
	if (policy_tree_fill(policy->root) == -1) {
		why_set(why, "out of memory");
		goto fail;
	}
	return 0;
fail:
	policy_release(policy);
	return -1;
}
