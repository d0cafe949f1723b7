/*
 * words.c - see words.h.
 */
#include "words.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "family.h"
#include "io.h"

#define WORDS_MAX (PATH_MAX + 256)

/* One line in one write; a control byte of a path is no part of it. */
static void
words_write(int fd, const char *prefix, const char *format, va_list args)
{
	char line[WORDS_MAX];
	int n = snprintf(line, sizeof(line), "%s: ", prefix);
	int more = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, format,
	    args);

	if (more < 0)
		return;
	n += more;
	if (n > WORDS_MAX - 2)
		n = WORDS_MAX - 2;
	for (int i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	io_write_all(fd, line, (size_t)n);
}

void
words_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	words_write(STDERR_FILENO, "jobwatch", format, args);
	va_end(args);
}

void
words_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	words_write(FEEDER_FD_LOG, "jobwatch-feeder", format, args);
	va_end(args);
}
