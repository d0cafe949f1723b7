/*
 * policy_schema.h - every section and key that a policy may have.
 *
 * The tables are const and are all there is to know: checking, defaults,
 * getters, the printer and the suggestions go by them. A new key is a row
 * in policy_rows; a new section a row in policy_sections.
 */
#ifndef JOBS_CORE_POLICY_SCHEMA_H
#define JOBS_CORE_POLICY_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How values look; policy_type.c has a row of words and a check for each. */
enum policy_type {
	POLICY_TYPE_NONE,
	POLICY_TYPE_NAME, /* short, printable */
	POLICY_TYPE_JOB_NAME,
	POLICY_TYPE_EVENT_NAME,
	POLICY_TYPE_TEXT,    /* any text, never a secret's reference */
	POLICY_TYPE_STRING,  /* any text, or a secret's reference */
	POLICY_TYPE_SECRET,  /* the same; is never shown */
	POLICY_TYPE_ID,	     /* the same; an integer is taken as its text */
	POLICY_TYPE_URL,     /* http, https, smtp, smtps, or a reference */
	POLICY_TYPE_INPUT,   /* a file to read, from the policy's folder */
	POLICY_TYPE_PATH,    /* a place to write, from where we run */
	POLICY_TYPE_PROGRAM, /* 64 hex digits, or as INPUT */
	POLICY_TYPE_DURATION,
	POLICY_TYPE_DURATION_AUTO, /* or "auto" */
	POLICY_TYPE_SIZE,
	POLICY_TYPE_INT,
	POLICY_TYPE_REAL,
	POLICY_TYPE_BOOL,
	POLICY_TYPE_ENUM,    /* one of the row's choices */
	POLICY_TYPE_SIGNAL,  /* "TERM", "SIGTERM", "RTMIN+1" */
	POLICY_TYPE_PATTERN, /* PCRE2 */
	POLICY_TYPE_HOURS,   /* "23:00-07:00" */
	POLICY_TYPE_UMASK,   /* "022" */
	POLICY_TYPE_WINDOW,  /* a number of points, or a duration */
	POLICY_TYPE_TEXTS,
	POLICY_TYPE_NAMES,
	POLICY_TYPE_ENUMS,
	POLICY_TYPE_INTS,
	POLICY_TYPE_PATHS,
	POLICY_TYPE_PATTERNS,
	POLICY_TYPE_ENV, /* a table of strings, or references */
	POLICY_TYPE_COUNT
};

struct policy_row {
	const char *section;
	const char *key;
	enum policy_type type;
	bool required;	     /* in each table of an array */
	const char *initial; /* default, in words; NULL: none */
	const char *choices; /* of an enum, space-separated */
	int64_t min;	     /* integers; milliseconds; bytes */
	int64_t max;
};

struct policy_section {
	const char *name;
	bool array; /* [[name]]: any number of tables */
};

/* What a type of channel takes beyond the keys that all take. */
struct policy_channel {
	const char *type;
	const char *required; /* space-separated */
	const char *instead;  /* or, in place of `required`, these; or NULL */
	const char *optional;
};

/* All three end with a row whose first member is NULL. */
extern const struct policy_row policy_rows[];
extern const struct policy_section policy_sections[];
extern const struct policy_channel policy_channels[];

/* NULL: no such thing. */
const struct policy_row *policy_row_find(const char *section, const char *key);
/* By "section.key", in which the section itself may have a dot. */
const struct policy_row *policy_row_of(const char *dotted);
const struct policy_section *policy_section_find(const char *name);
const struct policy_channel *policy_channel_find(const char *type);

/* True when list, space-separated, has the word. */
bool policy_words_have(const char *list, const char *word, size_t length);
/* Steps through a list: the next word at *p and its length; 0 at the end. */
size_t policy_words_next(const char **p, const char **word);

#endif
