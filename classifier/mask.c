/*
 * mask.c - see mask.h.
 */
#include "mask.h"

#include <stdbool.h>
#include <string.h>

#include "fnv.h"

#define UUID_PART 8 /* digits of the first of five parts */
#define UUID_LENGTH 36
#define HEX_ID_MIN 8 /* digits that make a hexadecimal word an id */

/* The letters are hashed into fingerprints, which events keep on disk. */
enum mask {
	MASK_NUMBER = 'N', /* dates, clock times and addresses are one too */
	MASK_ZERO = '0',   /* a number of zeros alone, when it is no name's */
	MASK_HEX = 'H',	   /* 0x…, or eight digits and more */
	MASK_UUID = 'U',
	MASK_PATH = 'P',
	MASK_DURATION = 'D', /* "250ms", "1h30m" */
	MASK_INSTANT = 'I',  /* a duration of zeros alone */
};

/* What a byte may be part of. ASCII alone: what the locale calls a letter
 * must not change the result. */
enum {
	DIGIT = 1 << 0,
	HEX = 1 << 1,
	LETTER = 1 << 2, /* and '_' */
	PATH = 1 << 3,
	FRONT = 1 << 4, /* a path may begin with it */
	JOIN = 1 << 5,	/* holds two digits together */
};
#define START (DIGIT | HEX | FRONT) /* an accident may begin with it */

static const unsigned char kinds[256] = {
	['0' ... '9'] = DIGIT | HEX | PATH,
	['a' ... 'f'] = HEX | LETTER | PATH,
	['A' ... 'F'] = HEX | LETTER | PATH,
	['g' ... 'z'] = LETTER | PATH,
	['G' ... 'Z'] = LETTER | PATH,
	['_'] = LETTER | PATH,
	['.'] = PATH | FRONT | JOIN,
	['~'] = PATH | FRONT,
	['/'] = PATH | FRONT | JOIN,
	['-'] = PATH | JOIN,
	[':'] = JOIN,
	[','] = JOIN,
	['+'] = PATH,
	['@'] = PATH,
	['%'] = PATH,
	['='] = PATH,
	[0x80 ... 0xff] = PATH,
};

static bool
is(char c, unsigned kind)
{
	return (kinds[(unsigned char)c] & kind) != 0;
}

static size_t
run_of(unsigned kind, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is(p[i], kind))
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
		if (run_of(HEX, p + at, n - at) != parts[i])
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
		run = run_of(HEX, p + 2, n - 2);
		return run == 0 ? 0 : run + 2;
	}
	run = run_of(HEX, p, n);
	if (run < HEX_ID_MIN || (run < n && is(p[run], LETTER)))
		return 0;
	for (size_t i = 0; i < run; i++)
		digit |= is(p[i], DIGIT);
	return digit ? run : 0;
}

/* Length of an absolute path at p ("/a", "~/a", "./a", "../a"), or 0. */
static size_t
path_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && i < 2 && (p[i] == '.' || p[i] == '~'))
		i++;
	if (i + 1 >= n || p[i] != '/' || !is(p[i + 1], PATH))
		return 0;
	return i + run_of(PATH, p + i, n - i);
}

/* True when the number goes on at p: "1.5", "12:30", "2024-01", "3/4". */
static bool
number_joins(const char *p, size_t n)
{
	return n >= 2 && is(p[0], JOIN) && is(p[1], DIGIT);
}

/* Length of the exponent at p ("e-05"), or 0. */
static size_t
exponent_length(const char *p, size_t n)
{
	size_t i = 1, digits;

	if (n < 2 || (p[0] != 'e' && p[0] != 'E'))
		return 0;
	if (p[i] == '+' || p[i] == '-')
		i++;
	digits = run_of(DIGIT, p + i, n - i);
	i += digits;
	return digits == 0 || (i < n && is(p[i], LETTER)) ? 0 : i;
}

/* Length of the number at p; *zero: nothing but zeros and a point. */
static size_t
number_length(const char *p, size_t n, bool *zero)
{
	size_t i = 0;

	*zero = true;
	while (i < n && (is(p[i], DIGIT) || number_joins(p + i, n - i))) {
		if (p[i] != '0' && p[i] != '.')
			*zero = false;
		i++;
	}
	return i + exponent_length(p + i, n - i);
}

/* Length of the unit of time at p, or 0. */
static size_t
unit_length(const char *p, size_t n)
{
	static const char *const units[] = { "s", "ms", "us", "ns", "m", "h",
		"d", "min", "sec" };
	size_t run = run_of(LETTER, p, n);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i]) == run && memcmp(units[i], p, run) == 0)
			return run;
	return 0;
}

/* Length of the duration at p whose first number has `number` bytes and is
 * `zero`, or 0: "1h30m", "250ms", no blanks. */
static size_t
duration_length(const char *p, size_t n, size_t number, bool *zero)
{
	size_t end = 0;
	bool all = *zero, part;

	while (number > 0) {
		size_t unit = unit_length(p + end + number, n - end - number);

		if (unit == 0)
			return 0; /* "3m12x" is none, and "12" none of it */
		end += number + unit;
		number = number_length(p + end, n - end, &part);
		all &= number == 0 || part;
	}
	*zero = all;
	return end;
}

/* The number, or the duration, at p. */
static size_t
count_length(const char *p, size_t n, bool glued, enum mask *mask)
{
	bool zero, idle;
	size_t number = number_length(p, n, &zero), span = 0;

	idle = zero;
	if (!glued)
		span = duration_length(p, n, number, &idle);
	if (span > 0) {
		*mask = idle ? MASK_INSTANT : MASK_DURATION;
		return span;
	}
	*mask = zero && !glued ? MASK_ZERO : MASK_NUMBER; /* "rank0" */
	return number;
}

/* Where an accident may be: its length, and which it is; 0: there is none. */
static size_t
likely_mask_at(const char *p, size_t n, bool glued, enum mask *mask)
{
	size_t length = 0;

	if (!glued && is(*p, HEX)) {
		*mask = MASK_HEX;
		length = hex_length(p, n);
		if (n > UUID_PART && p[UUID_PART] == '-' &&
		    uuid_length(p, n) > 0) {
			*mask = MASK_UUID;
			return UUID_LENGTH;
		}
	} else if (!glued && is(*p, FRONT)) {
		*mask = MASK_PATH;
		length = path_length(p, n);
	}
	if (length == 0 && is(*p, DIGIT))
		length = count_length(p, n, glued, mask);
	return length;
}

/* The accident at p, which follows the byte `before`: its length, or 0. At
 * nearly all places there can be none, and that costs no more than this. */
static inline size_t
mask_at(const char *p, size_t n, char before, enum mask *mask)
{
	bool glued = is(before, LETTER | DIGIT);

	if (!is(*p, glued ? DIGIT : START))
		return 0;
	return likely_mask_at(p, n, glued, mask);
}

static size_t
length_without_blanks(const struct text *text)
{
	size_t n = text->length;

	while (
	    n > 0 && (text->bytes[n - 1] == ' ' || text->bytes[n - 1] == '\t'))
		n--;
	return n;
}

/* A line in pieces: accidents, and single bytes between them. */
struct walk {
	const char *bytes;
	size_t length; /* without the blanks at its end */
	size_t at;
	char before;
	bool masked; /* the piece is an accident: */
	enum mask mask;
};

static inline struct walk
walk_begin(const struct text *text)
{
	return (struct walk){ .bytes = text->bytes,
		.length = length_without_blanks(text),
		.before = ' ' };
}

/* Where the next piece begins, before which walk->before stands; NULL: there
 * is none. Its last byte is the next one's `before`. */
static inline const char *
walk_next(struct walk *walk)
{
	const char *p = walk->bytes + walk->at;
	size_t n = walk->length - walk->at;

	if (n == 0)
		return NULL;
	if (walk->at > 0)
		walk->before = p[-1] == '\t' ? ' ' : p[-1];
	n = mask_at(p, n, walk->before, &walk->mask);
	walk->masked = n > 0;
	walk->at += n > 0 ? n : 1;
	return p;
}

uint64_t
mask_hash(const struct text *text)
{
	struct walk walk = walk_begin(text);
	uint64_t hash = FNV_BASIS;
	const char *p;

	while ((p = walk_next(&walk)) != NULL) {
		/* Told from the letter by a byte that no text has. */
		const char both[] = { '\xff', (char)walk.mask };

		if (walk.masked)
			hash = fnv_add(hash, both, 2);
		else if (*p != ' ' && *p != '\t')
			hash = fnv_add(hash, p, 1);
		else if (walk.before != ' ')
			hash = fnv_add(hash, " ", 1);
	}
	return hash;
}

/* What stands for an accident where a person reads it. */
static const char *
mask_word(enum mask mask)
{
	switch (mask) {
	case MASK_ZERO:
		return "0";
	case MASK_INSTANT:
		return "0s";
	case MASK_HEX:
		return "<HEX>";
	case MASK_UUID:
		return "<UUID>";
	case MASK_PATH:
		return "<PATH>";
	case MASK_DURATION:
		return "<TIME>";
	case MASK_NUMBER:
		break;
	}
	return "<N>";
}

/* Length of a text without the character that its end was cut from. */
static size_t
length_of_whole(const char *room, size_t n, char next)
{
	if (((unsigned char)next & 0xc0) == 0x80)
		while (n > 0 && ((unsigned char)room[--n] & 0xc0) == 0x80)
			;
	return n;
}

size_t
mask_show(const struct text *text, char *room, size_t cap)
{
	struct walk walk = walk_begin(text);
	size_t used = 0, more;
	const char *p, *word;

	while ((p = walk_next(&walk)) != NULL) {
		if (used == cap)
			return length_of_whole(room, used, *p);
		if (!walk.masked) {
			room[used++] = *p;
			continue;
		}
		word = mask_word(walk.mask);
		more = strlen(word);
		if (more > cap - used)
			return used;
		memcpy(room + used, word, more);
		used += more;
	}
	return used;
}
