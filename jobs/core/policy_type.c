/*
 * policy_type.c - see policy_type.h.
 */
#include "policy_type.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "policy_number.h"
#include "policy_text.h"

#define TEXT (1u << JSON_STRING)
#define INTEGER (1u << JSON_INTEGER)
#define REAL (1u << JSON_REAL)
#define BOOLEAN (1u << JSON_TRUE | 1u << JSON_FALSE)
#define ARRAY (1u << JSON_ARRAY)
#define OBJECT (1u << JSON_OBJECT)

struct policy_type_row {
	const char *words;
	unsigned json;	       /* the JSON types that it may be */
	bool reference;	       /* may be "env:NAME" */
	enum policy_type item; /* of a list's elements */
	int (*check)(const struct policy_row *, const json_t *, struct why *);
};

#define ANY_TEXT(reference) TEXT, reference, POLICY_TYPE_NONE, NULL
#define WORD(check) TEXT, false, POLICY_TYPE_NONE, policy_text_##check
#define REFERENCE(check) TEXT, true, POLICY_TYPE_NONE, policy_text_##check
#define AMOUNT(json, check) json, false, POLICY_TYPE_NONE, policy_number_##check
#define LIST(item) ARRAY, false, POLICY_TYPE_##item, NULL

static const struct policy_type_row policy_types[POLICY_TYPE_COUNT] = {
	[POLICY_TYPE_NAME] = { "a string", WORD(name) },
	[POLICY_TYPE_JOB_NAME] = { "a string", WORD(job_name) },
	[POLICY_TYPE_EVENT_NAME] = { "a string", WORD(event_name) },
	[POLICY_TYPE_TEXT] = { "a string", ANY_TEXT(false) },
	[POLICY_TYPE_STRING] = { "a string", ANY_TEXT(true) },
	[POLICY_TYPE_SECRET] = { "a string", REFERENCE(secret) },
	[POLICY_TYPE_ID] = { "a string or an integer", TEXT | INTEGER, true,
	    POLICY_TYPE_NONE, policy_text_id },
	[POLICY_TYPE_URL] = { "an address in quotes", REFERENCE(url) },
	[POLICY_TYPE_INPUT] = { "a file's path in quotes", WORD(path) },
	[POLICY_TYPE_PATH] = { "a path in quotes", WORD(path) },
	[POLICY_TYPE_PROGRAM] = { "an id or a path in quotes", WORD(path) },
	[POLICY_TYPE_DURATION] = { "a duration with its unit (ms, s, m, h, d) "
				   "in quotes, as in "
				   "\"10m\"",
	    AMOUNT(TEXT, duration) },
	[POLICY_TYPE_DURATION_AUTO] = { "a duration with its unit (ms, s, m, "
					"h, d) in quotes, as in "
					"\"10m\", or \"auto\"",
	    AMOUNT(TEXT, duration_auto) },
	[POLICY_TYPE_SIZE] = { "a size with its unit (B, KB, MB, GB, TB, KiB, "
			       "MiB, GiB, TiB) in "
			       "quotes, as in \"100MB\"",
	    AMOUNT(TEXT, size) },
	[POLICY_TYPE_INT] = { "an integer", AMOUNT(INTEGER, int) },
	[POLICY_TYPE_REAL] = { "a number", AMOUNT(INTEGER | REAL, real) },
	[POLICY_TYPE_BOOL] = { "true or false (without quotes)", BOOLEAN, false,
	    POLICY_TYPE_NONE, NULL },
	[POLICY_TYPE_ENUM] = { "a string", WORD(enum) },
	[POLICY_TYPE_SIGNAL] = { "a signal's name in quotes, as in \"TERM\"",
	    WORD(signal) },
	[POLICY_TYPE_PATTERN] = { "a pattern in quotes", ANY_TEXT(false) },
	[POLICY_TYPE_HOURS] = { "hours in quotes, as in \"23:00-07:00\"",
	    WORD(hours) },
	[POLICY_TYPE_UMASK] = { "octal digits in quotes, as in \"022\"",
	    WORD(umask) },
	[POLICY_TYPE_WINDOW] = { "a number of points, or a duration in quotes, "
				 "as in \"10m\"",
	    AMOUNT(TEXT | INTEGER, window) },
	[POLICY_TYPE_TEXTS] = { "a list of strings, as in [\"a\", \"b\"]",
	    LIST(TEXT) },
	[POLICY_TYPE_NAMES] = { "a list of strings, as in [\"a\", \"b\"]",
	    LIST(NAME) },
	[POLICY_TYPE_ENUMS] = { "a list of strings, as in [\"a\", \"b\"]",
	    LIST(ENUM) },
	[POLICY_TYPE_INTS] = { "a list of integers, as in [1, 2]", LIST(INT) },
	[POLICY_TYPE_PATHS] = { "a list of paths, as in [\"/tmp\"]",
	    LIST(PATH) },
	[POLICY_TYPE_PATTERNS] = { "a list of patterns, as in ['key-\\w+']",
	    LIST(PATTERN) },
	[POLICY_TYPE_ENV] = { "a table of strings, as in { NAME = \"value\" }",
	    OBJECT, false, POLICY_TYPE_STRING, NULL },
};

/* By json_type. */
static const char *const json_words[] = {
	[JSON_OBJECT] = "a table",
	[JSON_ARRAY] = "a list",
	[JSON_STRING] = "a string",
	[JSON_INTEGER] = "an integer",
	[JSON_REAL] = "a number with a fraction",
	[JSON_TRUE] = "true",
	[JSON_FALSE] = "false",
	[JSON_NULL] = "nothing",
};

enum policy_type
policy_type_item(enum policy_type type)
{
	return policy_types[type].item;
}

const char *
policy_type_words(enum policy_type type)
{
	return policy_types[type].words;
}

bool
policy_type_takes_reference(enum policy_type type)
{
	return policy_types[type].reference;
}

/* An enum's words are its choices. */
static int
policy_type_refuse(enum policy_type as, const struct policy_row *row,
    const json_t *value, struct why *why)
{
	char choices[POLICY_CHOICES_MAX];
	const char *words = policy_types[as].words;

	if (as == POLICY_TYPE_ENUM) {
		policy_text_choices(row, choices, sizeof(choices));
		words = choices;
	}
	return why_set(why, "must be %s, not %s", words,
	    json_words[json_typeof(value)]);
}

static int
policy_type_check_as(enum policy_type as, const struct policy_row *row,
    const json_t *value, struct why *why)
{
	const struct policy_type_row *type = &policy_types[as];

	if ((type->json & 1u << json_typeof(value)) == 0)
		return policy_type_refuse(as, row, value, why);
	if (json_is_string(value) &&
	    strlen(json_string_value(value)) != json_string_length(value))
		return why_set(why, "must not contain a NUL character");
	return type->check == NULL ? 0 : type->check(row, value, why);
}

int
policy_type_check_item(const struct policy_row *row, const json_t *item,
    struct why *why)
{
	return policy_type_check_as(policy_types[row->type].item, row, item,
	    why);
}

bool
policy_type_env_name_ok(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

int
policy_type_check(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	const char *key;
	json_t *item;
	size_t i;

	if (policy_type_check_as(row->type, row, value, why) == -1)
		return -1;
	json_array_foreach (value, i, item)
		if (policy_type_check_item(row, item, why) == -1)
			return -1;
	if (!json_is_object(value))
		return 0;
	json_object_foreach ((json_t *)value, key, item) {
		if (!policy_type_env_name_ok(key))
			return why_set(why, "\"%.40s\" %s", key,
			    POLICY_ENV_NAME_WORDS);
		if (policy_type_check_item(row, item, why) == -1)
			return -1;
	}
	return 0;
}

json_t *
policy_type_normal(enum policy_type type, json_t *value)
{
	json_t *normal = value;

	if (value == NULL || !json_is_integer(value))
		return value;
	if (type == POLICY_TYPE_REAL)
		normal = json_real((double)json_integer_value(value));
	else if (type == POLICY_TYPE_ID)
		normal = json_sprintf("%lld",
		    (long long)json_integer_value(value));
	if (normal != value)
		json_decref(value);
	return normal;
}

json_t *
policy_type_initial(const struct policy_row *row)
{
	if (row->type == POLICY_TYPE_ENV)
		return json_object();
	if (policy_types[row->type].item != POLICY_TYPE_NONE)
		return json_array();
	if (row->initial == NULL)
		return NULL;
	switch (row->type) {
	case POLICY_TYPE_BOOL:
		return json_boolean(strcmp(row->initial, "true") == 0);
	case POLICY_TYPE_INT:
		return json_integer(strtoll(row->initial, NULL, 10));
	case POLICY_TYPE_REAL:
		return json_real(strtod(row->initial, NULL));
	default:
		return json_string(row->initial);
	}
}
