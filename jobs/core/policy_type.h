/*
 * policy_type.h - what a value of each type must look like.
 *
 * Works on JSON values, so that a policy just read from TOML and one read
 * back from policy.json meet the same rules. Patterns are taken as any
 * string here: only the reader of TOML links PCRE2 (policy_pattern.h).
 */
#ifndef JOBS_CORE_POLICY_TYPE_H
#define JOBS_CORE_POLICY_TYPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy_schema.h"
#include "why.h"

#define POLICY_NAME_MAX 64 /* bytes of a rule's, channel's, action's name */

/* 0, or -1: why, beginning with "must" or the wrong value in quotes. */
int policy_type_check(const struct policy_row *row, const json_t *value,
    struct why *why);
/* The type of a list's elements; POLICY_TYPE_NONE: the type is no list. */
enum policy_type policy_type_item(enum policy_type type);
/* One element of a list, as policy_type_check. */
int policy_type_check_item(const struct policy_row *row, const json_t *item,
    struct why *why);
/* "a duration in quotes, such as \"10m\"". */
const char *policy_type_words(enum policy_type type);
/* True for a name that an environment variable can have in any shell. */
bool policy_type_env_name_ok(const char *name);
#define POLICY_ENV_NAME_WORDS \
	"is no variable's name: use letters, digits and _, no digit first"
/* The value in the form that the tree holds: an integer where a real is
 * wanted becomes one. Takes the reference. NULL: out of memory. */
json_t *policy_type_normal(enum policy_type type, json_t *value);
/* The row's default, a new reference; NULL: it has none. An absent list is
 * an empty one. */
json_t *policy_type_initial(const struct policy_row *row);
/* True where "env:NAME" and "file:/path" stand for a secret. */
bool policy_type_takes_reference(enum policy_type type);

#endif
