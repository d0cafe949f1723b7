/*
 * jsonscan.c - see jsonscan.h.
 */
#include "jsonscan.h"

#include <string.h>

static char
scan_peek(struct jsonscan *scan)
{
	while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) != NULL &&
	    *scan->at != '\0')
		scan->at++;
	return scan->at < scan->end ? *scan->at : '\0';
}

/* From an opening quote to behind the closing one. 0, or -1. */
static int
scan_string(struct jsonscan *scan)
{
	const char *p = scan->at + 1;

	for (; p < scan->end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	if (p >= scan->end)
		return -1;
	scan->at = p + 1;
	return 0;
}

/* From an opening bracket to behind the one that closes it. */
static int
scan_nested(struct jsonscan *scan)
{
	size_t depth = 0;

	while (scan->at < scan->end) {
		char c = *scan->at;

		if (c == '"') {
			if (scan_string(scan) == -1)
				return -1;
			continue;
		}
		scan->at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return 0;
	}
	return -1;
}

static int
scan_value(struct jsonscan *scan)
{
	char c = scan_peek(scan);
	const char *start = scan->at;

	if (c == '"')
		return scan_string(scan);
	if (c == '{' || c == '[')
		return scan_nested(scan);
	while (scan->at < scan->end && *scan->at != '\0' &&
	    strchr(",}] \t\r\n", *scan->at) == NULL)
		scan->at++;
	return scan->at > start ? 0 : -1;
}

int
jsonscan_start(struct jsonscan *scan, const char *text, size_t n)
{
	*scan = (struct jsonscan){ .at = text, .end = text + n };
	if (scan_peek(scan) != '{')
		return -1;
	scan->at++;
	return 0;
}

/* Behind a member stands a comma and a further one, or the end. */
static int
scan_comma(struct jsonscan *scan)
{
	char c = scan_peek(scan);

	if (c == ',') {
		scan->at++;
		return scan_peek(scan) == '"' ? 0 : -1;
	}
	return c == '}' ? 0 : -1;
}

int
jsonscan_next(struct jsonscan *scan, struct jsonspan *key,
    struct jsonspan *value)
{
	char c = scan_peek(scan);

	if (c == '}')
		return 0;
	if (c != '"')
		return -1;
	key->text = scan->at + 1;
	if (scan_string(scan) == -1)
		return -1;
	key->length = (size_t)(scan->at - key->text) - 1;
	if (scan_peek(scan) != ':')
		return -1;
	scan->at++;
	scan_peek(scan);
	value->text = scan->at;
	if (scan_value(scan) == -1)
		return -1;
	value->length = (size_t)(scan->at - value->text);
	return scan_comma(scan) == -1 ? -1 : 1;
}

bool
jsonspan_is(const struct jsonspan *span, const char *text)
{
	return strlen(text) == span->length &&
	    memcmp(span->text, text, span->length) == 0;
}
