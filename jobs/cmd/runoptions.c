/*
 * runoptions.c - see runoptions.h.
 */
#include "runoptions.h"

#include <stdlib.h>
#include <string.h>

#include "jobdir.h"
#include "options.h"

/* What a shell and env(1) exit with when there is no such command. */
#define RUN_NOT_FOUND 127

enum run_option {
	RUN_POLICY = 1000,
	RUN_NAME,
	RUN_SET,
	RUN_PTY,
	RUN_STDIN,
	RUN_ENV,
	RUN_CWD,
	RUN_STALL,
	RUN_FOCUS,
	RUN_IGNORE,
	RUN_NOTIFY,
	RUN_LOCAL,
	RUN_FROM_START,
	RUN_JSON,
};

static const struct option run_longs[] = {
	{ "policy", required_argument, NULL, RUN_POLICY },
	{ "name", required_argument, NULL, RUN_NAME },
	{ "set", required_argument, NULL, RUN_SET },
	{ "detach", no_argument, NULL, 'd' },
	{ "pty", no_argument, NULL, RUN_PTY },
	{ "stdin", no_argument, NULL, RUN_STDIN },
	{ "env", required_argument, NULL, RUN_ENV },
	{ "cwd", required_argument, NULL, RUN_CWD },
	{ "quiet", no_argument, NULL, 'q' },
	{ "stall", required_argument, NULL, RUN_STALL },
	{ "focus", required_argument, NULL, RUN_FOCUS },
	{ "ignore", required_argument, NULL, RUN_IGNORE },
	{ "notify", required_argument, NULL, RUN_NOTIFY },
	{ "local", no_argument, NULL, RUN_LOCAL },
	{ NULL, 0, NULL, 0 },
};

static const struct option watch_longs[] = {
	{ "policy", required_argument, NULL, RUN_POLICY },
	{ "name", required_argument, NULL, RUN_NAME },
	{ "set", required_argument, NULL, RUN_SET },
	{ "detach", no_argument, NULL, 'd' },
	{ "from-start", no_argument, NULL, RUN_FROM_START },
	{ "json", no_argument, NULL, RUN_JSON },
	{ "quiet", no_argument, NULL, 'q' },
	{ "stall", required_argument, NULL, RUN_STALL },
	{ "focus", required_argument, NULL, RUN_FOCUS },
	{ "ignore", required_argument, NULL, RUN_IGNORE },
	{ "notify", required_argument, NULL, RUN_NOTIFY },
	{ "local", no_argument, NULL, RUN_LOCAL },
	{ NULL, 0, NULL, 0 },
};

static int
option_env(const struct cmd *cmd, struct runoptions *options, const char *text)
{
	if (text[0] == '=' || strchr(text, '=') == NULL)
		return cmd_usage(cmd, "--env needs NAME=VALUE, not \"%.40s\"",
		    text);
	options->given[options->given_count++] = text;
	return CMD_OK;
}

static int
option_name(const struct cmd *cmd, struct runoptions *options, const char *text)
{
	if (!job_name_ok(text))
		return cmd_usage(cmd,
		    "\"%.80s\" is no name: letters, digits, "
		    "'.', '_' and '-', a letter or digit first, at most %d",
		    text, JOB_NAME_MAX);
	options->name = text;
	return CMD_OK;
}

/* The options that are policy keys, or make some. 0, -1: out of memory. */
static int
option_policy(struct runpolicy *policy, int option)
{
	switch (option) {
	case RUN_SET:
		return runpolicy_set(policy, optarg);
	case RUN_PTY:
		return runpolicy_set(policy, "job.pty=true");
	case RUN_STALL:
		return runpolicy_set_text(policy, "--stall", "stall.timeout",
		    optarg);
	case RUN_FOCUS:
		return runpolicy_set_words(policy, "--focus", "classify.focus",
		    optarg);
	case RUN_IGNORE:
		return runpolicy_set_words(policy, "--ignore",
		    "classify.ignore", optarg);
	default:
		return runpolicy_notify(policy, optarg);
	}
}

static int
option_take(const struct cmd *cmd, struct runoptions *options, int option)
{
	switch (option) {
	case 'd':
		options->detach = true;
		return CMD_OK;
	case 'q':
		options->quiet = true;
		return CMD_OK;
	case RUN_POLICY:
		options->policy.file = optarg;
		return CMD_OK;
	case RUN_LOCAL:
		options->policy.local = true;
		return CMD_OK;
	case RUN_FROM_START:
		options->from_start = true;
		return CMD_OK;
	case RUN_JSON:
		options->json = true;
		return CMD_OK;
	case RUN_CWD:
		options->cwd = optarg;
		return CMD_OK;
	case RUN_NAME:
		return option_name(cmd, options, optarg);
	case RUN_ENV:
		return option_env(cmd, options, optarg);
	case RUN_STDIN:
		options->takes_input = true;
		return CMD_OK;
	case OPTIONS_BAD:
		return CMD_USAGE;
	default:
		return option_policy(&options->policy, option) == 0
		    ? CMD_OK
		    : cmd_error(CMD_FAILED, "out of memory");
	}
}

/* What a command line may hold. With '+' as the first of the short options it
 * ends at the first word that is none. */
struct grammar {
	const char *shorts;
	const struct option *longs;
};

/* The operands begin at options->argv then. */
static int
options_take(const struct cmd *cmd, struct runoptions *options, int argc,
    char **argv, const struct grammar *grammar)
{
	int option, code;

	options->given = calloc((size_t)argc, sizeof(*options->given));
	if (options->given == NULL)
		return cmd_error(CMD_FAILED, "out of memory");
	while ((option = options_next(cmd, argc, argv, grammar->shorts,
		    grammar->longs)) != -1)
		if ((code = option_take(cmd, options, option)) != CMD_OK)
			return code;
	options->argv = argv + optind;
	return CMD_OK;
}

int
runoptions_parse(const struct cmd *cmd, struct runoptions *options, int argc,
    char **argv)
{
	static const struct grammar grammar = { "+dq", run_longs };
	int code = options_take(cmd, options, argc, argv, &grammar);

	if (code != CMD_OK)
		return code;
	if (options->argv[0] == NULL)
		return cmd_usage(cmd, "which command?");
	if (options->argv[0][0] == '\0')
		return cmd_error(RUN_NOT_FOUND,
		    "cannot execute \"\": the command's name is empty (is a "
		    "variable unset?)");
	return CMD_OK;
}

int
runoptions_parse_watch(const struct cmd *cmd, struct runoptions *options,
    int argc, char **argv)
{
	static const struct grammar grammar = { ":dq", watch_longs };
	int code = options_take(cmd, options, argc, argv, &grammar);

	if (code != CMD_OK)
		return code;
	return options_operand(cmd, argc, argv, "FILE") == NULL ? CMD_USAGE
								: CMD_OK;
}

void
runoptions_release(struct runoptions *options)
{
	runpolicy_release(&options->policy);
	free(options->given);
}
