/*
 * toml_node.c - see toml_node.h.
 */
#include "toml_node.h"

#include <stdlib.h>
#include <string.h>

static const char *const toml_type_names[TOML_TYPE_COUNT] = {
	[TOML_TYPE_TABLE] = "a table",
	[TOML_TYPE_ARRAY] = "a list",
	[TOML_TYPE_STRING] = "a string",
	[TOML_TYPE_INTEGER] = "an integer",
	[TOML_TYPE_REAL] = "a number with a fraction",
	[TOML_TYPE_BOOLEAN] = "true or false",
	[TOML_TYPE_TIME] = "a date or time",
};

const char *
toml_type_words(enum toml_type type)
{
	return toml_type_names[type];
}

struct toml_node *
toml_node_new(enum toml_type type)
{
	struct toml_node *node = calloc(1, sizeof(*node));

	if (node != NULL)
		node->type = type;
	return node;
}

/* length bytes and a NUL behind them; text may hold NULs of its own. */
static char *
toml_copy(const char *text, size_t length)
{
	char *copy = malloc(length + 1);

	if (copy == NULL)
		return NULL;
	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

struct toml_node *
toml_node_new_string(const char *text, size_t length)
{
	struct toml_node *node = toml_node_new(TOML_TYPE_STRING);

	if (node == NULL)
		return NULL;
	if ((node->text = toml_copy(text, length)) == NULL) {
		toml_node_free(node);
		return NULL;
	}
	node->text_length = length;
	return node;
}

/* Recursion is safe: toml_parse bounds the depth of what it returns. */
void
toml_node_free(struct toml_node *node)
{
	struct toml_node *child, *next;

	if (node == NULL)
		return;
	for (child = node->child; child != NULL; child = next) {
		next = child->next;
		toml_node_free(child);
	}
	free(node->key);
	free(node->text);
	free(node);
}

int
toml_node_rename(struct toml_node *node, const char *key, size_t length)
{
	char *copy = toml_copy(key, length);

	if (copy == NULL)
		return -1;
	free(node->key);
	node->key = copy;
	node->key_length = length;
	return 0;
}

void
toml_node_append(struct toml_node *parent, struct toml_node *child)
{
	struct toml_node **last = &parent->child;

	while (*last != NULL)
		last = &(*last)->next;
	*last = child;
}

struct toml_node *
toml_node_get(const struct toml_node *table, const char *key)
{
	struct toml_node *child = table->child;

	while (child != NULL && strcmp(child->key, key) != 0)
		child = child->next;
	return child;
}

struct toml_node *
toml_node_at(const struct toml_node *array, size_t index)
{
	struct toml_node *child = array->child;

	while (child != NULL && index-- > 0)
		child = child->next;
	return child;
}

size_t
toml_node_count(const struct toml_node *node)
{
	size_t count = 0;

	for (struct toml_node *child = node->child; child != NULL;
	     child = child->next)
		count++;
	return count;
}

void
toml_node_replace(struct toml_node *parent, struct toml_node *old,
    struct toml_node *value)
{
	struct toml_node **link = &parent->child;

	while (*link != old)
		link = &(*link)->next;
	free(value->key);
	value->key = old->key;
	value->key_length = old->key_length;
	old->key = NULL;
	value->next = old->next;
	*link = value;
	toml_node_free(old);
}

void
toml_node_set_source(struct toml_node *node, int source)
{
	node->source = source;
	for (struct toml_node *child = node->child; child != NULL;
	     child = child->next)
		toml_node_set_source(child, source);
}
