/*
 * policy_channel.c - do a channel's keys fit its type, and does its
 * fallback lead anywhere? And what else is an address: the heartbeat's.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy_check.h"
#include "policy_secret.h"
#include "policy_suggest.h"
#include "policy_type.h"
#include "secret.h"

/* Keys that every type of channel takes. */
#define COMMON                                                        \
	"name type min_severity kinds jobs fallback continue secret " \
	"allow_private expire"

/* One channel as it is checked. */
struct channel {
	const struct policy_check *check;
	const struct toml_node *node; /* its table */
	const struct policy_channel *row;
};

static bool
channel_has(const struct channel *c, const char *word, size_t length)
{
	char key[64];

	snprintf(key, sizeof(key), "%.*s", (int)length, word);
	return toml_node_get(c->node, key) != NULL;
}

/* True when the channel has all these keys, or any of them. */
static bool
channel_has_keys(const struct channel *c, const char *list, bool all)
{
	const char *p = list, *word;
	size_t n;

	while ((n = policy_words_next(&p, &word)) > 0)
		if (channel_has(c, word, n) != all)
			return !all;
	return all;
}

static void
channel_check_required(const struct channel *c)
{
	const struct policy_channel *row = c->row;
	const char *p = row->required, *word;
	size_t n;

	if (row->instead != NULL && channel_has_keys(c, row->instead, true))
		return;
	if (row->instead != NULL && !channel_has_keys(c, row->required, true)) {
		policy_problem_add(c->check, policy_place_of_value(c->node),
		    "a %s channel needs \"%s\", or all of: %s", row->type,
		    row->required, row->instead);
		return;
	}
	while ((n = policy_words_next(&p, &word)) > 0)
		if (!channel_has(c, word, n))
			policy_problem_add(c->check,
			    policy_place_of_value(c->node),
			    "a %s channel needs \"%.*s\"", row->type, (int)n,
			    word);
}

static bool
channel_takes(const struct policy_channel *row, const char *key)
{
	size_t n = strlen(key);

	return policy_words_have(COMMON, key, n) ||
	    policy_words_have(row->required, key, n) ||
	    policy_words_have(row->optional, key, n) ||
	    (row->instead != NULL && policy_words_have(row->instead, key, n));
}

static void
channel_check_allowed(const struct channel *c)
{
	for (const struct toml_node *key = c->node->child; key != NULL;
	     key = key->next)
		if (policy_row_find("channel", key->key) != NULL &&
		    !channel_takes(c->row, key->key))
			policy_problem_add(c->check, policy_place_of_key(key),
			    "a %s channel takes no \"%s\"; beside what all "
			    "channels take it has: %s%s%s%s%s",
			    c->row->type, key->key, c->row->required,
			    c->row->instead != NULL ? " " : "",
			    c->row->instead != NULL ? c->row->instead : "",
			    *c->row->optional != '\0' ? " " : "",
			    c->row->optional);
}

/* What stands there, or what the reference leads to; to be given to
 * secret_forget. NULL: it cannot be had now. */
static char *
value_of(const struct toml_node *node)
{
	return secret_is_reference(node->text) ? secret_peek(node->text)
					       : strdup(node->text);
}

/* Mail goes by SMTP, all else by HTTP. */
static void
url_check(const struct policy_check *check, const struct toml_node *url,
    const char *of, bool mail)
{
	char *text;

	if (url == NULL || url->type != TOML_TYPE_STRING)
		return;
	text = value_of(url);
	if (text != NULL && strstr(text, "://") != NULL &&
	    (strncasecmp(text, "smtp", 4) == 0) != mail)
		policy_problem_add(check, policy_place_of_value(url),
		    "%s: the address must begin with %s", of,
		    mail ? "smtp:// or smtps://" : "http:// or https://");
	secret_forget(text);
}

/* Is the value of a key good for its use? A literal address was looked at
 * when it was read. */
static void
use_check(const struct policy_check *check, const struct policy_row *row,
    const struct toml_node *node)
{
	bool refers = secret_is_reference(node->text);
	struct why why;
	char *value;

	if (!refers && row->type == POLICY_TYPE_URL)
		return;
	value = value_of(node);
	if (value != NULL && policy_secret_check(row, value, &why) == -1)
		policy_problem_add(check, policy_place_of_value(node),
		    "%s.%s: %.200s%s%s", row->section, row->key,
		    refers ? node->text : "", refers ? " " : "", why.text);
	secret_forget(value);
}

static void
uses_check(const struct policy_check *check, const char *section,
    const struct toml_node *table)
{
	for (const struct toml_node *node = table->child; node != NULL;
	     node = node->next) {
		const struct policy_row *row = policy_row_find(section,
		    node->key);

		if (row != NULL && node->type == TOML_TYPE_STRING &&
		    policy_type_takes_reference(row->type))
			use_check(check, row, node);
	}
}

static const json_t *
channel_named(const json_t *channels, const char *name)
{
	json_t *channel;
	size_t i;

	json_array_foreach (channels, i, channel) {
		const char *other = table_str(channel, "name");

		if (other != NULL && strcmp(other, name) == 0)
			return channel;
	}
	return NULL;
}

static void
fallback_unknown(const struct policy_check *check, const struct toml_node *node,
    const json_t *channels)
{
	struct suggest suggest = { .word = node->text };
	json_t *channel;
	size_t i;

	json_array_foreach (channels, i, channel)
		if (table_str(channel, "name") != NULL)
			suggest_offer(&suggest, table_str(channel, "name"));
	policy_problem_add(check, policy_place_of_value(node),
	    "channel.fallback: there is no channel \"%.80s\"%s%.80s%s",
	    node->text, suggest.best != NULL ? "; did you mean \"" : "",
	    suggest.best != NULL ? suggest.best : "",
	    suggest.best != NULL ? "\"?" : "");
}

/* A message must not be handed round and round. */
static void
fallback_check(const struct policy_check *check, const struct toml_node *table,
    const json_t *channels, const json_t *channel)
{
	const struct toml_node *node = toml_node_get(table, "fallback");
	const char *name = table_str(channel, "fallback");
	const json_t *next = channel;

	if (node == NULL || name == NULL)
		return;
	if (channel_named(channels, name) == NULL) {
		fallback_unknown(check, node, channels);
		return;
	}
	for (size_t i = 0; i < json_array_size(channels) && next != NULL; i++) {
		name = table_str(next, "fallback");
		next = name == NULL ? NULL : channel_named(channels, name);
		if (next == channel) {
			policy_problem_add(check, policy_place_of_value(node),
			    "channel.fallback: leads back to this channel");
			return;
		}
	}
}

static void
channel_check(const struct channel *c)
{
	channel_check_required(c);
	channel_check_allowed(c);
	url_check(c->check, toml_node_get(c->node, "url"), "channel.url",
	    strcmp(c->row->type, "email") == 0);
	uses_check(c->check, "channel", c->node);
}

static void
heartbeat_check(const struct policy_check *check, const struct toml_node *root)
{
	const struct toml_node *table = toml_node_get(root, "heartbeat");

	if (table == NULL || table->type != TOML_TYPE_TABLE)
		return;
	url_check(check, toml_node_get(table, "url"), "heartbeat.url", false);
	uses_check(check, "heartbeat", table);
}

void
policy_channel_check(const struct policy_check *check,
    const struct toml_node *root, const json_t *tree)
{
	const struct toml_node *nodes = toml_node_get(root, "channel");
	const json_t *channels = json_object_get(tree, "channel");
	struct channel c = { .check = check };
	json_t *channel;
	size_t i;

	heartbeat_check(check, root);
	json_array_foreach (channels, i, channel) {
		const char *type = table_str(channel, "type");

		c.node = toml_node_at(nodes, i);
		c.row = type == NULL ? NULL : policy_channel_find(type);
		if (c.node->type != TOML_TYPE_TABLE)
			continue;
		if (c.row != NULL)
			channel_check(&c);
		fallback_check(check, c.node, channels, channel);
	}
}
