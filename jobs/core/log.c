/*
 * log.c - see log.h.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

static const char *log_program = "jobwatch";

void
log_init(const char *program)
{
	log_program = program;
}

void
log_warn(const char *format, ...)
{
	char line[1024], time[CLOCK_TEXT];
	va_list args;
	size_t used;
	ssize_t n;

	used = (size_t)snprintf(line, sizeof(line),
	    "%s %s[%d]: ", clock_rfc3339(clock_real_us(), time), log_program,
	    getpid());
	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	used = strlen(line);
	line[used++] = '\n';
	n = write(STDERR_FILENO, line, used);
	(void)n; /* there is nobody else to tell */
}
