/*
 * policy_check.c - walks a TOML tree by the schema.
 *
 * Goes on after a problem: a person wants all of them in one go. What is
 * wrong is left out of the tree; a table in an array never is, so that both
 * trees count alike.
 */
#include "policy_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_pattern.h"
#include "policy_tree.h"
#include "policy_type.h"

/* One table as it is walked. */
struct table_check {
	const struct policy_check *check;
	const struct policy_section *section;
	json_t *root;  /* of the policy */
	json_t *table; /* where this one's values go */
};

/* As JSON; of a table or list only what it is. NULL: not UTF-8. */
static json_t *
node_to_json(const struct toml_node *node)
{
	switch (node->type) {
	case TOML_TYPE_TABLE:
		return json_object();
	case TOML_TYPE_ARRAY:
		return json_array();
	case TOML_TYPE_STRING:
		return json_stringn(node->text, node->text_length);
	case TOML_TYPE_INTEGER:
		return json_integer(node->integer);
	case TOML_TYPE_REAL:
		return json_real(node->real);
	case TOML_TYPE_BOOLEAN:
		return json_boolean(node->boolean);
	default:
		return NULL;
	}
}

static bool
is_pattern(enum policy_type type)
{
	return type == POLICY_TYPE_PATTERN || type == POLICY_TYPE_PATTERNS;
}

static bool
is_path(enum policy_type type)
{
	return type == POLICY_TYPE_INPUT || type == POLICY_TYPE_PATH ||
	    type == POLICY_TYPE_PROGRAM || type == POLICY_TYPE_PATHS;
}

/* What is wrong with one value, or one element of a list: 0, or -1. */
static int
value_check(const struct policy_row *row, const struct toml_node *node,
    bool item, struct why *why)
{
	enum policy_type type = item ? policy_type_item(row->type) : row->type;
	json_t *value = node_to_json(node);
	int result;

	if (value == NULL && node->type == TOML_TYPE_STRING)
		return why_set(why, "is not UTF-8");
	if (value == NULL) /* also inf and nan, which JSON cannot say */
		return why_set(why, "must be %s, not %s",
		    policy_type_words(type),
		    node->type == TOML_TYPE_REAL ? "inf or nan"
						 : toml_type_words(node->type));
	result = item ? policy_type_check_item(row, value, why)
		      : policy_type_check(row, value, why);
	json_decref(value);
	if (result == 0 && is_pattern(type))
		return policy_pattern_check(node->text,
		    strcmp(row->section, "metrics.pattern") == 0 ? "value"
								 : NULL,
		    why);
	return result;
}

/* The value, checked; NULL: it is wrong, which is noted. */
static json_t *
value_take(const struct table_check *t, const struct policy_row *row,
    const struct toml_node *node, bool item)
{
	enum policy_type type = item ? policy_type_item(row->type) : row->type;
	struct why why;

	if (value_check(row, node, item, &why) == -1) {
		policy_problem_add(t->check, policy_place_of_value(node),
		    "%s.%s%s%s: %s", row->section, row->key,
		    item && node->key != NULL ? "." : "",
		    item && node->key != NULL ? node->key : "", why.text);
		return NULL;
	}
	if (is_path(type))
		return policy_path_absolute(t->check, type, node);
	return policy_type_normal(type, node_to_json(node));
}

static json_t *
list_take(const struct table_check *t, const struct policy_row *row,
    const struct toml_node *node)
{
	json_t *list = json_array(), *item;

	for (const struct toml_node *child = node->child; child != NULL;
	     child = child->next)
		if ((item = value_take(t, row, child, true)) != NULL)
			json_array_append_new(list, item);
	return list;
}

static json_t *
env_take(const struct table_check *t, const struct policy_row *row,
    const struct toml_node *node)
{
	json_t *table = json_object(), *item;

	for (const struct toml_node *child = node->child; child != NULL;
	     child = child->next) {
		if (strlen(child->key) != child->key_length ||
		    !policy_type_env_name_ok(child->key))
			policy_problem_add(t->check, policy_place_of_key(child),
			    "%s.%s: \"%.80s\" %s", row->section, row->key,
			    child->key, POLICY_ENV_NAME_WORDS);
		else if ((item = value_take(t, row, child, true)) != NULL)
			json_object_set_new(table, child->key, item);
	}
	return table;
}

static void
row_take(const struct table_check *t, const struct policy_row *row,
    const struct toml_node *node)
{
	json_t *value;

	if (row->type == POLICY_TYPE_ENV && node->type == TOML_TYPE_TABLE)
		value = env_take(t, row, node);
	else if (row->type != POLICY_TYPE_ENV &&
	    policy_type_item(row->type) != POLICY_TYPE_NONE &&
	    node->type == TOML_TYPE_ARRAY)
		value = list_take(t, row, node);
	else
		value = value_take(t, row, node, false);
	if (value != NULL)
		json_object_set_new(t->table, row->key, value);
}

static void section_take(const struct table_check *up,
    const struct policy_section *section, const struct toml_node *node);

/* A key of a table: a value, a section below this one, or unknown. */
static void
key_take(const struct table_check *t, const struct toml_node *node)
{
	const struct policy_row *row;
	const struct policy_section *below;
	char name[64];

	if (strlen(node->key) != node->key_length) {
		policy_problem_add(t->check, policy_place_of_key(node),
		    "a key must not contain a NUL character");
		return;
	}
	snprintf(name, sizeof(name), "%s.%s", t->section->name, node->key);
	if ((row = policy_row_find(t->section->name, node->key)) != NULL)
		row_take(t, row, node);
	else if ((below = policy_section_find(name)) != NULL)
		section_take(t, below, node);
	else
		policy_unknown_key(t->check, t->section, node);
}

static void
required_check(const struct table_check *t, const struct toml_node *node)
{
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++)
		if (row->required &&
		    strcmp(row->section, t->section->name) == 0 &&
		    toml_node_get(node, row->key) == NULL)
			policy_problem_add(t->check,
			    policy_place_of_value(node), "[[%s]] needs \"%s\"",
			    row->section, row->key);
}

static void
table_take(const struct table_check *t, const struct toml_node *node)
{
	for (const struct toml_node *child = node->child; child != NULL;
	     child = child->next)
		key_take(t, child);
	required_check(t, node);
}

/* [[name]]: each table into the array. */
static void
tables_take(const struct table_check *t, const struct toml_node *node)
{
	for (const struct toml_node *child = node->child; child != NULL;
	     child = child->next) {
		struct table_check each = *t;

		if (child->type != TOML_TYPE_TABLE) {
			policy_problem_add(t->check,
			    policy_place_of_value(child),
			    "%s must be tables: write [[%s]]", t->section->name,
			    t->section->name);
			json_array_append_new(t->table, json_object());
			continue;
		}
		each.table = json_object();
		json_array_append_new(t->table, each.table);
		table_take(&each, child);
	}
}

static void
section_take(const struct table_check *up, const struct policy_section *section,
    const struct toml_node *node)
{
	struct table_check t = *up;

	t.section = section;
	if ((t.table = policy_tree_make(t.root, section)) == NULL)
		return;
	if (section->array && node->type == TOML_TYPE_ARRAY)
		tables_take(&t, node);
	else if (!section->array && node->type == TOML_TYPE_TABLE)
		table_take(&t, node);
	else if (section->array)
		policy_problem_add(up->check, policy_place_of_value(node),
		    "%s is a list of tables: write [[%s]]", section->name,
		    section->name);
	else
		policy_problem_add(up->check, policy_place_of_value(node),
		    "%s is a section: write [%s]", section->name,
		    section->name);
}

int
policy_check_tree(const struct policy_check *check,
    const struct toml_node *root, json_t *tree)
{
	struct table_check top = { .check = check, .root = tree };

	for (const struct toml_node *child = root->child; child != NULL;
	     child = child->next) {
		const struct policy_section *section = NULL;

		if (strlen(child->key) == child->key_length &&
		    strchr(child->key, '.') == NULL)
			section = policy_section_find(child->key);
		if (section == NULL)
			policy_unknown_section(check, child);
		else
			section_take(&top, section, child);
	}
	return policy_tree_fill(tree);
}
