/*
 * utf8.c - see utf8.h.
 */
#include "utf8.h"

#include <stdbool.h>

static bool
utf8_is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The table of RFC 3629, section 4: the second byte's range is what rules
 * out overlong forms, surrogates and values past U+10FFFF. */
static bool
utf8_second_ok(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return utf8_is_tail(second);
	}
}

size_t
utf8_sequence(const unsigned char *p, size_t n)
{
	size_t len;

	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (n < len || !utf8_second_ok(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < len; i++)
		if (!utf8_is_tail(p[i]))
			return 0;
	return len;
}

size_t
utf8_cut(const char *text, size_t n, size_t max)
{
	size_t cut = max;

	if (n <= max)
		return n;
	while (
	    cut > 0 && max - cut < 3 && utf8_is_tail((unsigned char)text[cut]))
		cut--;
	return cut;
}

static bool
utf8_is_control(const unsigned char *p, size_t len)
{
	return (p[0] < 0x20 && p[0] != '\t') || p[0] == 0x7f ||
	    (len == 2 && p[0] == 0xc2 && p[1] < 0xa0); /* C1 */
}

/* How many bytes from p on may be printed as they are. */
static size_t
utf8_plain(const unsigned char *p, size_t n)
{
	size_t i = 0, len;

	while (i < n) {
		if (p[i] >= 0x20 && p[i] < 0x7f) {
			i++; /* nearly all are */
			continue;
		}
		len = utf8_sequence(p + i, n - i);
		if (len == 0 || utf8_is_control(p + i, len))
			break;
		i += len;
	}
	return i;
}

void
utf8_print(FILE *out, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	while (n > 0) {
		size_t len = utf8_plain(p, n);

		if (len > 0) {
			fwrite(p, 1, len, out);
		} else if ((len = utf8_sequence(p, n)) == 0) {
			fputs("\xef\xbf\xbd", out);
			len = 1;
		} else {
			fprintf(out, "\\x%02x", p[len - 1]);
		}
		p += len;
		n -= len;
	}
}
