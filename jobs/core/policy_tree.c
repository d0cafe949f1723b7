/*
 * policy_tree.c - see policy_tree.h.
 */
#include "policy_tree.h"

#include <stdio.h>
#include <string.h>

#include "policy_type.h"
#include "units.h"

json_t *
policy_tree_section(const json_t *root, const struct policy_section *section)
{
	const char *dot = strchr(section->name, '.');
	json_t *table;

	if (dot == NULL)
		return json_object_get(root, section->name);
	table = json_object_getn(root, section->name,
	    (size_t)(dot - section->name));
	return json_object_get(table, dot + 1);
}

json_t *
policy_tree_make(json_t *root, const struct policy_section *section)
{
	json_t *there = policy_tree_section(root, section);
	const char *dot = strchr(section->name, '.');
	json_t *made;

	if (there != NULL)
		return there;
	/* "metrics.alarm" stands in "metrics", which has a row before it. */
	if (dot != NULL)
		root = json_object_getn(root, section->name,
		    (size_t)(dot - section->name));
	made = section->array ? json_array() : json_object();
	if (json_object_set_new(root, dot == NULL ? section->name : dot + 1,
		made) == -1)
		return NULL;
	return made;
}

static int
policy_tree_fill_table(json_t *table, const struct policy_section *section)
{
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++) {
		json_t *initial;

		if (strcmp(row->section, section->name) != 0 ||
		    json_object_get(table, row->key) != NULL ||
		    (initial = policy_type_initial(row)) == NULL)
			continue;
		if (json_object_set_new(table, row->key, initial) == -1)
			return -1;
	}
	return 0;
}

/* Of two sizes that must keep an order, the one that is not given follows
 * the one that is, where its default would not. */
static int
policy_tree_fill_sizes(json_t *log)
{
	static const char *const keys[] = { "max_size", "total_size" };
	int64_t given, initial;
	struct why why;

	for (int i = 0; i < 2; i++) {
		json_t *size = json_object_get(log, keys[i]);
		const char *other = keys[!i];

		if (size == NULL || json_object_get(log, other) != NULL ||
		    size_parse(json_string_value(size), &given, &why) == -1 ||
		    size_parse(policy_row_find("log", other)->initial, &initial,
			&why) == -1)
			continue;
		if (i == 0 ? given > initial : given < initial)
			return json_object_set(log, other, size);
	}
	return 0;
}

static bool
policy_tree_has_name(const json_t *channels, const char *name)
{
	json_t *channel;
	size_t i;

	json_array_foreach (channels, i, channel) {
		const char *taken = json_string_value(
		    json_object_get(channel, "name"));

		if (taken != NULL && strcmp(taken, name) == 0)
			return true;
	}
	return false;
}

/* "webhook", "webhook-2", … for channels that were given no name. */
static int
policy_tree_name_channels(json_t *channels)
{
	json_t *channel;
	size_t i;

	json_array_foreach (channels, i, channel) {
		const char *type = json_string_value(
		    json_object_get(channel, "type"));
		char name[POLICY_NAME_MAX];

		if (json_object_get(channel, "name") != NULL || type == NULL)
			continue;
		snprintf(name, sizeof(name), "%s", type);
		for (int n = 2; policy_tree_has_name(channels, name); n++)
			snprintf(name, sizeof(name), "%s-%d", type, n);
		if (json_object_set_new(channel, "name", json_string(name)) ==
		    -1)
			return -1;
	}
	return 0;
}

int
policy_tree_fill(json_t *root)
{
	for (const struct policy_section *section = policy_sections;
	     section->name != NULL; section++) {
		json_t *place = policy_tree_make(root, section), *table;
		size_t i;

		if (place == NULL)
			return -1;
		if (strcmp(section->name, "log") == 0 &&
		    policy_tree_fill_sizes(place) == -1)
			return -1;
		if (!section->array &&
		    policy_tree_fill_table(place, section) == -1)
			return -1;
		json_array_foreach (place, i, table)
			if (policy_tree_fill_table(table, section) == -1)
				return -1;
	}
	return policy_tree_name_channels(json_object_get(root, "channel"));
}
