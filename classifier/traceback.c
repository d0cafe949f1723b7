/*
 * traceback.c - the grammar of Python's tracebacks.
 *
 *	[rank0]: Traceback (most recent call last):	header
 *	[rank0]:   File "a.py", line 1, in f		body: indented
 *	[rank0]:     g()				body
 *	[rank0]:     ^^^				body (3.11 on)
 *	[rank0]:   [Previous line repeated 996 more times]
 *	[rank0]: ValueError: text			final
 *	(blank)
 *	During handling of the above exception, …	link, then a header
 */
#include "grammar.h"

#include <stdbool.h>
#include <string.h>

#define HEADER "Traceback (most recent call last):"
#define HEADER_LENGTH (sizeof(HEADER) - 1)

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_name(char c)
{
	return is_lower(c) || is_upper(c) || c == '_' || (c >= '0' && c <= '9');
}

/* The header ends its line: elsewhere it is somebody's text about it. */
static const char *
traceback_header(const struct text *line)
{
	size_t n = line->length;

	while (n > 0 && line->bytes[n - 1] == ' ')
		n--;
	if (n < HEADER_LENGTH ||
	    memcmp(line->bytes + n - HEADER_LENGTH, HEADER, HEADER_LENGTH) != 0)
		return NULL;
	return line->bytes + n - HEADER_LENGTH;
}

/* Length of a dotted name at p; *last is where its last part starts. */
static size_t
traceback_name(const char *p, size_t n, size_t *last)
{
	size_t i = 0;

	*last = 0;
	if (n == 0 || !is_name(p[0]) || (p[0] >= '0' && p[0] <= '9'))
		return 0;
	while (i < n && (is_name(p[i]) || p[i] == '.')) {
		if (p[i] == '.')
			*last = i + 1;
		i++;
	}
	return *last == i ? 0 : i;
}

static bool
ends_with(const char *p, size_t n, const char *end)
{
	size_t length = strlen(end);

	return n >= length && memcmp(p + n - length, end, length) == 0;
}

/*
 * True for what exceptions are called: a dotted name, two words in one
 * ("KeyboardInterrupt"), or an …Error or Exception. "Epoch: 3", which
 * another process may print into the middle, is neither.
 */
static bool
traceback_is_exception(const char *p, size_t n, size_t last)
{
	unsigned humps = 0;

	if (last > 0 || ends_with(p, n, "Error") ||
	    ends_with(p, n, "Exception"))
		return true;
	for (size_t i = 0; i < n; i++)
		if (is_upper(p[i]) && (i + 1 == n || is_lower(p[i + 1])))
			humps++;
	return humps >= 2;
}

static bool
traceback_is_final(const struct text *line)
{
	size_t last;
	size_t n = traceback_name(line->bytes, line->length, &last);

	if (n == 0 || !traceback_is_exception(line->bytes, n, last))
		return false;
	if (n == line->length)
		return true;
	return line->bytes[n] == ':' &&
	    (n + 1 == line->length || line->bytes[n + 1] == ' ');
}

static bool
traceback_is_link(const struct text *line)
{
	static const char *const links[] = {
		"During handling of the above exception, another exception",
		"The above exception was the direct cause of the following",
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (line->length >= strlen(links[i]) &&
		    memcmp(line->bytes, links[i], strlen(links[i])) == 0)
			return true;
	return false;
}

static enum grammar_event
traceback_read(const struct text *line)
{
	const char *p = line->bytes;
	size_t blank = 0;

	while (blank < line->length && (p[blank] == ' ' || p[blank] == '\t'))
		blank++;
	if (blank == line->length)
		return GRAMMAR_BLANK;
	if (blank > 0)
		return GRAMMAR_BODY;
	if (traceback_is_link(line))
		return GRAMMAR_LINK;
	return traceback_is_final(line) ? GRAMMAR_FINAL : GRAMMAR_OTHER;
}

const struct grammar grammar_python = {
	.name = "python",
	.cues = HEADER,
	.header = traceback_header,
	.read = traceback_read,
	.next = {
		[GRAMMAR_IDLE] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN },
		[GRAMMAR_OPEN] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN,
		    [GRAMMAR_BODY] = GRAMMAR_OPEN,
		    [GRAMMAR_FINAL] = GRAMMAR_DONE },
		[GRAMMAR_DONE] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN,
		    [GRAMMAR_BLANK] = GRAMMAR_DONE,
		    [GRAMMAR_LINK] = GRAMMAR_LINKED },
		[GRAMMAR_LINKED] = { [GRAMMAR_HEADER] = GRAMMAR_OPEN,
		    [GRAMMAR_BLANK] = GRAMMAR_LINKED },
	},	/* an empty cell is GRAMMAR_IDLE */
};
