/*
 * prefix_bracket.c - prefixes in brackets: "[rank0]", "[2031-05-06 …]",
 * "[INFO]", "(pid=123)", "{file.py:12}", "<stderr>".
 *
 * Brackets hold the text's own things as often ("[step 100]", "[1/5]"), so
 * only what is known for a prefix is one.
 */
#include <string.h>
#include <strings.h>

#include "prefix_form.h"
#include "stamp.h"

#define BRACKET_MAX 120

/* The bracket's inside, trimmed. */
struct inside {
	const char *p;
	size_t n;
	size_t length; /* of the whole bracket */
};

/* 1: inside is it; 0: no bracket, or too long a one. */
static bool
inside_read(const struct prefix_scan *scan, const char *ends,
    struct inside *inside)
{
	size_t most = scan->n < BRACKET_MAX ? scan->n : BRACKET_MAX;
	const char *end;

	if (scan->p[0] != ends[0])
		return false;
	end = memchr(scan->p, ends[1], most);
	if (end == NULL)
		return false;
	inside->length = (size_t)(end + 1 - scan->p);
	inside->p = scan->p + 1;
	inside->n = inside->length - 2;
	while (inside->n > 0 && inside->p[0] == ' ') {
		inside->p++;
		inside->n--;
	}
	while (inside->n > 0 && inside->p[inside->n - 1] == ' ')
		inside->n--;
	return inside->n > 0;
}

size_t
prefix_rank(const char *p, size_t n)
{
	static const char *const words[] = { "rank", "local_rank",
		"global_rank", "gpu", "cuda", "worker", "default", "node",
		"proc", "process", "pid", "replica", "actor" };
	size_t at = 0, from;

	for (size_t i = 0; at == 0 && i < sizeof(words) / sizeof(*words); i++) {
		size_t length = strlen(words[i]);

		if (n > length && strncasecmp(p, words[i], length) == 0 &&
		    strchr("0123456789 :=-#_", p[length]) != NULL)
			at = length;
	}
	if (at > 0 && !prefix_is_digit(p[at]))
		at++;
	for (from = at; at < n && at - from < 8 && prefix_is_digit(p[at]);)
		at++;
	return at == from ? 0 : at;
}

bool
prefix_is_exception(const char *name, size_t n)
{
	static const char *const ends[] = { "Error", "Exception", "Warning",
		"Exit", "Interrupt", "Failure", "Fault", "Timeout" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t length = strlen(ends[i]);

		if (n >= length &&
		    memcmp(name + n - length, ends[i], length) == 0)
			return true;
	}
	return false;
}

static size_t
inside_at(const struct prefix_scan *scan, const char *p)
{
	return (size_t)(p - scan->p);
}

/* A time, a level behind it perhaps; or a letter and a time. */
static bool
inside_is_stamp(struct prefix_scan *scan, const struct inside *inside)
{
	enum level level = level_letter(inside->p[0]);
	size_t lead = 0, n;

	if (level != LEVEL_NONE && inside->n > 2)
		lead = 1 + (inside->p[1] == ' ');
	n = stamp_length(inside->p + lead, inside->n - lead);
	if (n == 0 && lead > 0)
		n = stamp_length(inside->p, inside->n);
	else if (lead > 0)
		prefix_note(scan, level, inside_at(scan, inside->p), 1);
	if (n == 0)
		return false;
	scan->found.stamped = true;
	for (n += lead; n < inside->n && inside->p[n] != ' ';)
		n++;
	for (; n + 1 < inside->n && inside->p[n] == ' '; n++) {
		size_t length = level_word(inside->p + n + 1, inside->n - n - 1,
		    &level);

		if (length > 0)
			prefix_note(scan, level,
			    inside_at(scan, inside->p + n + 1), length);
	}
	return true;
}

/* "INFO", "error", "WARNING|trainer.py:12". */
static bool
inside_is_level(struct prefix_scan *scan, const struct inside *inside)
{
	enum level level;
	size_t n = level_word(inside->p, inside->n, &level);

	if (n == 0 || (n < inside->n && strchr("|:/", inside->p[n]) == NULL))
		return false;
	prefix_note(scan, level, inside_at(scan, inside->p), n);
	scan->pads = true;
	return true;
}

/* "1,0" (Open MPI), "12.345678" (the kernel). */
static bool
inside_is_numbers(struct prefix_scan *scan, const struct inside *inside)
{
	const char *mark = NULL;

	for (size_t i = 0; i < inside->n; i++) {
		if (prefix_is_digit(inside->p[i]))
			continue;
		if (mark != NULL || i == 0 || i + 1 == inside->n ||
		    (inside->p[i] != ',' && inside->p[i] != '.'))
			return false;
		mark = &inside->p[i];
	}
	if (mark != NULL && *mark == '.')
		return scan->found.stamped = scan->start;
	return inside->length < scan->n &&
	    strchr(mark == NULL ? ":" : ":<", scan->p[inside->length]) != NULL;
}

/* One word: a thread, a logger, a place. */
static bool
inside_is_name(const struct prefix_scan *scan, const struct inside *inside)
{
	bool dot = false, digit = false, colon = false, letter = false;

	for (size_t i = 0; i < inside->n; i++) {
		char c = inside->p[i];

		if (!prefix_is_name(c) && c != ':' && c != '#')
			return false;
		dot |= c == '.';
		colon |= c == ':';
		digit = prefix_is_digit(c);
		letter |= !digit && prefix_is_name(c);
	}
	if (dot && colon && digit) /* file.py:12 */
		return true;
	if (strncmp(inside->p, "pod/", 4) == 0)
		return true;
	if (!scan->found.stamped && scan->found.level_length == 0)
		return false;
	return letter; /* a thread may be a hexadecimal number */
}

size_t
prefix_form_square(struct prefix_scan *scan)
{
	struct inside inside;

	if (!inside_read(scan, "[]", &inside))
		return 0;
	if (inside_is_stamp(scan, &inside) || inside_is_level(scan, &inside) ||
	    (!prefix_is_digit(inside.p[0]) &&
		prefix_rank(inside.p, inside.n) == inside.n) ||
	    inside_is_numbers(scan, &inside) || inside_is_name(scan, &inside))
		return inside.length;
	return 0;
}

/* Ray: "(pid=123)", "(Trainer pid=123, ip=10.0.0.1)", "(raylet)". */
size_t
prefix_form_round(struct prefix_scan *scan)
{
	struct inside inside;

	if (!inside_read(scan, "()", &inside))
		return 0;
	if (memmem(inside.p, inside.n, "pid=", 4) != NULL ||
	    (inside.n == 6 && memcmp(inside.p, "raylet", 6) == 0) ||
	    inside_is_level(scan, &inside))
		return inside.length;
	return scan->found.stamped && inside_is_name(scan, &inside)
	    ? inside.length
	    : 0;
}

/* Airflow: "{file.py:12}". */
size_t
prefix_form_brace(struct prefix_scan *scan)
{
	struct inside inside;

	if (!inside_read(scan, "{}", &inside))
		return 0;
	return inside_is_name(scan, &inside) ? inside.length : 0;
}

/* "<stderr>" behind a rank, "<Warning>", and the priority of syslog (RFC
 * 5424, 6.2.1) and sd-daemon(3) at the front: "<3>". */
size_t
prefix_form_angle(struct prefix_scan *scan)
{
	struct inside inside;
	unsigned number = 0;

	if (!inside_read(scan, "<>", &inside))
		return 0;
	if (inside_is_level(scan, &inside))
		return inside.length;
	if (!scan->start)
		return inside.n == 6 && memcmp(inside.p, "std", 3) == 0
		    ? inside.length
		    : 0;
	for (size_t i = 0; i < inside.n; i++) {
		if (!prefix_is_digit(inside.p[i]) || i == 3)
			return 0;
		number = number * 10 + (unsigned)(inside.p[i] - '0');
	}
	prefix_note(scan, level_syslog(number), 1, inside.n);
	return inside.length;
}
