/*
 * policy_load.c - a policy from its file and the command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "policy.h"
#include "policy_check.h"
#include "policy_set.h"
#include "toml.h"

/* The document, or NULL; the problem is noted as one of `source`. */
static struct toml_node *
load_file(const struct policy_check *check, const char *file, int source)
{
	struct policy_place place = { source, { 0, 0 } };
	struct toml_node *root;
	struct why why;
	size_t length;
	char *text = io_load(AT_FDCWD, file, TOML_SIZE_MAX, &length);

	if (text == NULL) {
		if (errno == EFBIG)
			why_set(&why, "the file is larger than %d bytes",
			    TOML_SIZE_MAX);
		else
			why_errno(&why, "cannot read it");
		policy_problem_add(check, place, "%s", why.text);
		return NULL;
	}
	root = toml_parse(text, length, &place.at, &why);
	free(text);
	if (root == NULL)
		policy_problem_add(check, place, "%s", why.text);
	else
		toml_node_set_source(root, source);
	return root;
}

static void
load_sets(const struct policy_check *check, struct toml_node *root)
{
	struct why why;

	for (int i = 0; i < check->assignments.count; i++)
		if (policy_set(root, check->assignments.at[i].text, i + 1,
			&why) == -1)
			policy_problem_add(check,
			    (struct policy_place){ i + 1, { 0, 0 } }, "%s",
			    why.text);
}

/* Moves the tables of a registry's [[event]] behind the policy's own. */
static void
registry_merge(const struct policy_check *check, struct toml_node *root,
    struct toml_node *registry)
{
	struct toml_node *from = toml_node_get(registry, "event");
	struct toml_node *to = toml_node_get(root, "event");

	for (const struct toml_node *node = registry->child; node != NULL;
	     node = node->next)
		if (node != from)
			policy_problem_add(check, policy_place_of_key(node),
			    "a registry of events has only [[event]]");
	if (from == NULL)
		return;
	if (to == NULL) {
		to = toml_node_new(TOML_TYPE_ARRAY);
		if (to == NULL || toml_node_rename(to, "event", 5) == -1) {
			toml_node_free(to);
			return;
		}
		toml_node_append(root, to);
	}
	if (from->type != TOML_TYPE_ARRAY)
		policy_problem_add(check, policy_place_of_value(from),
		    "event is a list of tables: write [[event]]");
	else if (to->type == TOML_TYPE_ARRAY && from->child != NULL) {
		toml_node_append(to, from->child);
		from->child = NULL;
	}
}

/* The policy then has all that the registry says, and names it no more:
 * what the family reads must need no other file. */
static void
load_registry(struct policy_check *check, struct toml_node *root, json_t *job)
{
	struct toml_node *registry, *table = toml_node_get(root, "job"), *node;
	json_t *path;

	if (table == NULL || table->type != TOML_TYPE_TABLE ||
	    (node = toml_node_get(table, "events")) == NULL ||
	    node->type != TOML_TYPE_STRING)
		return;
	path = policy_path_absolute(check, POLICY_TYPE_INPUT, node);
	json_object_set_new(job, "events", path);
	check->registry = json_string_value(path);
	if (check->registry == NULL)
		return;
	registry = load_file(check, check->registry,
	    check->assignments.count + 1);
	if (registry != NULL)
		registry_merge(check, root, registry);
	toml_node_free(registry);
}

static int
load_tree(struct policy *policy, struct policy_check *check,
    struct toml_node *root)
{
	json_t *registry = json_object();

	policy->root = json_object();
	load_sets(check, root);
	load_registry(check, root, registry);
	if (policy_check_tree(check, root, policy->root) == -1)
		policy_problem_add(check, policy_place_of_value(root),
		    "out of memory");
	else
		policy_cross_check(check, root, policy->root);
	json_object_del(json_object_get(policy->root, "job"), "events");
	json_decref(registry);
	if (check->problems->count == 0)
		return 0;
	policy_release(policy);
	return -1;
}

int
policy_load(struct policy *policy, const char *file,
    const struct policy_assignments *assignments,
    struct policy_problems *problems)
{
	struct policy_check check = { .problems = problems };
	struct toml_node *root;
	int result;

	if (assignments != NULL)
		check.assignments = *assignments;
	problems->file = file;
	problems->count = problems->dropped = 0;
	policy->root = NULL;
	root = file == NULL ? toml_node_new(TOML_TYPE_TABLE)
			    : load_file(&check, file, 0);
	if (root == NULL) {
		if (problems->count == 0)
			policy_problem_add(&check,
			    (struct policy_place){ 0, { 0, 0 } },
			    "out of memory");
		return -1;
	}
	result = load_tree(policy, &check, root);
	toml_node_free(root);
	return result;
}
