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
static log_sink *log_diverted;
static void *log_diverted_arg;

void
log_init(const char *program)
{
	log_program = program;
}

void
log_divert(log_sink *sink, void *arg)
{
	log_diverted = sink;
	log_diverted_arg = arg;
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
	if (log_diverted != NULL) {
		log_diverted(line, used, log_diverted_arg);
		return;
	}
	n = write(STDERR_FILENO, line, used);
	(void)n; /* there is nobody else to tell */
}
