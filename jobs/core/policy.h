/*
 * policy.h - the policy file: what a job is to be watched for.
 *
 * A policy is read from TOML by `jobwatch run` (policy_load), checked whole,
 * filled with defaults and written to the job directory as policy.json,
 * which is what the family reads (policy_from_json). Both give the same
 * object: a tree that holds every key of the schema that has a value, so
 * the getters below cannot fail on a checked policy. Durations and sizes
 * stay text in the tree, in the words the user wrote.
 *
 * Keys are dotted: "stall.timeout", "notify.linger". Tables in arrays
 * ([[rule]], [[channel]], [[metrics.alarm]]) are reached by policy_tables.
 * Umasks are octal text for policy_str and a number for policy_int. Paths
 * are absolute once loaded.
 */
#ifndef JOBS_CORE_POLICY_H
#define JOBS_CORE_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "why.h"

struct policy {
	json_t *root; /* owned */
};

#define POLICY_SOURCE_MAX 256
#define POLICY_PROBLEMS_MAX 64

/* What the command line adds to the file, in order; all borrowed. */
struct policy_assignment {
	const char *text; /* KEY=VALUE */
	const char *flag; /* what the user typed, as "--stall"; NULL: --set */
};

struct policy_assignments {
	const struct policy_assignment *at;
	int count;
};

/* One thing wrong in a policy; line and column count from 1, 0: unknown. */
struct policy_problem {
	int order; /* of the source: 0 the policy file, then as read */
	int line;
	int column;
	bool flag; /* the source is a flag, and the text does not repeat it */
	char source[POLICY_SOURCE_MAX]; /* the file, "--set KEY", "--stall" */
	char text[WHY_MAX];
};

/* All that is wrong, in the order of the file; more than fit are counted.
 * policy_load sets it up; nothing in it is to be released. */
struct policy_problems {
	const char *file; /* as shown to the user, borrowed; NULL: none */
	int count;
	int dropped;
	struct policy_problem at[POLICY_PROBLEMS_MAX];
};

/*
 * Reads FILE (NULL: an empty policy) and applies the assignments (NULL: none;
 * each wins over the file and over those before it), checks and fills in
 * defaults. 0, or -1 with problems filled: then nothing is allocated. The
 * policy is released with policy_release.
 */
int policy_load(struct policy *policy, const char *file,
    const struct policy_assignments *assignments,
    struct policy_problems *problems);
/*
 * Reads what policy_to_json wrote; keys that it lacks get their defaults. 0,
 * or -1: why, and nothing is allocated. Needs neither TOML nor PCRE2.
 */
int policy_from_json(struct policy *policy, const char *json, size_t length,
    struct why *why);
void policy_release(struct policy *policy);

/* The resolved policy as JSON text, to be freed with free(). NULL: memory. */
char *policy_to_json(const struct policy *policy);
/*
 * A copy for people's eyes, a new reference: literal secrets are "***", the
 * secret part of an address is too; references stay. *hidden (may be NULL)
 * counts what was hidden. NULL: memory.
 */
json_t *policy_shown(const struct policy *policy, int *hidden);
/* policy_shown as TOML, which loads as the same policy where nothing was
 * hidden. 0, or -1 with errno of the stream. */
int policy_print_toml(const struct policy *policy, FILE *out);
/* One line a problem: FILE:LINE:COLUMN: TEXT (no :LINE:COLUMN where a
 * problem has no place), or "jobwatch: FLAG: TEXT". Control bytes are
 * escaped. */
void policy_print_problems(const struct policy_problems *problems, FILE *out);
/* The same as a JSON array of {"file","line","column","message"}, for
 * several files in turn: `first` says whether a comma is due. */
void policy_print_problems_json(const struct policy_problems *problems,
    bool *first, FILE *out);

#define POLICY_AUTO (-2) /* policy_ms of a duration that is "auto" */

/* Values of a checked policy. A key that has neither value nor default gives
 * NULL, -1, NAN or false; a key that the schema does not know aborts: a
 * bug. */
const char *policy_str(const struct policy *policy, const char *key);
int64_t policy_ms(const struct policy *policy, const char *key);
int64_t policy_bytes(const struct policy *policy, const char *key);
int64_t policy_int(const struct policy *policy, const char *key);
int policy_signal(const struct policy *policy, const char *key);
/* Minutes after midnight of "23:00-07:00"; false: no such hours are set. */
bool policy_hours(const struct policy *policy, const char *key, int *from,
    int *to);
double policy_real(const struct policy *policy, const char *key);
bool policy_bool(const struct policy *policy, const char *key);
/* An array or table, borrowed; never NULL for array keys (maybe empty). */
const json_t *policy_list(const struct policy *policy, const char *key);
const json_t *policy_tables(const struct policy *policy, const char *name);

/* The same for one table of an array ("severity" of a rule). */
const char *table_str(const json_t *table, const char *key);
int64_t table_ms(const json_t *table, const char *key);
int64_t table_int(const json_t *table, const char *key);
double table_real(const json_t *table, const char *key);
bool table_bool(const json_t *table, const char *key);
const json_t *table_list(const json_t *table, const char *key);

#endif
