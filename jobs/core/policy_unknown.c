/*
 * policy_unknown.c - what is said about a key or section nobody knows.
 */
#include <stdio.h>
#include <string.h>

#include "policy_check.h"
#include "policy_suggest.h"

#define HEADER_MAX 128

/* [stall] or [[rule]]. */
static const char *
header(bool array, const char *name, char out[HEADER_MAX])
{
	snprintf(out, HEADER_MAX, array ? "[[%.80s]]" : "[%.80s]", name);
	return out;
}

/* The part of a section's name that stands below `parent`, "" for the top;
 * NULL: it does not stand right below it. */
static const char *
section_below(const struct policy_section *section, const char *parent)
{
	size_t n = strlen(parent);

	if (n == 0)
		return strchr(section->name, '.') == NULL ? section->name
							  : NULL;
	if (strncmp(section->name, parent, n) != 0 || section->name[n] != '.')
		return NULL;
	return section->name + n + 1;
}

static const char *
suggest_key(const struct policy_section *section, const char *key)
{
	struct suggest suggest = { .word = key };

	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++)
		if (strcmp(row->section, section->name) == 0)
			suggest_offer(&suggest, row->key);
	for (const struct policy_section *s = policy_sections; s->name != NULL;
	     s++) {
		const char *below = section_below(s, section->name);

		if (below != NULL)
			suggest_offer(&suggest, below);
	}
	return suggest.best;
}

/* The section that has this key, when just one has. */
static const struct policy_section *
section_with(const char *key)
{
	const char *found = NULL;

	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++) {
		if (strcmp(row->key, key) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = row->section;
	}
	return found == NULL ? NULL : policy_section_find(found);
}

/* "timeout, do, …": all that would be right. */
static void
known_keys(const struct policy_section *section, char *out, size_t cap)
{
	const char *comma = "";
	size_t used;

	snprintf(out, cap, "known keys: ");
	used = strlen(out);
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++)
		if (strcmp(row->section, section->name) == 0 && used < cap) {
			used += (size_t)snprintf(out + used, cap - used, "%s%s",
			    comma, row->key);
			comma = ", ";
		}
}

void
policy_unknown_key(const struct policy_check *check,
    const struct policy_section *section, const struct toml_node *node)
{
	const char *nearest = suggest_key(section, node->key);
	const struct policy_section *elsewhere = section_with(node->key);
	char in[HEADER_MAX], other[HEADER_MAX], words[WHY_MAX / 2 + 64];

	header(section->array, section->name, in);
	if (nearest != NULL)
		snprintf(words, sizeof(words), "did you mean \"%s\"?", nearest);
	else if (elsewhere != NULL)
		snprintf(words, sizeof(words), "it belongs in %s",
		    header(elsewhere->array, elsewhere->name, other));
	else
		known_keys(section, words, sizeof(words));
	policy_problem_add(check, policy_place_of_key(node),
	    "unknown key \"%.80s\" in %s; %s", node->key, in, words);
}

static const struct policy_section *
suggest_section(const char *name)
{
	struct suggest suggest = { .word = name };

	for (const struct policy_section *s = policy_sections; s->name != NULL;
	     s++)
		if (section_below(s, "") != NULL)
			suggest_offer(&suggest, s->name);
	return suggest.best == NULL ? NULL : policy_section_find(suggest.best);
}

/* All sections right below the top, as their headers. */
static void
known_sections(char *out, size_t cap)
{
	char name[HEADER_MAX];
	size_t used = 0;

	for (const struct policy_section *s = policy_sections; s->name != NULL;
	     s++)
		if (section_below(s, "") != NULL && used < cap)
			used += (size_t)snprintf(out + used, cap - used, "%s%s",
			    used == 0 ? "" : ", ",
			    header(s->array, s->name, name));
}

static void
unknown_table(const struct policy_check *check, const struct toml_node *node)
{
	const struct policy_section *nearest = suggest_section(node->key);
	char name[HEADER_MAX], other[HEADER_MAX], words[WHY_MAX / 2 + 64];

	header(node->type == TOML_TYPE_ARRAY, node->key, name);
	if (nearest != NULL)
		snprintf(words, sizeof(words), "did you mean %s?",
		    header(nearest->array, nearest->name, other));
	else {
		snprintf(words, sizeof(words), "known sections: ");
		known_sections(words + strlen(words),
		    sizeof(words) - strlen(words));
	}
	policy_problem_add(check, policy_place_of_key(node),
	    "unknown section %s; %s", name, words);
}

void
policy_unknown_section(const struct policy_check *check,
    const struct toml_node *node)
{
	const struct policy_section *elsewhere = section_with(node->key);
	char words[WHY_MAX / 2 + 64] = "it belongs in ";

	if (node->type == TOML_TYPE_TABLE || node->type == TOML_TYPE_ARRAY) {
		unknown_table(check, node);
		return;
	}
	if (elsewhere != NULL)
		header(elsewhere->array, elsewhere->name,
		    words + strlen(words));
	else {
		snprintf(words, sizeof(words), "keys belong in one of ");
		known_sections(words + strlen(words),
		    sizeof(words) - strlen(words));
	}
	policy_problem_add(check, policy_place_of_key(node),
	    "\"%.80s\" stands outside of any section; %s", node->key, words);
}
