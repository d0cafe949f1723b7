/*
 * policy_set.c - see policy_set.h.
 */
#include "policy_set.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toml.h"

#define SET_DEPTH_MAX TOML_KEY_PARTS_MAX

/* The part that begins here, whether its dot is cut off already or not. */
static bool
is_index(const char *part)
{
	size_t n = strspn(part, "0123456789");

	return n > 0 && n <= 6 && (part[n] == '\0' || part[n] == '.');
}

/* Just one value, and one that a policy can hold: nan is a number in TOML,
 * but here it can only be the word, as in metrics.alarm.0.when=nan. */
static bool
is_one_value(const struct toml_node *document)
{
	const struct toml_node *value = document == NULL ? NULL
							 : document->child;

	return value != NULL && value->next == NULL &&
	    (value->type != TOML_TYPE_REAL || isfinite(value->real));
}

/* VALUE as TOML where it is that, else as a string. */
static struct toml_node *
set_value(const char *text)
{
	struct toml_node *document, *value;
	struct toml_mark at;
	struct why why;
	char *line;

	if (asprintf(&line, "v = %s", text) == -1)
		return NULL;
	document = toml_parse(line, strlen(line), &at, &why);
	free(line);
	if (!is_one_value(document))
		value = toml_node_new_string(text, strlen(text));
	else {
		value = document->child;
		document->child = NULL;
		free(value->key);
		value->key = NULL;
	}
	toml_node_free(document);
	return value;
}

/* Lines in the assignment are lines of no file. */
static void
set_mark(struct toml_node *node, int source)
{
	node->source = source;
	node->key_at = node->value_at = (struct toml_mark){ 0, 0 };
	for (struct toml_node *child = node->child; child != NULL;
	     child = child->next)
		set_mark(child, source);
}

static struct toml_node *
child_of(const struct toml_node *parent, const char *part)
{
	if (parent->type == TOML_TYPE_ARRAY)
		return toml_node_at(parent, strtoul(part, NULL, 10));
	return toml_node_get(parent, part);
}

/* May `part` name a child of parent, there or not? */
static int
part_check(const struct toml_node *parent, const char *part, struct why *why)
{
	if (*part == '\0')
		return why_set(why, "the key has an empty part");
	if (parent->type != TOML_TYPE_ARRAY && parent->type != TOML_TYPE_TABLE)
		return why_set(why,
		    "\"%.80s\" is below %s, which holds no keys", part,
		    toml_type_words(parent->type));
	if (parent->type == TOML_TYPE_TABLE)
		return 0;
	if (!is_index(part))
		return why_set(why,
		    "\"%.80s\" is in a list: write its number, as in "
		    "channel.0.url",
		    part);
	if (strtoul(part, NULL, 10) > toml_node_count(parent))
		return why_set(why,
		    "%.80s is beyond the end: the list has %zu, so the next "
		    "is %zu",
		    part, toml_node_count(parent), toml_node_count(parent));
	return 0;
}

/* Hangs the node in under part, in place of what is there. */
static int
part_put(struct toml_node *parent, const char *part, struct toml_node *node)
{
	struct toml_node *old = child_of(parent, part);

	if (old != NULL) {
		toml_node_replace(parent, old, node);
		return 0;
	}
	if (parent->type == TOML_TYPE_TABLE &&
	    toml_node_rename(node, part, strlen(part)) == -1)
		return -1;
	toml_node_append(parent, node);
	return 0;
}

/* The table or array under part, made when it is not there. */
static struct toml_node *
part_enter(struct toml_node *parent, const char *part, const char *next,
    int source)
{
	struct toml_node *child = child_of(parent, part);

	if (child != NULL)
		return child;
	child = toml_node_new(
	    is_index(next) ? TOML_TYPE_ARRAY : TOML_TYPE_TABLE);
	if (child == NULL)
		return NULL;
	child->source = source;
	if (part_put(parent, part, child) == -1) {
		toml_node_free(child);
		return NULL;
	}
	return child;
}

/* Walks key (which it cuts up) and puts the value in; takes the value. */
static int
set_at(struct toml_node *place, char *key, struct toml_node *value,
    struct why *why)
{
	int depth = 1;
	char *next;

	for (char *part = key;; part = next, depth++) {
		if ((next = strchr(part, '.')) != NULL)
			*next++ = '\0';
		if (depth > SET_DEPTH_MAX) {
			why_set(why, "no key has so many parts");
			break;
		}
		if (part_check(place, part, why) == -1)
			break;
		if (next == NULL && part_put(place, part, value) == 0)
			return 0;
		if (next == NULL ||
		    (place = part_enter(place, part, next, value->source)) ==
			NULL) {
			why_set(why, "out of memory");
			break;
		}
	}
	toml_node_free(value);
	return -1;
}

int
policy_set(struct toml_node *root, const char *assignment, int source,
    struct why *why)
{
	const char *equals = strchr(assignment, '=');
	struct toml_node *value;
	char *key;
	int result;

	if (equals == NULL || equals == assignment)
		return why_set(why,
		    "must be KEY=VALUE, as in stall.timeout=10m");
	key = strndup(assignment, (size_t)(equals - assignment));
	value = set_value(equals + 1);
	if (key == NULL || value == NULL) {
		free(key);
		toml_node_free(value);
		return why_set(why, "out of memory");
	}
	set_mark(value, source);
	result = set_at(root, key, value, why);
	free(key);
	return result;
}
