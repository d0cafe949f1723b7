/*
 * policy_problem.c - the list of what is wrong in a policy, and its print.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "jsonw.h"
#include "policy_check.h"
#include "utf8.h"

#define PROBLEM_JSON_MAX (6 * (WHY_MAX + POLICY_SOURCE_MAX) + 128)

struct policy_place
policy_place_of_key(const struct toml_node *node)
{
	return (struct policy_place){ node->source, node->key_at };
}

struct policy_place
policy_place_of_value(const struct toml_node *node)
{
	return (struct policy_place){ node->source, node->value_at };
}

static void
problem_name_source(const struct policy_check *check, int source,
    char out[POLICY_SOURCE_MAX])
{
	const char *set;

	if (source == 0)
		snprintf(out, POLICY_SOURCE_MAX, "%s",
		    check->problems->file == NULL ? "policy"
						  : check->problems->file);
	else if (source > check->set_count)
		snprintf(out, POLICY_SOURCE_MAX, "%s", check->registry);
	else {
		set = check->sets[source - 1];
		snprintf(out, POLICY_SOURCE_MAX, "--set %.*s",
		    (int)strcspn(set, "="), set);
	}
}

static bool
problem_before(const struct policy_problem *a, const struct policy_problem *b)
{
	if (a->order != b->order)
		return a->order < b->order;
	if (a->line != b->line)
		return a->line < b->line;
	return a->column < b->column;
}

/* Keeps the order of the file, and of finding where places are the same. */
static void
problem_insert(struct policy_problems *problems,
    const struct policy_problem *problem)
{
	int i = problems->count;

	while (i > 0 && problem_before(problem, &problems->at[i - 1]))
		i--;
	if (problems->count == POLICY_PROBLEMS_MAX) {
		problems->dropped++;
		problems->count--;
		if (i > problems->count) {
			problems->count++;
			return;
		}
	}
	memmove(&problems->at[i + 1], &problems->at[i],
	    (size_t)(problems->count - i) * sizeof(problems->at[0]));
	problems->at[i] = *problem;
	problems->count++;
}

void
policy_problem_add(const struct policy_check *check, struct policy_place place,
    const char *format, ...)
{
	struct policy_problem problem = {
		.order = place.source,
		.line = place.at.line,
		.column = place.at.column,
	};
	va_list args;

	problem_name_source(check, place.source, problem.source);
	va_start(args, format);
	vsnprintf(problem.text, sizeof(problem.text), format, args);
	va_end(args);
	problem_insert(check->problems, &problem);
}

void
policy_print_problems(const struct policy_problems *problems, FILE *out)
{
	for (int i = 0; i < problems->count; i++) {
		const struct policy_problem *p = &problems->at[i];

		utf8_print(out, p->source, strlen(p->source));
		if (p->line > 0)
			fprintf(out, ":%d:%d", p->line, p->column);
		fputs(": ", out);
		utf8_print(out, p->text, strlen(p->text));
		fputc('\n', out);
	}
	if (problems->dropped > 0)
		fprintf(out, "%s: %d more problems are not shown\n",
		    problems->file == NULL ? "policy" : problems->file,
		    problems->dropped);
}

void
policy_print_problems_json(const struct policy_problems *problems, bool *first,
    FILE *out)
{
	char text[PROBLEM_JSON_MAX];

	for (int i = 0; i < problems->count; i++) {
		const struct policy_problem *p = &problems->at[i];
		struct jsonw w;

		jsonw_start(&w, text, sizeof(text));
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "file", p->source);
		jsonw_int(&w, "line", p->line);
		jsonw_int(&w, "column", p->column);
		jsonw_str(&w, "message", p->text);
		jsonw_close(&w, '}');
		if (jsonw_end(&w) == -1)
			continue;
		fprintf(out, "%s\n %s", *first ? "" : ",", text);
		*first = false;
	}
}
