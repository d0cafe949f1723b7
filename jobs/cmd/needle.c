/*
 * needle.c - see needle.h.
 *
 * Reads an expression from left to right and keeps the literal characters
 * that stand outside of all groups. It may miss some, but what it says must
 * be so: at anything that it does not know, it gives up.
 */
#include "needle.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "utf8.h"

struct reading {
	const char *at;
	unsigned depth; /* of groups */
	size_t last;	/* bytes of the run's last character */
	size_t length;
	char run[NEEDLE_MAX];
	size_t best_length;
	char *best; /* NEEDLE_MAX */
};

/* The run of literals is over. */
static void
reading_break(struct reading *reading)
{
	if (reading->length > reading->best_length) {
		memcpy(reading->best, reading->run, reading->length);
		reading->best_length = reading->length;
	}
	reading->length = reading->last = 0;
}

static bool
reading_literal(struct reading *reading)
{
	size_t n = utf8_sequence((const unsigned char *)reading->at,
	    strlen(reading->at));

	if (n == 0)
		return false;
	if (reading->length + n > sizeof(reading->run))
		reading_break(reading);
	memcpy(reading->run + reading->length, reading->at, n);
	reading->length += n;
	reading->last = n;
	reading->at += n;
	if (reading->depth > 0) /* a group may be left out, or one of many */
		reading->length = reading->last = 0;
	return true;
}

/* "*", "?", "{2,3}": the last character may be there no time at all. */
static bool
reading_quantifier(struct reading *reading)
{
	if (*reading->at != '+')
		reading->length -= reading->last;
	reading_break(reading);
	if (*reading->at == '{') {
		reading->at++;
		reading->at += strspn(reading->at, "0123456789,");
		if (*reading->at != '}')
			return false; /* no quantifier after all */
	}
	reading->at++;
	if (*reading->at == '?' || *reading->at == '+') /* lazy, possessive */
		reading->at++;
	return true;
}

/* The end of a "[:name:]" within a class, or NULL. */
static const char *
reading_posix(const char *p)
{
	p += 2;
	p += *p == '^';
	while (isalpha((unsigned char)*p))
		p++;
	return p[0] == ':' && p[1] == ']' ? p + 1 : NULL;
}

/* A class of characters, to its end. */
static bool
reading_class(struct reading *reading)
{
	const char *p = reading->at + 1;

	reading_break(reading);
	p += *p == '^';
	p += *p == ']';
	for (; *p != ']'; p++) {
		if (*p == '\\') {
			if (!ispunct((unsigned char)*++p) &&
			    strchr("dDwWsShHvVtnrfea", *p) == NULL)
				return false;
		} else if (p[0] == '[' && p[1] == ':') {
			p = reading_posix(p);
		}
		if (p == NULL || *p == '\0')
			return false;
	}
	reading->at = p + 1;
	return true;
}

static bool
reading_group(struct reading *reading)
{
	reading_break(reading);
	if (*reading->at++ == ')')
		return reading->depth-- > 0;
	reading->depth++;
	if (*reading->at == '*')
		return false; /* a verb */
	if (*reading->at != '?')
		return true;
	if (reading->at[1] != ':')
		return false; /* an assertion, an option, a name, … */
	reading->at += 2;
	return true;
}

/* After a backslash: a character, or what stands for one or for a place. */
static bool
reading_escape(struct reading *reading)
{
	char c = *++reading->at;

	if (ispunct((unsigned char)c))
		return reading_literal(reading);
	if (c == '\0' || strchr("dDwWsSbBhHvVAzZtnrfea", c) == NULL)
		return false;
	reading_break(reading);
	reading->at++;
	return true;
}

static bool
reading_step(struct reading *reading)
{
	switch (*reading->at) {
	case '|':
		reading->at++;
		return reading->depth > 0; /* else any branch will do */
	case '(':
	case ')':
		return reading_group(reading);
	case '[':
		return reading_class(reading);
	case '\\':
		return reading_escape(reading);
	case '*':
	case '?':
	case '+':
	case '{':
		return reading_quantifier(reading);
	case '.':
	case '^':
	case '$':
		reading_break(reading);
		reading->at++;
		return true;
	default:
		return reading_literal(reading);
	}
}

size_t
needle_find(const char *expression, char needle[NEEDLE_MAX])
{
	struct reading reading = { .at = expression, .best = needle };

	while (*reading.at != '\0')
		if (!reading_step(&reading))
			return 0;
	reading_break(&reading);
	return reading.depth == 0 ? reading.best_length : 0;
}
