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

/* What the user typed for it, when a node of this source came from the
 * command line; else NULL. */
static const struct policy_assignment *
problem_assignment(const struct policy_check *check, int source)
{
	return source < 1 || source > check->assignments.count
	    ? NULL
	    : &check->assignments.at[source - 1];
}

static void
problem_name_source(const struct policy_check *check, int source,
    char out[POLICY_SOURCE_MAX])
{
	const struct policy_assignment *typed = problem_assignment(check,
	    source);
	const char *file = source == 0 ? check->problems->file
				       : check->registry;

	if (typed == NULL)
		snprintf(out, POLICY_SOURCE_MAX, "%s",
		    file == NULL ? "policy" : file);
	else if (typed->flag != NULL)
		snprintf(out, POLICY_SOURCE_MAX, "%s", typed->flag);
	else
		snprintf(out, POLICY_SOURCE_MAX, "--set %.*s",
		    (int)strcspn(typed->text, "="), typed->text);
}

/* The text behind the assignment's key, when it begins with that. Messages
 * name tables in arrays without their numbers. */
static const char *
problem_past_key(const char *text, const char *assignment)
{
	const char *p = text;

	while (*assignment != '=' && *assignment != '\0') {
		size_t n = strcspn(assignment, ".=");

		if (strspn(assignment, "0123456789") < n) {
			if (p != text && *p++ != '.')
				return text;
			if (strncmp(p, assignment, n) != 0)
				return text;
			p += n;
		}
		assignment += n + (assignment[n] == '.');
	}
	if (p == text || (strncmp(p, ": ", 2) != 0 && *p != ' '))
		return text;
	return p + (*p == ':' ? 2 : 1);
}

/* The flag names the key already. */
static void
problem_shorten(struct policy_problem *problem,
    const struct policy_assignment *typed)
{
	const char *rest = problem_past_key(problem->text, typed->text);

	memmove(problem->text, rest, strlen(rest) + 1);
	problem->flag = true;
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
	const struct policy_assignment *typed = problem_assignment(check,
	    place.source);
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
	if (typed != NULL)
		problem_shorten(&problem, typed);
	problem_insert(check->problems, &problem);
}

void
policy_print_problems(const struct policy_problems *problems, FILE *out)
{
	for (int i = 0; i < problems->count; i++) {
		const struct policy_problem *p = &problems->at[i];

		if (p->flag)
			fputs("jobwatch: ", out);
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
