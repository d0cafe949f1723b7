/*
 * policy_tree.h - the tree that a checked policy is: sections and defaults.
 *
 * {"stall":{"timeout":"10m",…},"rule":[{…}],"metrics":{"alarm":[{…}],…},…}:
 * every section is there, every array of tables, every key that has a value.
 */
#ifndef JOBS_CORE_POLICY_TREE_H
#define JOBS_CORE_POLICY_TREE_H

#include <jansson.h>

#include "policy_schema.h"

/* The section's table or array, borrowed; NULL: not there. */
json_t *policy_tree_section(const json_t *root,
    const struct policy_section *section);
/* The same, made when it is not there. NULL: out of memory. */
json_t *policy_tree_make(json_t *root, const struct policy_section *section);
/* Puts the defaults in where there is no value, and names on the channels
 * that have none. 0, or -1: out of memory. */
int policy_tree_fill(json_t *root);

#endif
