/*
 * policy_cross.c - what no single key of a policy can show.
 *
 * Values are taken from the tree, which has the defaults, too; whether and
 * where the user wrote a key, from the nodes.
 */
#include <string.h>

#include "policy_check.h"
#include "policy_tree.h"
#include "registry.h"

/* All that a check may want to know. */
struct cross {
	const struct policy_check *check;
	const struct toml_node *root;
	struct policy policy; /* the tree, borrowed */
};

/* Where the user wrote section.key, or NULL. */
static const struct toml_node *
written(const struct cross *c, const char *section, const char *key)
{
	const struct toml_node *table = toml_node_get(c->root, section);

	if (table == NULL || table->type != TOML_TYPE_TABLE)
		return NULL;
	return toml_node_get(table, key);
}

static void
check_stall(const struct cross *c)
{
	const struct toml_node *kill_after = written(c, "stall", "kill_after");

	if (kill_after != NULL && written(c, "stall", "timeout") == NULL &&
	    written(c, "stall", "startup_timeout") == NULL)
		policy_problem_add(c->check, policy_place_of_key(kill_after),
		    "stall.kill_after counts from a stall: set stall.timeout, "
		    "too");
}

static void
check_limits(const struct cross *c)
{
	const struct toml_node *node = written(c, "limits", "min_runtime");
	int64_t least = policy_ms(&c->policy, "limits.min_runtime");
	int64_t most = policy_ms(&c->policy, "limits.wall_time");

	if (node != NULL && most != -1 && least > most)
		policy_problem_add(c->check, policy_place_of_value(node),
		    "limits.min_runtime must not be longer than "
		    "limits.wall_time");
}

static void
check_restart(const struct cross *c)
{
	const struct toml_node *node = written(c, "restart", "backoff_max");

	if (node == NULL)
		node = written(c, "restart", "backoff");
	if (node != NULL &&
	    policy_ms(&c->policy, "restart.backoff") >
		policy_ms(&c->policy, "restart.backoff_max"))
		policy_problem_add(c->check, policy_place_of_value(node),
		    "restart.backoff (%s) must not be longer than "
		    "restart.backoff_max (%s)",
		    policy_str(&c->policy, "restart.backoff"),
		    policy_str(&c->policy, "restart.backoff_max"));
}

static void
check_log(const struct cross *c)
{
	const struct toml_node *total = written(c, "log", "total_size");
	const struct toml_node *compress = written(c, "log", "compress");
	const char *method = policy_str(&c->policy, "log.compress");

	if (total != NULL &&
	    policy_bytes(&c->policy, "log.total_size") <
		policy_bytes(&c->policy, "log.max_size"))
		policy_problem_add(c->check, policy_place_of_value(total),
		    "log.total_size must not be smaller than log.max_size");
#ifndef HAVE_ZSTD
	if (compress != NULL && strcmp(method, "zstd") == 0)
		policy_problem_add(c->check, policy_place_of_value(compress),
		    "log.compress: this jobwatch was built without zstd: "
		    "install libzstd-dev and build it again, or use \"gzip\"");
#else
	(void)compress;
	(void)method;
#endif
}

/* The node of `key` in the index-th table of an array, or NULL. */
static const struct toml_node *
written_in(const struct cross *c, const struct policy_section *section,
    size_t index, const char *key)
{
	const char *dot = strchr(section->name, '.');
	const struct toml_node *place = c->root;
	char parent[64];

	if (dot != NULL) {
		memcpy(parent, section->name, (size_t)(dot - section->name));
		parent[dot - section->name] = '\0';
		place = toml_node_get(place, parent);
	}
	if (place != NULL && place->type == TOML_TYPE_TABLE)
		place = toml_node_get(place,
		    dot == NULL ? section->name : dot + 1);
	if (place == NULL || place->type != TOML_TYPE_ARRAY)
		return NULL;
	place = toml_node_at(place, index);
	if (place == NULL || place->type != TOML_TYPE_TABLE)
		return NULL;
	return toml_node_get(place, key);
}

/* The key that must differ among the tables of an array. */
static void
check_unique(const struct cross *c, const char *name, const char *key)
{
	const struct policy_section *section = policy_section_find(name);
	json_t *seen = json_object(), *table;
	size_t i;

	json_array_foreach (policy_tables(&c->policy, name), i, table) {
		const char *value = table_str(table, key);
		const struct toml_node *node = written_in(c, section, i, key);

		if (value == NULL || node == NULL)
			continue;
		if (json_object_get(seen, value) != NULL)
			policy_problem_add(c->check,
			    policy_place_of_value(node),
			    "%s.%s: \"%.80s\" is there already: give each "
			    "[[%s]] its own",
			    name, key, value, name);
		json_object_set_new(seen, value, json_true());
	}
	json_decref(seen);
}

static void
check_actions(const struct cross *c)
{
	const struct policy_section *section = policy_section_find("action");
	static const char *const ends[] = { "end", "error" };
	json_t *table;
	size_t i;

	json_array_foreach (policy_tables(&c->policy, "action"), i, table)
		for (size_t j = 0; j < 2; j++) {
			const struct toml_node *node = written_in(c, section, i,
			    ends[j]);

			if (node == NULL ||
			    written_in(c, section, i, "begin") != NULL)
				continue;
			policy_problem_add(c->check, policy_place_of_key(node),
			    "action.%s: nothing begins this action: write its "
			    "\"begin\" pattern, too",
			    ends[j]);
		}
}

static void
check_alarms(const struct cross *c)
{
	const struct policy_section *section = policy_section_find(
	    "metrics.alarm");
	json_t *table;
	size_t i;

	json_array_foreach (policy_tables(&c->policy, "metrics.alarm"), i,
	    table) {
		const struct toml_node *node = written_in(c, section, i,
		    "when");
		const char *when = table_str(table, "when");

		if (when == NULL || node == NULL ||
		    written_in(c, section, i, "value") != NULL ||
		    (strcmp(when, "above") != 0 && strcmp(when, "below") != 0))
			continue;
		policy_problem_add(c->check, policy_place_of_value(node),
		    "metrics.alarm.when: \"%s\" needs a \"value\" to compare "
		    "with",
		    when);
	}
}

/* A registered name has its meaning and its keys already. */
static void
check_events(const struct cross *c)
{
	const struct policy_section *section = policy_section_find("event");
	json_t *table;
	size_t i;

	json_array_foreach (policy_tables(&c->policy, "event"), i, table) {
		const struct toml_node *node = written_in(c, section, i,
		    "name");
		const char *name = table_str(table, "name");

		if (name != NULL && node != NULL && registry_find(name) != -1)
			policy_problem_add(c->check,
			    policy_place_of_value(node),
			    "event.name: \"%s\" is an event of jobwatch's "
			    "own: choose another name",
			    name);
	}
}

void
policy_cross_check(const struct policy_check *check,
    const struct toml_node *root, const json_t *tree)
{
	const struct cross c = { check, root, { (json_t *)tree } };

	check_stall(&c);
	check_limits(&c);
	check_restart(&c);
	check_log(&c);
	check_unique(&c, "rule", "name");
	check_unique(&c, "action", "name");
	check_unique(&c, "event", "name");
	check_unique(&c, "channel", "name");
	check_unique(&c, "notify.threshold", "severity");
	check_actions(&c);
	check_alarms(&c);
	check_events(&c);
	policy_channel_check(check, root, tree);
}
