/*
 * toml_node.h - a TOML document as a tree that remembers where all stood.
 *
 * A node is a value; in a table it has its key, too. The children of a table
 * or an array hang in a list. Lines and columns count from 1 (columns count
 * characters, not bytes); 0 means that the value was in no file.
 */
#ifndef JOBS_CORE_TOML_NODE_H
#define JOBS_CORE_TOML_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum toml_type {
	TOML_TYPE_TABLE,
	TOML_TYPE_ARRAY,
	TOML_TYPE_STRING,
	TOML_TYPE_INTEGER,
	TOML_TYPE_REAL,
	TOML_TYPE_BOOLEAN,
	TOML_TYPE_TIME, /* any of TOML's dates and times; has no value here */
	TOML_TYPE_COUNT
};

struct toml_mark {
	int line;
	int column;
};

struct toml_node {
	enum toml_type type;
	int source; /* whose text it is: 0 the file, N the Nth --set, … */
	struct toml_mark key_at; /* as value_at where there is no key */
	struct toml_mark value_at;
	char *key; /* owned, NULL in an array and at the root */
	size_t key_length;
	char *text; /* owned, of a string; may hold a NUL */
	size_t text_length;
	int64_t integer;
	double real;
	bool boolean;
	struct toml_node *child; /* owned, the first one */
	struct toml_node *next;	 /* owned by the parent */
};

#ifdef __cplusplus
extern "C" {
#endif

/* NULL: out of memory. */
struct toml_node *toml_node_new(enum toml_type type);
struct toml_node *toml_node_new_string(const char *text, size_t length);
void toml_node_free(struct toml_node *node); /* with all below it */
/* 0, or -1: out of memory. The key is copied. */
int toml_node_rename(struct toml_node *node, const char *key, size_t length);

/* Adds the child as the last; parent takes it. */
void toml_node_append(struct toml_node *parent, struct toml_node *child);
/* The child with this key, or NULL. */
struct toml_node *toml_node_get(const struct toml_node *table, const char *key);
/* The child at this place, counted from 0, or NULL. */
struct toml_node *toml_node_at(const struct toml_node *array, size_t index);
size_t toml_node_count(const struct toml_node *node);
/* Puts value in old's place below parent, under old's key; frees old. */
void toml_node_replace(struct toml_node *parent, struct toml_node *old,
    struct toml_node *value);
/* Marks the node and all below it as another source's. */
void toml_node_set_source(struct toml_node *node, int source);
/* "a table", "an integer": for messages. */
const char *toml_type_words(enum toml_type type);

#ifdef __cplusplus
}
#endif

#endif
