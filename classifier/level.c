/*
 * level.c - see level.h.
 */
#include "level.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct level_row {
	const char *word;
	enum level level;
};

/* The names of Python, log4j, syslog, zap, glog, slog and their kin, cut
 * ones included. A word comes before those that it begins with. */
static const struct level_row level_rows[] = {
	{ "trace", LEVEL_TRACE },
	{ "verbose", LEVEL_TRACE },
	{ "finest", LEVEL_TRACE },
	{ "finer", LEVEL_TRACE },
	{ "fine", LEVEL_TRACE },
	{ "debug", LEVEL_DEBUG },
	{ "information", LEVEL_INFO },
	{ "info", LEVEL_INFO },
	{ "inf", LEVEL_INFO },
	{ "notice", LEVEL_INFO },
	{ "success", LEVEL_INFO },
	{ "warning", LEVEL_WARN },
	{ "warn", LEVEL_WARN },
	{ "wrn", LEVEL_WARN },
	{ "error", LEVEL_ERROR },
	{ "err", LEVEL_ERROR },
	{ "severe", LEVEL_ERROR },
	{ "critical", LEVEL_FATAL },
	{ "crit", LEVEL_FATAL },
	{ "fatal", LEVEL_FATAL },
	{ "panic", LEVEL_FATAL },
	{ "emergency", LEVEL_FATAL },
	{ "emerg", LEVEL_FATAL },
};

/* Bit of each letter that a row begins with, lower case. */
#define FIRST(c) (1u << ((c) - 'a'))
#define FIRST_LETTERS                                                        \
	(FIRST('t') | FIRST('v') | FIRST('f') | FIRST('d') | FIRST('i') |    \
	    FIRST('n') | FIRST('s') | FIRST('w') | FIRST('e') | FIRST('c') | \
	    FIRST('p'))

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

size_t
level_word(const char *p, size_t n, enum level *level)
{
	unsigned first = n == 0 ? 0 : (unsigned char)(p[0] | 0x20);

	if (first < 'a' || first > 'z' || (FIRST(first) & FIRST_LETTERS) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(level_rows) / sizeof(*level_rows); i++) {
		size_t length = strlen(level_rows[i].word);

		if (n < length ||
		    strncasecmp(p, level_rows[i].word, length) != 0 ||
		    (n > length && is_word(p[length])))
			continue;
		*level = level_rows[i].level;
		return length;
	}
	return 0;
}

enum level
level_letter(char letter)
{
	switch (letter) {
	case 'V':
		return LEVEL_TRACE;
	case 'D':
		return LEVEL_DEBUG;
	case 'I':
		return LEVEL_INFO;
	case 'W':
		return LEVEL_WARN;
	case 'E':
		return LEVEL_ERROR;
	case 'F':
	case 'C':
		return LEVEL_FATAL;
	default:
		return LEVEL_NONE;
	}
}

enum level
level_syslog(unsigned number)
{
	static const enum level levels[8] = { LEVEL_FATAL, LEVEL_FATAL,
		LEVEL_FATAL, LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_INFO,
		LEVEL_DEBUG };

	return levels[number % 8];
}
