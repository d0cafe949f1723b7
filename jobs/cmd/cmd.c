/*
 * cmd.c - what every command says when something is wrong.
 */
#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "utf8.h"

/* Where stderr is a terminal that is passed on to a job as it is, a newline
 * alone would not return to the line's start. */
static const char *
cmd_newline(void)
{
	struct termios mode;

	return tcgetattr(STDERR_FILENO, &mode) == 0 &&
		(mode.c_oflag & OPOST) == 0
	    ? "\r\n"
	    : "\n";
}

/* One line in one write, so that it stays whole beside a job's output. */
static void
cmd_say(const char *prefix, const char *format, va_list args)
{
	char *words = NULL, *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (vasprintf(&words, format, args) == -1)
		words = NULL;
	if (out != NULL && words != NULL) {
		fprintf(out, "jobwatch: %s", prefix);
		utf8_print(out, words, strlen(words));
		fputs(cmd_newline(), out);
	}
	if (out != NULL && fclose(out) == 0 && line != NULL)
		fwrite(line, 1, size, stderr);
	free(words);
	free(line);
}

int
cmd_error(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cmd_say("", format, args);
	va_end(args);
	return code;
}

int
cmd_flush(void)
{
	if (fflush(stdout) == 0)
		return CMD_OK;
	if (errno == EPIPE)
		return CMD_FAILED;
	return cmd_error(CMD_FAILED, "cannot write to stdout: %s",
	    strerror(errno));
}

int
cmd_usage(const struct cmd *cmd, const char *format, ...)
{
	char prefix[80];
	va_list args;

	snprintf(prefix, sizeof(prefix), "%s: ", cmd->name);
	va_start(args, format);
	cmd_say(prefix, format, args);
	va_end(args);
	fprintf(stderr, "usage: jobwatch %s%s%s\n", cmd->name,
	    cmd->usage[0] == '\0' ? "" : " ", cmd->usage);
	return CMD_USAGE;
}
