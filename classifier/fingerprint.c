/*
 * fingerprint.c - see fingerprint.h.
 */
#include "fingerprint.h"

#include <stdbool.h>
#include <string.h>

#include "fnv.h"

#define HEX_ID_MIN 8 /* digits that make a hexadecimal word an id */

/* ASCII alone: what the locale calls a letter must not change the result. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_path(char c)
{
	return is_digit(c) || is_letter(c) ||
	    (c != '\0' && strchr("./+@%~=-", c) != NULL) || (c & 0x80) != 0;
}

static size_t
hex_run(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is_hex(p[i]))
		i++;
	return i;
}

/* Length of a UUID at p (8-4-4-4-12), or 0. */
static size_t
uuid_length(const char *p, size_t n)
{
	static const size_t parts[] = { 8, 4, 4, 4, 12 };
	size_t at = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (i > 0 && (at >= n || p[at++] != '-'))
			return 0;
		if (hex_run(p + at, n - at) != parts[i])
			return 0;
		at += parts[i];
	}
	return at;
}

/* Length of a hexadecimal id at p: 0x…, or a long word with a digit. */
static size_t
hex_length(const char *p, size_t n)
{
	bool digit = false;
	size_t run;

	if (n > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		run = hex_run(p + 2, n - 2);
		return run == 0 ? 0 : run + 2;
	}
	run = hex_run(p, n);
	if (run < HEX_ID_MIN || (run < n && is_letter(p[run])))
		return 0;
	for (size_t i = 0; i < run; i++)
		digit |= is_digit(p[i]);
	return digit ? run : 0;
}

/* Length of an absolute path at p ("/a", "~/a", "./a", "../a"), or 0. */
static size_t
path_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && i < 2 && (p[i] == '.' || p[i] == '~'))
		i++;
	if (i + 1 >= n || p[i] != '/' || !is_path(p[i + 1]))
		return 0;
	while (i < n && is_path(p[i]))
		i++;
	return i;
}

/* True when the number goes on at p: "1.5", "12:30", "2024-01", "3/4". */
static bool
number_joins(const char *p, size_t n)
{
	return n >= 2 && strchr(".:,/-", p[0]) != NULL && p[0] != '\0' &&
	    is_digit(p[1]);
}

/* Length of the exponent at p ("e-05"), or 0. */
static size_t
exponent_length(const char *p, size_t n)
{
	size_t i = 1;

	if (n < 2 || (p[0] != 'e' && p[0] != 'E'))
		return 0;
	if (p[i] == '+' || p[i] == '-')
		i++;
	if (i >= n || !is_digit(p[i]))
		return 0;
	while (i < n && is_digit(p[i]))
		i++;
	return i < n && is_letter(p[i]) ? 0 : i;
}

/* Length of the number at p; *zero: nothing but zeros and a point. */
static size_t
number_length(const char *p, size_t n, bool *zero)
{
	size_t i = 0;

	*zero = true;
	while (i < n && (is_digit(p[i]) || number_joins(p + i, n - i))) {
		if (p[i] != '0' && p[i] != '.')
			*zero = false;
		i++;
	}
	return i + exponent_length(p + i, n - i);
}

/* The mask for what starts at p and how long that is; 0: nothing. */
static size_t
mask_at(const char *p, size_t n, char before, char *mask)
{
	bool glued = is_letter(before) || is_digit(before), zero;
	size_t length = 0;

	if (!glued && is_hex(*p)) {
		*mask = 'U';
		if ((length = uuid_length(p, n)) == 0) {
			*mask = 'H';
			length = hex_length(p, n);
		}
	} else if (!glued && strchr("/.~", *p) != NULL && *p != '\0') {
		*mask = 'P';
		length = path_length(p, n);
	}
	if (length == 0 && is_digit(*p)) {
		length = number_length(p, n, &zero);
		*mask = zero && !glued ? '0' : 'N'; /* "rank0" is a name */
	}
	return length;
}

uint64_t
fingerprint(const char *text, size_t n)
{
	uint64_t hash = FNV_BASIS;
	char before = ' ';

	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	for (size_t i = 0; i < n;) {
		char c = text[i] == '\t' ? ' ' : text[i];
		size_t length = mask_at(text + i, n - i, before, &c);
		bool wide = c == ' ' && before == ' ';

		i += length == 0 ? 1 : length;
		before = length == 0 ? c : text[i - 1];
		if (wide)
			continue;
		/* A mask is told from the letter by a byte no text has. */
		if (length > 0)
			hash = fnv_add(hash, "\xff", 1);
		hash = fnv_add(hash, &c, 1);
	}
	return hash;
}
