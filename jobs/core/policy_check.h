/*
 * policy_check.h - from a TOML tree to a checked policy; for policy_load.
 */
#ifndef JOBS_CORE_POLICY_CHECK_H
#define JOBS_CORE_POLICY_CHECK_H

#include <jansson.h>

#include "policy.h"
#include "policy_schema.h"
#include "toml_node.h"

/* What a check knows of where its nodes came from; all borrowed. The source
 * of a node is 0: the file, N: the Nth assignment, one more than there are:
 * the registry. */
struct policy_check {
	struct policy_problems *problems;
	struct policy_assignments assignments;
	const char *registry; /* the file that job.events names, or NULL */
};

/* Where a problem is. */
struct policy_place {
	int source;
	struct toml_mark at;
};

struct policy_place policy_place_of_key(const struct toml_node *node);
struct policy_place policy_place_of_value(const struct toml_node *node);

/* Notes a problem in its place in order. */
void policy_problem_add(const struct policy_check *check,
    struct policy_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Checks all keys and values below root by the schema and puts what is right
 * into tree, an empty object; then fills in the defaults. 0, or -1: out of
 * memory. Whether the policy is right, check->problems says.
 */
int policy_check_tree(const struct policy_check *check,
    const struct toml_node *root, json_t *tree);
/* What no single key can show: keys that need or exclude each other, names
 * given twice. tree is what policy_check_tree made of root. */
void policy_cross_check(const struct policy_check *check,
    const struct toml_node *root, const json_t *tree);
/* The channels' part of it. */
void policy_channel_check(const struct policy_check *check,
    const struct toml_node *root, const json_t *tree);

/* "unknown key \"timeot\" in [stall]; did you mean \"timeout\"?" */
void policy_unknown_key(const struct policy_check *check,
    const struct policy_section *section, const struct toml_node *node);
void policy_unknown_section(const struct policy_check *check,
    const struct toml_node *node);

/* The value of an INPUT, PATH or PROGRAM row, made absolute: a new string.
 * NULL: out of memory. */
json_t *policy_path_absolute(const struct policy_check *check,
    enum policy_type type, const struct toml_node *node);

#endif
