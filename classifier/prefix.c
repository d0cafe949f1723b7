/*
 * prefix.c - see prefix.h. The forms within brackets are in
 * prefix_bracket.c.
 *
 * A form is tried at the first character that is no blank. Between two forms
 * stands a separator (blanks, ":", "|", "-"); behind the last one a blank is
 * its own, all further blanks are the text's indentation, except behind
 * levels, which loggers pad to one width.
 */
#include "prefix.h"

#include <string.h>

#include "prefix_form.h"
#include "stamp.h"

#define PREFIX_PARTS_MAX 12

static size_t
prefix_blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i;
}

/* --- the forms ---------------------------------------------------------- */

static size_t
form_stamp(struct prefix_scan *scan)
{
	size_t n = stamp_length(scan->p, scan->n);

	if (n > 0)
		scan->found.stamped = true;
	return n;
}

/* glog, klog, absl: "E0102 12:34:56.123456  4321 file.cc:12] ". */
static size_t
form_glog(struct prefix_scan *scan)
{
	enum level level = level_letter(scan->p[0]);
	size_t stamp, end;
	const char *bracket;

	if (level == LEVEL_NONE || scan->n < 6 || !prefix_is_digit(scan->p[1]))
		return 0;
	stamp = stamp_length(scan->p + 1, scan->n - 1);
	if (stamp == 0)
		return 0;
	end = 1 + stamp;
	bracket = memchr(scan->p + end, ']', scan->n - end);
	if (bracket == NULL || bracket - scan->p > 120)
		return 0;
	prefix_note(scan, level, 0, 1);
	scan->found.stamped = true;
	return (size_t)(bracket + 1 - scan->p);
}

/* TensorFlow's letter behind a time: "12:34:56.1: E tensorflow/a.cc:3] ". */
static size_t
form_letter(struct prefix_scan *scan)
{
	enum level level = level_letter(scan->p[0]);
	size_t end = 2;

	if (!scan->found.stamped || level == LEVEL_NONE || scan->n < 4 ||
	    scan->p[1] != ' ')
		return 0;
	while (end < scan->n && prefix_is_name(scan->p[end]))
		end++;
	if (end + 1 >= scan->n || (scan->p[end] != ':' && scan->p[end] != ']'))
		return 0;
	prefix_note(scan, level, 0, 1);
	return 1;
}

/* "ERROR", and "error" where something before it says that this is a log. */
static size_t
form_level(struct prefix_scan *scan)
{
	enum level level;
	size_t n = level_word(scan->p, scan->n, &level);
	bool shouted = n > 0 && scan->p[1] >= 'A' && scan->p[1] <= 'Z';
	char next = n > 0 && n < scan->n ? scan->p[n] : '\0';

	/* "ERROR=1" and "INFO-42" are no levels, nor is "FATAL." */
	if (n == 0 || (next != '\0' && strchr(" \t:|-,]/", next) == NULL) ||
	    (next == '-' && n + 1 < scan->n && scan->p[n + 1] != ' '))
		return 0;
	/* "INFO handling ERROR page": there is one already. */
	if (scan->found.level != LEVEL_NONE && next == ' ')
		return 0;
	if (!shouted && next == ':')
		prefix_note(scan, level, 0, n);
	if (!shouted && (next == ':' || !scan->found.stamped))
		return 0;
	prefix_note(scan, level, 0, n);
	scan->pads = true;
	return n;
}

/* What a launcher calls its processes: "rank0:", "Rank 3:", "12: " (srun
 * -l). */
static size_t
form_rank(struct prefix_scan *scan)
{
	size_t n = prefix_rank(scan->p, scan->n);

	if (n == 0 || n >= scan->n || scan->p[n] != ':')
		return 0;
	if (n + 1 < scan->n && scan->p[n + 1] != ' ' && scan->p[n + 1] != '[')
		return 0;
	return scan->start || !prefix_is_digit(scan->p[0]) ? n : 0;
}

/* "name-1  | ", "0|name  | " (docker compose, pm2): where no other bar
 * makes it a row of a table. */
static size_t
form_column(struct prefix_scan *scan)
{
	size_t n = 0, bar;
	bool numbered = false;

	while (n < scan->n &&
	    (prefix_is_name(scan->p[n]) ||
		(scan->p[n] == '|' && numbered && n < 4))) {
		numbered = prefix_is_digit(scan->p[n]);
		n++;
	}
	for (bar = n; bar < scan->n && scan->p[bar] == ' '; bar++)
		;
	if (!scan->start || n == 0 || bar == n || bar + 1 >= scan->n ||
	    scan->p[bar] != '|' || scan->p[bar + 1] != ' ')
		return 0;
	if (!numbered && memchr(scan->p, '|', n) == NULL &&
	    stamp_length(scan->p + bar + 2, scan->n - bar - 2) == 0 &&
	    memchr(scan->p + bar + 1, '|', scan->n - bar - 1) != NULL)
		return 0;
	return bar;
}

/* syslog, journald: "host prog[123]: " behind a time. */
static size_t
form_host(struct prefix_scan *scan)
{
	size_t n = 0, tag;

	while (n < scan->n && prefix_is_name(scan->p[n]))
		n++;
	if (!scan->found.stamped || n == 0 || n + 1 >= scan->n ||
	    scan->p[n] != ' ')
		return 0;
	for (tag = n + 1; tag < scan->n && prefix_is_name(scan->p[tag]);)
		tag++;
	if (tag == n + 1 || tag >= scan->n || scan->p[tag] != '[')
		return 0;
	while (++tag < scan->n && prefix_is_digit(scan->p[tag]))
		;
	return tag + 1 < scan->n && scan->p[tag] == ']' &&
		scan->p[tag + 1] == ':'
	    ? tag + 1
	    : 0;
}

/* A process number between time and level, "12:00:00 4321 ERROR ", or behind
 * the level and before a rule (Spring): "INFO 4321 --- [main] ". */
static size_t
form_number(struct prefix_scan *scan)
{
	size_t n = 0, next;
	enum level level;

	while (n < scan->n && prefix_is_digit(scan->p[n]))
		n++;
	if (!scan->found.stamped || n == 0)
		return 0;
	next = n + prefix_blanks(scan->p + n, scan->n - n);
	if (next == n)
		return 0;
	if (scan->n > next + 3 && memcmp(scan->p + next, "---", 3) == 0)
		return next + 3;
	return level_word(scan->p + next, scan->n - next, &level) > 0 ? n : 0;
}

/* A container runtime's stream and tag behind its time: "stderr F ". */
static size_t
form_cri(struct prefix_scan *scan)
{
	if (!scan->found.stamped || scan->n < 9 ||
	    (memcmp(scan->p, "stdout ", 7) != 0 &&
		memcmp(scan->p, "stderr ", 7) != 0))
		return 0;
	return (scan->p[7] == 'F' || scan->p[7] == 'P') && scan->p[8] == ' '
	    ? 8
	    : 0;
}

/* logfmt: `time=… level=error msg="text"`. */
static size_t
form_field(struct prefix_scan *scan)
{
	static const char *const keys[] = { "time=", "ts=", "t=", "level=",
		"lvl=", "severity=", "logger=", "caller=", "source=" };
	enum level level;
	size_t n = 0, end;

	for (size_t i = 0; n == 0 && i < sizeof(keys) / sizeof(*keys); i++)
		if (scan->n > strlen(keys[i]) &&
		    memcmp(scan->p, keys[i], strlen(keys[i])) == 0)
			n = strlen(keys[i]);
	if (n == 0)
		return scan->n > 4 && scan->fields > 0 &&
			memcmp(scan->p, "msg=", 4) == 0
		    ? 4 + (scan->p[4] == '"')
		    : 0;
	scan->fields++;
	if (scan->p[n] == '"') {
		const char *quote = memchr(scan->p + n + 1, '"',
		    scan->n - n - 1);

		return quote == NULL ? 0 : (size_t)(quote + 1 - scan->p);
	}
	scan->found.stamped |= stamp_length(scan->p + n, scan->n - n) > 0;
	end = level_word(scan->p + n, scan->n - n, &level);
	if (end > 0)
		prefix_note(scan, level, n, end);
	for (end = n; end < scan->n && scan->p[end] != ' ';)
		end++;
	return end;
}

/* Behind a word: what says that it was a logger's name, " - ", " >> ", or a
 * level in capitals. */
static bool
name_has_mark(const char *p, size_t n)
{
	size_t blank = prefix_blanks(p, n);
	enum level level;

	if (blank == 0 || n < blank + 3)
		return false;
	p += blank;
	return memcmp(p, "- ", 2) == 0 || memcmp(p, ">> ", 3) == 0 ||
	    (p[1] >= 'A' && p[1] <= 'Z' && level_word(p, n - blank, &level));
}

/*
 * A logger's name behind a level or a time: "pkg.module: ", "name - ",
 * "INFO:root:text", "file.py:12 - ". An exception's name is none: it is what
 * the line says.
 */
static size_t
form_name(struct prefix_scan *scan)
{
	size_t n = 0, digits = 0;
	bool dotted = false, glued = scan->glued;

	while (n < scan->n &&
	    (prefix_is_name(scan->p[n]) ||
		(scan->p[n] == ':' && n + 1 < scan->n &&
		    prefix_is_name(scan->p[n + 1]) && !glued))) {
		dotted |= scan->p[n] == '.' || scan->p[n] == ':';
		digits += prefix_is_digit(scan->p[n]);
		n++;
	}
	if (n == digits || n + 1 >= scan->n || n > 80 ||
	    prefix_is_digit(*scan->p))
		return 0;
	if (!scan->found.stamped && scan->found.level_length == 0)
		return 0;
	if (glued && scan->p[n] == ':' && scan->p[n + 1] != ' ')
		return n;
	if (name_has_mark(scan->p + n, scan->n - n))
		return n;
	if (!dotted || prefix_is_exception(scan->p, n))
		return 0;
	if (scan->p[n] == ']')
		return n + 1;
	n += prefix_blanks(scan->p + n, scan->n - n);
	return n + 1 < scan->n && scan->p[n] == ':' && scan->p[n + 1] == ' '
	    ? n
	    : 0;
}

/* --- putting them together ---------------------------------------------- */

typedef size_t (*prefix_form)(struct prefix_scan *);

static const prefix_form prefix_forms[] = {
	form_stamp,
	form_glog,
	prefix_form_square,
	prefix_form_round,
	prefix_form_brace,
	prefix_form_angle,
	form_letter,
	form_level,
	form_rank,
	form_column,
	form_host,
	form_number,
	form_cri,
	form_field,
	form_name,
};

static size_t
prefix_try(struct prefix_scan *scan)
{
	for (size_t i = 0; i < sizeof(prefix_forms) / sizeof(*prefix_forms);
	     i++) {
		size_t n = prefix_forms[i](scan);

		if (n > 0)
			return n;
	}
	return 0;
}

/* Length of what stands between a form and what follows: at most one mark.
 * "INFO:root:text" is glued, so a name may follow without a blank. */
static size_t
prefix_between(struct prefix_scan *scan, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] == ' ')
		i++;
	if (i < n && p[i] == ':') {
		scan->glued = i + 1 < n && p[i + 1] != ' ';
		i++;
	} else if (i + 1 < n && (p[i] == '|' || p[i] == '-' || p[i] == ',') &&
	    p[i + 1] == ' ') {
		i++;
	} else if (i + 2 < n && memcmp(p + i, ">> ", 3) == 0) {
		i += 2;
	} else if (i > 0 && !scan->pads) {
		return 1;
	}
	if (i < n && p[i] == ' ')
		i++;
	while (scan->pads && i < n && p[i] == ' ')
		i++;
	return i;
}

struct prefix
prefix_skip(const struct text *text)
{
	size_t most = text->length < PREFIX_MAX ? text->length : PREFIX_MAX;
	struct prefix_scan scan = { .start = true };
	size_t at = 0;

	for (int part = 0; part < PREFIX_PARTS_MAX; part++) {
		size_t from = at + prefix_blanks(text->bytes + at, most - at);
		size_t n;

		scan.p = text->bytes + from;
		scan.n = most - from;
		scan.at = from;
		scan.pads = false;
		n = scan.n == 0 ? 0 : prefix_try(&scan);
		if (n == 0)
			break;
		scan.start = scan.glued = false;
		at = from + n;
		at += prefix_between(&scan, text->bytes + at,
		    text->length - at);
		if (at >= most)
			break;
	}
	scan.found.length = at > text->length ? text->length : at;
	return scan.found;
}
