/*
 * options.c - see options.h.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "severity.h"
#include "units.h"

int
options_next(const struct cmd *cmd, int argc, char **argv, const char *shorts,
    const struct option *longs)
{
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, shorts, longs, NULL);
	if (option == ':') {
		cmd_usage(cmd, "%s needs a value", argv[optind - 1]);
		return OPTIONS_BAD;
	}
	if (option != '?')
		return option;
	if (optopt != 0 && isgraph(optopt) && strchr(shorts, optopt) == NULL)
		cmd_usage(cmd, "no such option: -%c", optopt);
	else
		cmd_usage(cmd, "no such option: %.80s", argv[optind - 1]);
	return OPTIONS_BAD;
}

const char *
options_operand(const struct cmd *cmd, int argc, char **argv, const char *what)
{
	if (optind == argc - 1)
		return argv[optind];
	if (optind >= argc)
		cmd_usage(cmd, "%s is missing", what);
	else
		cmd_usage(cmd, "too many arguments: %.80s", argv[optind + 1]);
	return NULL;
}

int
options_duration(const struct cmd *cmd, const char *text, int64_t *ms)
{
	struct why why;

	if (duration_parse(text, ms, &why) == 0)
		return 0;
	cmd_usage(cmd, "%s", why.text);
	return -1;
}

int
options_number(const struct cmd *cmd, const char *text, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	if (isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0)
		return 0;
	cmd_usage(cmd, "\"%.40s\" is not a number", text);
	return -1;
}

int
options_severity(const struct cmd *cmd, const char *text)
{
	int severity = severity_parse(text);

	if (severity == -1)
		cmd_usage(cmd,
		    "\"%.40s\" is not a severity: write critical, "
		    "high, medium, low or none",
		    text);
	return severity;
}

int
options_signal(const struct cmd *cmd, const char *text, int *signo)
{
	const char *name = strncmp(text, "SIG", 3) == 0 ? text + 3 : text;
	char *end;
	long number = strtol(text, &end, 10);

	for (int i = 1; i < NSIG; i++) {
		const char *known = sigabbrev_np(i);

		if ((known != NULL && strcmp(known, name) == 0) ||
		    (end != text && *end == '\0' && number == i)) {
			*signo = i;
			return 0;
		}
	}
	cmd_usage(cmd,
	    "\"%.40s\" is not a signal: write TERM, INT, USR1 or a "
	    "number",
	    text);
	return -1;
}

int
options_time(const struct cmd *cmd, const char *text, int64_t *real_us)
{
	struct why why;

	if (moment_parse(text, real_us, &why) == 0)
		return 0;
	cmd_usage(cmd, "%s", why.text);
	return -1;
}
