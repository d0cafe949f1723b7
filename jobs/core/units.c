/*
 * units.c - see units.h.
 */
#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* Longest names first among those that share a beginning. */
static const struct unit duration_units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 3600 * 1000 },
	{ "d", 24 * 3600 * 1000 },
	{ NULL, 0 },
};

static const struct unit size_units[] = {
	{ "KiB", INT64_C(1) << 10 },
	{ "MiB", INT64_C(1) << 20 },
	{ "GiB", INT64_C(1) << 30 },
	{ "TiB", INT64_C(1) << 40 },
	{ "KB", 1000 },
	{ "MB", 1000 * 1000 },
	{ "GB", 1000 * 1000 * 1000 },
	{ "TB", INT64_C(1000) * 1000 * 1000 * 1000 },
	{ "B", 1 },
	{ NULL, 0 },
};

/* One number at *p, digits only. 0, or -1 when absent or too large. */
static int
units_number(const char **p, int64_t *number)
{
	const char *start = *p;

	*number = 0;
	for (; isdigit((unsigned char)**p); (*p)++)
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, **p - '0', number))
			return -1;
	return *p == start ? -1 : 0;
}

static const struct unit *
units_find(const struct unit *units, const char *p)
{
	for (; units->name != NULL; units++)
		if (strncmp(units->name, p, strlen(units->name)) == 0)
			return units;
	return NULL;
}

/* One "12unit" at *p added to *total. 0, or -1. */
static int
units_term(const struct unit *units, const char **p, int64_t *total)
{
	const struct unit *unit;
	int64_t number;

	if (units_number(p, &number) == -1)
		return -1;
	if ((unit = units_find(units, *p)) == NULL)
		return -1;
	*p += strlen(unit->name);
	if (__builtin_mul_overflow(number, unit->factor, &number) ||
	    __builtin_add_overflow(*total, number, total))
		return -1;
	return 0;
}

int
duration_parse(const char *text, int64_t *ms, struct why *why)
{
	const char *p = text;
	int64_t total = 0;

	do {
		if (units_term(duration_units, &p, &total) == -1)
			return why_set(why,
			    "\"%.40s\" is not a duration: write a whole number "
			    "and a unit (ms, s, m, h, d), as in \"10m\" or "
			    "\"1h30m\"",
			    text);
	} while (*p != '\0');
	*ms = total;
	return 0;
}

int
size_parse(const char *text, int64_t *bytes, struct why *why)
{
	const char *p = text;
	int64_t total = 0;

	if (units_term(size_units, &p, &total) == -1 || *p != '\0')
		return why_set(why,
		    "\"%.40s\" is not a size: write a whole number and a unit "
		    "(B, KB, MB, GB, TB, KiB, MiB, GiB, TiB), as in \"100MB\"",
		    text);
	*bytes = total;
	return 0;
}

const char *
duration_format(int64_t ms, char out[UNITS_TEXT])
{
	static const struct unit parts[] = {
		{ "d", 24 * 3600 * 1000 },
		{ "h", 3600 * 1000 },
		{ "m", 60 * 1000 },
		{ "s", 1000 },
		{ "ms", 1 },
	};
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int64_t n = ms / parts[i].factor;

		if (n != 0 && used < UNITS_TEXT)
			used += (size_t)snprintf(out + used, UNITS_TEXT - used,
			    "%lld%s", (long long)n, parts[i].name);
		ms %= parts[i].factor;
	}
	if (used == 0)
		snprintf(out, UNITS_TEXT, "0s");
	return out;
}

const char *
size_format(int64_t bytes, char out[UNITS_TEXT])
{
	static const char *const names[] = { "B", "KB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t i = 0;

	for (; value >= 999.95 && i + 1 < sizeof(names) / sizeof(names[0]); i++)
		value /= 1000;
	snprintf(out, UNITS_TEXT, i == 0 ? "%.0f %s" : "%.1f %s", value,
	    names[i]);
	return out;
}
