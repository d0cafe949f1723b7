/*
 * policy_toml.c - a resolved policy as TOML.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy.h"
#include "policy_schema.h"
#include "policy_tree.h"

/* A basic string of TOML 1.0. */
static void
print_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';
	     p++) {
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p == '\n')
			fputs("\\n", out);
		else if (*p == '\t')
			fputs("\\t", out);
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(out, "\\u%04X", *p);
		else
			fputc(*p, out);
	}
	fputc('"', out);
}

/* The fewest digits that read back as the same number; a fraction or an
 * exponent keeps it a real. */
static void
print_real(FILE *out, double value)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		double back;

		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (sscanf(text, "%lf", &back) == 1 && back == value)
			break;
	}
	fprintf(out, "%s%s", text, strpbrk(text, ".e") == NULL ? ".0" : "");
}

static void
print_value(FILE *out, const json_t *value)
{
	const char *key, *comma = "";
	json_t *item;
	size_t i;

	if (json_is_string(value))
		print_string(out, json_string_value(value));
	else if (json_is_integer(value))
		fprintf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		print_real(out, json_real_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", out);
	else if (json_is_array(value)) {
		fputc('[', out);
		json_array_foreach (value, i, item) {
			fputs(comma, out);
			print_value(out, item);
			comma = ", ";
		}
		fputc(']', out);
	} else {
		fputs("{", out);
		json_object_foreach ((json_t *)value, key, item) {
			fprintf(out, "%s %s = ", comma, key);
			print_value(out, item);
			comma = ",";
		}
		fputs(" }", out);
	}
}

/* The table's values in the schema's order. */
static void
print_table(FILE *out, const struct policy_section *section,
    const json_t *table)
{
	fprintf(out, section->array ? "\n[[%s]]\n" : "\n[%s]\n", section->name);
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++) {
		const json_t *value = json_object_get(table, row->key);

		if (strcmp(row->section, section->name) != 0 || value == NULL)
			continue;
		fprintf(out, "%s = ", row->key);
		print_value(out, value);
		fputc('\n', out);
	}
}

int
policy_print_toml(const struct policy *policy, FILE *out)
{
	int hidden;
	json_t *shown = policy_shown(policy, &hidden), *table;
	size_t i;

	if (shown == NULL) {
		errno = ENOMEM;
		return -1;
	}
	fputs("# The policy in force, defaults filled in.\n", out);
	if (hidden > 0)
		fprintf(out,
		    "# %d secret value%s hidden as \"***\": this text "
		    "does not do what the policy does.\n",
		    hidden, hidden == 1 ? " is" : "s are");
	for (const struct policy_section *section = policy_sections;
	     section->name != NULL; section++) {
		const json_t *place = policy_tree_section(shown, section);

		if (!section->array)
			print_table(out, section, place);
		json_array_foreach (place, i, table)
			print_table(out, section, table);
	}
	json_decref(shown);
	return ferror(out) ? -1 : 0;
}
