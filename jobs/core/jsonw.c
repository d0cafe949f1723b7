/*
 * jsonw.c - see jsonw.h. The escapes are those of RFC 8259, section 7.
 */
#include "jsonw.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "utf8.h"

void
jsonw_start(struct jsonw *w, char *buf, size_t cap)
{
	*w = (struct jsonw){ .buf = buf, .cap = cap };
}

long
jsonw_end(struct jsonw *w)
{
	if (w->full || w->len >= w->cap)
		return -1;
	w->buf[w->len] = '\0';
	return (long)w->len;
}

static void
jsonw_put(struct jsonw *w, const void *bytes, size_t n)
{
	if (w->full || n >= w->cap - w->len) {
		w->full = true;
		return;
	}
	memcpy(w->buf + w->len, bytes, n);
	w->len += n;
}

static void
jsonw_escape(struct jsonw *w, unsigned char c)
{
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char text[8];

	for (const char *s = shorts; *s != '\0'; s += 2)
		if ((unsigned char)s[0] == c) {
			text[0] = '\\';
			text[1] = s[1];
			jsonw_put(w, text, 2);
			return;
		}
	snprintf(text, sizeof(text), "\\u%04x", c);
	jsonw_put(w, text, 6);
}

static void
jsonw_quote(struct jsonw *w, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	jsonw_put(w, "\"", 1);
	while (n > 0 && !w->full) {
		size_t len = utf8_sequence(p, n);

		if (len == 0 || *p == '\0')
			jsonw_put(w, "\xef\xbf\xbd", 3);
		else if (*p < 0x20 || *p == '"' || *p == '\\' || *p == 0x7f)
			jsonw_escape(w, *p);
		else if (*p == 0xc2 && p[1] < 0xa0) /* C1: U+0080 on */
			jsonw_escape(w, p[1]);
		else
			jsonw_put(w, p, len);
		p += len == 0 ? 1 : len;
		n -= len == 0 ? 1 : len;
	}
	jsonw_put(w, "\"", 1);
}

/* Comma and key before a value; the value sets comma for what follows. */
static void
jsonw_key(struct jsonw *w, const char *key)
{
	if (w->comma)
		jsonw_put(w, ",", 1);
	w->comma = true;
	if (key == NULL)
		return;
	jsonw_quote(w, key, strlen(key));
	jsonw_put(w, ":", 1);
}

void
jsonw_open(struct jsonw *w, const char *key, char bracket)
{
	jsonw_key(w, key);
	jsonw_put(w, &bracket, 1);
	w->comma = false;
}

void
jsonw_close(struct jsonw *w, char bracket)
{
	jsonw_put(w, &bracket, 1);
	w->comma = true;
}

void
jsonw_raw(struct jsonw *w, const char *key, const char *json)
{
	jsonw_key(w, key);
	jsonw_put(w, json, strlen(json));
}

void
jsonw_null(struct jsonw *w, const char *key)
{
	jsonw_raw(w, key, "null");
}

void
jsonw_str(struct jsonw *w, const char *key, const char *text)
{
	if (text == NULL)
		jsonw_null(w, key);
	else
		jsonw_text(w, key, text, strlen(text));
}

void
jsonw_text(struct jsonw *w, const char *key, const char *p, size_t n)
{
	jsonw_key(w, key);
	jsonw_quote(w, p, n);
}

void
jsonw_int(struct jsonw *w, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	jsonw_raw(w, key, text);
}

void
jsonw_real(struct jsonw *w, const char *key, double value)
{
	char text[32];

	if (!isfinite(value)) {
		jsonw_null(w, key);
		return;
	}
	snprintf(text, sizeof(text), "%.12g", value);
	jsonw_raw(w, key, text);
}

void
jsonw_bool(struct jsonw *w, const char *key, bool value)
{
	jsonw_raw(w, key, value ? "true" : "false");
}

void
jsonw_time(struct jsonw *w, const char *key, int64_t real_us)
{
	char text[CLOCK_TEXT];

	if (real_us == 0)
		jsonw_null(w, key);
	else
		jsonw_str(w, key, clock_rfc3339(real_us, text));
}
