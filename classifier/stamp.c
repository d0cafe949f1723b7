/*
 * stamp.c - see stamp.h. A form is a row; see stamp_form for its letters.
 */
#include "stamp.h"

#include <stdbool.h>
#include <string.h>

/*
 * 9 a digit, 8 a digit or a blank, W and M the short name of a day and of a
 * month, T what stands between date and time ("T", "_", blanks, ", "); all
 * else is itself. The longer forms come first.
 */
static const char *const stamp_forms[] = {
	"9999-99-99T99:99:99", /* ISO 8601, Python, most */
	"9999/99/99T99:99:99", /* Go, nginx */
	"9999.99.99T99:99:99",
	"99/99/9999T99:99:99",
	"99.99.9999T99:99:99",
	"99-99-9999T99:99:99",
	"99/99/99T99:99:99", /* Spark */
	"99-99-99T99:99:99",
	"99/99T99:99:99", /* month and day: detectron2 */
	"99-99T99:99:99", /* Android */
	"99999999T99:99:99",
	"999999T99:99:99", /* Tornado */
	"9999T99:99:99",   /* glog */
	"999T99:99:99",	   /* and c10, without the month's zero */
	"9999-99-99T99:99",
	"9999-99-99",
	"W M 89 99:99:99 9999", /* asctime */
	"W M 89 9999 99:99:99",
	"W M 89 99:99:99",
	"W, 99 M 9999 99:99:99",
	"W 99 M 9999 99:99:99",
	"M 89 9999 99:99:99",
	"M 89, 9999 99:99:99",
	"M 89 99:99:99",      /* syslog (RFC 3164, 4.1.2) */
	"99-M-9999T99:99:99", /* Erlang, PHP */
	"99/M/9999:99:99:99", /* Apache */
	"99 M 9999T99:99:99",
	"99:99:99",
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* True when one of the three-letter names in `names` is at p. */
static bool
stamp_is_name(const char *p, size_t n, const char *names)
{
	if (n < 3)
		return false;
	for (; *names != '\0'; names += 3)
		if (memcmp(p, names, 3) == 0)
			return true;
	return false;
}

static size_t
stamp_between(const char *p, size_t n)
{
	size_t i = 0;

	if (n > 0 && (p[0] == 'T' || p[0] == '_'))
		return 1;
	if (n > 0 && p[0] == ',')
		i++;
	if (i >= n || p[i] != ' ')
		return 0;
	while (i < n && i < 4 && p[i] == ' ')
		i++;
	return i;
}

/* Length of what the form's letter means at p, or 0: something else. */
static size_t
stamp_letter(char letter, const char *p, size_t n)
{
	switch (letter) {
	case '9':
		return is_digit(*p);
	case '8':
		return is_digit(*p) || *p == ' ';
	case 'W':
		return stamp_is_name(p, n, "MonTueWedThuFriSatSun") ? 3 : 0;
	case 'M':
		return stamp_is_name(p, n,
			   "JanFebMarAprMayJunJulAugSepOctNovDec")
		    ? 3
		    : 0;
	case 'T':
		return stamp_between(p, n);
	default:
		return *p == letter;
	}
}

static size_t
stamp_form(const char *form, const char *p, size_t n)
{
	size_t at = 0;

	for (; *form != '\0'; form++) {
		size_t used = at < n ? stamp_letter(*form, p + at, n - at) : 0;

		if (used == 0)
			return 0;
		at += used;
	}
	return at;
}

/* ".123456" or ",123". */
static size_t
stamp_fraction(const char *p, size_t n)
{
	size_t i = 1;

	if (n < 2 || (p[0] != '.' && p[0] != ',') || !is_digit(p[1]))
		return 0;
	while (i < n && is_digit(p[i]))
		i++;
	return i;
}

/* A number ("+01:00", "-0100", "Z") or a name ("UTC", "PM") at p. */
static size_t
stamp_zone_word(const char *p, size_t n)
{
	static const char *const forms[] = { "+99:99", "+9999", "-99:99",
		"-9999", "Z" };
	static const char *const names[] = { "UTC", "GMT", "CEST", "CET", "PST",
		"PDT", "EST", "EDT", "AM", "PM" };
	size_t used;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if ((used = stamp_form(forms[i], p, n)) != 0)
			return used;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		used = strlen(names[i]);
		if (n >= used && memcmp(p, names[i], used) == 0)
			return used;
	}
	return 0;
}

static size_t
stamp_zone(const char *p, size_t n)
{
	size_t blank = n > 0 && p[0] == ' ';
	size_t used = blank + stamp_zone_word(p + blank, n - blank);

	if (used == blank)
		return 0;
	return used == n || (!is_digit(p[used]) && !is_letter(p[used])) ? used
									: 0;
}

size_t
stamp_length(const char *p, size_t n)
{
	if (n < 8 || !(is_digit(p[0]) || (p[0] >= 'A' && p[0] <= 'W')))
		return 0;
	for (size_t i = 0; i < sizeof(stamp_forms) / sizeof(*stamp_forms);
	     i++) {
		size_t used = stamp_form(stamp_forms[i], p, n);

		if (used == 0)
			continue;
		used += stamp_fraction(p + used, n - used);
		used += stamp_zone(p + used, n - used);
		if (used == n || (!is_digit(p[used]) && !is_letter(p[used])))
			return used;
	}
	return 0;
}
