/*
 * toml_limits.c - what is refused before the TOML parser sees it.
 *
 * toml++ frees tables by recursion, one level for each part of a dotted key,
 * and has no bound on the parts: a megabyte of "a.a.a." would end jobwatch
 * by exhausting its stack. It also reports broken UTF-8 a few characters
 * late, and asserts that no header begins with a dot. All three are looked
 * for here, in one pass over the bytes.
 */
#include "toml_limits.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "utf8.h"

struct limits {
	const char *p;
	const char *end;
	struct toml_mark at;
	int parts;    /* of the key that we may be in */
	bool bracket; /* '[' and nothing but blanks were before */
};

/* Steps over one character. -1: it is not valid UTF-8. */
static int
limits_step(struct limits *l)
{
	size_t n = utf8_sequence((const unsigned char *)l->p,
	    (size_t)(l->end - l->p));

	if (n == 0)
		return -1;
	if (*l->p == '\n') {
		l->at.line++;
		l->at.column = 1;
	} else
		l->at.column++;
	l->p += n;
	return 0;
}

static bool
limits_at(const struct limits *l, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(l->end - l->p) >= n && memcmp(l->p, text, n) == 0;
}

/* Steps until `stop` stands at p, or the end. Over `\x` in one when asked. */
static int
limits_until(struct limits *l, const char *stop, bool escapes)
{
	while (l->p < l->end && !limits_at(l, stop)) {
		if (escapes && *l->p == '\\' && l->end - l->p > 1 &&
		    limits_step(l) == -1)
			return -1;
		if (limits_step(l) == -1)
			return -1;
	}
	return 0;
}

/* Steps over a string; the parser will say if it has no end. */
static int
limits_string(struct limits *l)
{
	static const char *const quotes[] = { "\"\"\"", "'''", "\"", "'" };
	size_t i = 0;

	while (!limits_at(l, quotes[i]))
		i++;
	for (const char *q = quotes[i]; *q != '\0'; q++)
		limits_step(l);
	if (limits_until(l, quotes[i], quotes[i][0] == '"') == -1)
		return -1;
	for (const char *q = quotes[i]; l->p < l->end && *q != '\0'; q++)
		limits_step(l);
	/* A """string""" may end in one or two quotes of its own. */
	for (int spare = quotes[i][1] != '\0' ? 2 : 0;
	     spare > 0 && l->p < l->end && *l->p == quotes[i][0]; spare--)
		limits_step(l);
	return 0;
}

/* One string, comment or character. -1: broken UTF-8 at l->at. */
static int
limits_next(struct limits *l)
{
	unsigned char c = (unsigned char)*l->p;

	l->bracket = c == '[' || (l->bracket && (c == ' ' || c == '\t'));
	if (c == '"' || c == '\'')
		return limits_string(l);
	if (c == '#')
		return limits_until(l, "\n", false);
	if (c == '.')
		l->parts++;
	else if (!isalnum(c) && c < 0x80 && strchr("_- \t", c) == NULL)
		l->parts = 1;
	return limits_step(l);
}

int
toml_limits_check(const char *text, size_t length, struct toml_mark *at,
    struct why *why)
{
	struct limits l = { text, text + length, { 1, 1 }, 1, false };

	*at = (struct toml_mark){ 0, 0 };
	if (length > TOML_SIZE_MAX)
		return why_set(why, "the file is larger than %d bytes",
		    TOML_SIZE_MAX);
	while (l.p < l.end) {
		*at = l.at;
		if (l.bracket && *l.p == '.')
			return why_set(why, "a name is missing before the dot");
		if (limits_next(&l) == -1) {
			*at = l.at;
			return why_set(why,
			    "this byte is not UTF-8: save the file as UTF-8");
		}
		if (l.parts > TOML_KEY_PARTS_MAX)
			return why_set(why,
			    "a key of more than %d parts: no policy key has "
			    "so many",
			    TOML_KEY_PARTS_MAX);
	}
	return 0;
}
