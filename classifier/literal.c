/*
 * literal.c - see literal.h.
 *
 * Reads the part of PCRE2's language that people write most of the time, and
 * gives up on the rest: not to know a word costs a little time, and a wrong
 * one would cost an alert.
 */
#include "literal.h"

#include <stdbool.h>
#include <string.h>

struct literal {
	const char *p; /* what is left of the expression */
	bool nocase;
	bool lost;    /* something that is not understood */
	char run[64]; /* under way */
	size_t length;
	char longest[64]; /* of this alternative */
	size_t longest_length;
	char *room;
	size_t cap;
	size_t used;
};

static void
run_end(struct literal *literal)
{
	if (literal->length > literal->longest_length) {
		memcpy(literal->longest, literal->run, literal->length);
		literal->longest_length = literal->length;
	}
	literal->length = 0;
}

/*
 * A byte that must be there. What stands for more than itself when the case
 * does not matter ends the run: K and S are also U+212A and U+017F.
 */
static void
run_add(struct literal *literal, char c)
{
	bool odd = c < ' ' || c > '~' || c == '|' ||
	    (literal->nocase && strchr("kKsS", c) != NULL);

	if (odd || literal->length == sizeof(literal->run))
		run_end(literal);
	if (!odd)
		literal->run[literal->length++] = c;
}

/* The byte before may be left out. */
static void
run_unless_last(struct literal *literal)
{
	if (literal->length > 0)
		literal->length--;
	run_end(literal);
}

static void
literal_escape(struct literal *literal)
{
	char c = *literal->p;

	if (c == '\0' || (c & 0x80) != 0) {
		literal->lost = true;
		return;
	}
	literal->p++;
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z')) {
		run_end(literal);
		literal->lost = strchr("dDwWsSbBAzZhHvV", c) == NULL;
	} else {
		run_add(literal, c);
	}
}

/* Over a class, whose '[' is behind us. */
static void
literal_class(struct literal *literal)
{
	const char *p = literal->p;

	run_end(literal);
	if (*p == '^')
		p++;
	if (*p == ']')
		p++;
	for (; *p != ']'; p++)
		/* A class in a class, and \Q, which has its own rules. */
		if (*p == '\0' || *p == '[' ||
		    (*p == '\\' && (*++p == '\0' || *p == 'Q' || *p == 'E'))) {
			literal->lost = true;
			return;
		}
	literal->p = p + 1;
}

/* Behind a '(': of the special groups, "(?:" alone has no effect on what
 * comes later, and no rules of its own. */
static void
literal_open(struct literal *literal)
{
	const char *p = literal->p;

	if (*p == '*' || (*p == '?' && p[1] != ':'))
		literal->lost = true;
}

/* Over a group, whose '(' is behind us: it may be left out, or hold
 * alternatives. */
static void
literal_group(struct literal *literal)
{
	unsigned depth = 1;

	run_end(literal);
	literal_open(literal);
	while (depth > 0 && !literal->lost) {
		char c = *literal->p++;

		if (c == '\0') {
			literal->lost = true;
		} else if (c == '\\') {
			literal_escape(literal);
		} else if (c == '[') {
			literal_class(literal);
		} else if (c == '(') {
			depth++;
			literal_open(literal);
		} else if (c == ')') {
			depth--;
		}
		literal->length = 0;
	}
}

/* Over "{2,3}", whose '{' is behind us; other braces are not counts. */
static void
literal_count(struct literal *literal)
{
	size_t n = strspn(literal->p, "0123456789, ");

	run_unless_last(literal);
	if (literal->p[n] == '}')
		literal->p += n + 1;
}

/* Takes in the alternative that ends here. */
static void
literal_alternative(struct literal *literal)
{
	size_t n;

	run_end(literal);
	n = literal->longest_length;
	if (n < LITERAL_MIN || literal->used + n + 1 >= literal->cap) {
		literal->lost = true;
		return;
	}
	if (literal->used > 0)
		literal->room[literal->used++] = '|';
	memcpy(literal->room + literal->used, literal->longest, n);
	literal->used += n;
	literal->longest_length = 0;
}

static void
literal_step(struct literal *literal)
{
	char c = *literal->p++;

	if (c == '\\')
		literal_escape(literal);
	else if (c == '[')
		literal_class(literal);
	else if (c == '(')
		literal_group(literal);
	else if (c == '{')
		literal_count(literal);
	else if (c == '?' || c == '*')
		run_unless_last(literal);
	else if (c == '^' || c == '$' || c == '.' || c == '+')
		run_end(literal);
	else if (c == '|')
		literal_alternative(literal);
	else
		run_add(literal, c);
}

size_t
literal_words(const char *expression, char *room, size_t cap)
{
	struct literal literal = { .p = expression, .room = room, .cap = cap };

	if (strncmp(expression, "(?i)", 4) == 0) {
		literal.nocase = true;
		literal.p += 4;
	}
	while (*literal.p != '\0' && !literal.lost)
		literal_step(&literal);
	if (!literal.lost)
		literal_alternative(&literal);
	if (literal.lost)
		return 0;
	room[literal.used] = '\0';
	return literal.used;
}
