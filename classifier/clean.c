/*
 * clean.c - see clean.h.
 */
#include "clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "utf8.h"

#define EVERY(byte) (0x0101010101010101ULL * (byte))
#define REPLACEMENT "\xef\xbf\xbd"
#define ESCAPE 0x1b

/* True when nothing needs changing: printable ASCII alone, which is what
 * nearly every line is. Eight bytes a step. */
static bool
clean_is_plain(const char *p, size_t n)
{
	uint64_t odd = 0, word;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		odd |= word | (word + EVERY(1)) | ((word - EVERY(' ')) & ~word);
	}
	for (; n > 0; p++, n--)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
			return false;
	return (odd & EVERY(0x80)) == 0;
}

/* Length of a string sequence's body up to and with its end (BEL or ESC \),
 * or 0 when it has none. */
static size_t
escape_string(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\a')
			return i + 1;
		if (p[i] == ESCAPE)
			return i + 1 < n && p[i + 1] == '\\' ? i + 2 : 0;
	}
	return 0;
}

/*
 * Length of the escape sequence at p (ECMA-48). A string sequence without an
 * end loses only its introducer, so that no output can be hidden in it.
 */
static size_t
escape_length(const unsigned char *p, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return n;
	if (strchr("]PX^_", p[1]) != NULL && p[1] != '\0')
		return 2 + escape_string(p + 2, n - 2);
	if (p[1] == '[')
		while (i < n && p[i] >= 0x30 && p[i] <= 0x3f)
			i++;
	else if (p[1] < 0x20 || p[1] > 0x2f)
		return p[1] < 0x20 ? 1 : 2;
	while (i < n && p[i] >= 0x20 && p[i] <= 0x2f)
		i++;
	return i < n && p[i] >= 0x30 && p[i] <= 0x7e ? i + 1 : i;
}

/* What the terminal shows after carriage returns: the last part. */
static void
clean_fold(const char **raw, size_t *n)
{
	const char *last;

	while (*n > 0 && (*raw)[*n - 1] == '\r')
		(*n)--;
	last = memrchr(*raw, '\r', *n);
	if (last == NULL)
		return;
	*n -= (size_t)(last + 1 - *raw);
	*raw = last + 1;
}

/* One character, cleaned, to out (room for 4); its length out and in. */
static size_t
clean_character(const unsigned char *p, size_t n, char *out, size_t *used)
{
	size_t length = utf8_sequence(p, n);

	if (length == 0) {
		memcpy(out, REPLACEMENT, 3);
		*used = 1;
		return 3;
	}
	*used = length;
	if ((p[0] < ' ' && p[0] != '\t') || p[0] == 0x7f ||
	    (length == 2 && p[0] == 0xc2 && p[1] < 0xa0)) {
		out[0] = ' ';
		return 1;
	}
	memcpy(out, p, length);
	return length;
}

/* The cursor goes back over a character, which the next one overwrites. */
static size_t
clean_back(const char *out, size_t length)
{
	while (length > 0 && (out[--length] & 0xc0) == 0x80)
		;
	return length;
}

void
clean_line(const char *raw, size_t n, char *room, struct text *text)
{
	const unsigned char *p;
	size_t used, length = 0;

	if (n > 0 && raw[n - 1] == '\r')
		n--; /* "\r\n" alone is no reason to copy */
	*text = (struct text){ raw, n };
	if (clean_is_plain(raw, n))
		return;
	clean_fold(&raw, &n);
	p = (const unsigned char *)raw;
	for (; n > 0 && length + 4 <= LINE_KEPT_MAX; p += used, n -= used) {
		if (*p == ESCAPE) {
			used = escape_length(p, n);
		} else if (*p == '\b') {
			length = clean_back(room, length);
			used = 1;
		} else {
			length += clean_character(p, n, room + length, &used);
		}
	}
	*text = (struct text){ room, length };
}
