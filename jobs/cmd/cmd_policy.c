/*
 * cmd_policy.c - `jobwatch policy check|show|init`: a policy before it is
 * used.
 *
 * check says all that is wrong with files, as a compiler would; show prints
 * what a job would be watched by; init hands out a commented starter.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "policy.h"
#include "starters.h"

/* What was on the command line; sets and files borrow from argv. */
struct policy_options {
	bool json;
	bool wants_set;
	struct policy_assignment *sets; /* owned */
	int set_count;
	char **files;
	int file_count;
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "set", required_argument, NULL, 's' },
	{ NULL, 0, NULL, 0 },
};

/* 0, or an exit code. options->sets is to be freed either way. */
static int
options_parse(const struct cmd *cmd, int argc, char **argv,
    struct policy_options *options)
{
	int c;

	options->sets = calloc((size_t)argc, sizeof(*options->sets));
	if (options->sets == NULL)
		return cmd_error(CMD_FAILED, "out of memory");
	opterr = 0;
	optind = 0; /* getopt may have been used before */
	while ((c = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (c == 'j')
			options->json = true;
		else if (c == 's' && options->wants_set)
			options->sets[options->set_count++].text = optarg;
		else if (c == ':')
			return cmd_usage(cmd, "--set needs KEY=VALUE");
		else
			return cmd_usage(cmd, "unknown option %s",
			    argv[optind - 1]);
	}
	options->files = argv + optind;
	options->file_count = argc - optind;
	return CMD_OK;
}

static int
check_file(const char *file, const struct policy_options *options, bool *first)
{
	struct policy_problems problems;
	struct policy policy;

	if (policy_load(&policy, file, NULL, &problems) == 0) {
		policy_release(&policy);
		return CMD_OK;
	}
	if (options->json)
		policy_print_problems_json(&problems, first, stdout);
	else
		policy_print_problems(&problems, stderr);
	return CMD_USAGE;
}

static int
policy_check_run(const struct cmd *cmd, int argc, char **argv)
{
	struct policy_options options = { .json = false };
	bool first = true;
	int code = options_parse(cmd, argc, argv, &options);

	free(options.sets);
	if (code != CMD_OK)
		return code;
	if (options.file_count == 0)
		return cmd_usage(cmd, "check needs a file");
	if (options.json)
		fputc('[', stdout);
	for (int i = 0; i < options.file_count; i++)
		if (check_file(options.files[i], &options, &first) != CMD_OK)
			code = CMD_USAGE;
	if (options.json)
		fputs(first ? "]\n" : "\n]\n", stdout);
	return code;
}

static int
show_json(const struct policy *policy)
{
	json_t *shown = policy_shown(policy, NULL);
	int result = -1;

	if (shown != NULL)
		result = json_dumpf(shown, stdout,
		    JSON_INDENT(2) | JSON_SORT_KEYS);
	json_decref(shown);
	fputc('\n', stdout);
	return result;
}

static int
show_policy(const struct policy_options *options)
{
	const struct policy_assignments sets = { options->sets,
		options->set_count };
	struct policy_problems problems;
	struct policy policy;
	int result;

	if (policy_load(&policy,
		options->file_count > 0 ? options->files[0] : NULL, &sets,
		&problems) == -1) {
		policy_print_problems(&problems, stderr);
		return CMD_USAGE;
	}
	result = options->json ? show_json(&policy)
			       : policy_print_toml(&policy, stdout);
	policy_release(&policy);
	if (result == -1)
		return cmd_error(CMD_FAILED, "cannot print the policy: %s",
		    strerror(errno));
	return CMD_OK;
}

static int
policy_show_run(const struct cmd *cmd, int argc, char **argv)
{
	struct policy_options options = { .wants_set = true };
	int code = options_parse(cmd, argc, argv, &options);

	if (code == CMD_OK && options.file_count > 1)
		code = cmd_usage(cmd, "show takes one file");
	else if (code == CMD_OK)
		code = show_policy(&options);
	free(options.sets);
	return code;
}

static int
policy_init_run(const struct cmd *cmd, int argc, char **argv)
{
	const struct starter *starter;

	if (argc != 2)
		return cmd_usage(cmd,
		    "init needs one of: training, deploy, pipeline, service");
	if ((starter = starter_find(argv[1])) == NULL)
		return cmd_error(CMD_USAGE,
		    "no starter is called \"%.80s\": there are training, "
		    "deploy, pipeline and service",
		    argv[1]);
	fputs(starter->text, stdout);
	return CMD_OK;
}

static const struct {
	const char *name;
	int (*run)(const struct cmd *, int argc, char **argv);
} policy_verbs[] = {
	{ "check", policy_check_run },
	{ "show", policy_show_run },
	{ "init", policy_init_run },
};

static int
cmd_policy_run(const struct cmd *cmd, int argc, char **argv)
{
	if (argc < 2)
		return cmd_usage(cmd, "say check, show or init");
	for (size_t i = 0; i < sizeof(policy_verbs) / sizeof(policy_verbs[0]);
	     i++)
		if (strcmp(policy_verbs[i].name, argv[1]) == 0)
			return policy_verbs[i].run(cmd, argc - 1, argv + 1);
	return cmd_usage(cmd, "\"%.80s\" is not check, show or init", argv[1]);
}

const struct cmd cmd_policy = {
	.name = "policy",
	.usage = "check FILE... | show [FILE] [--set KEY=VALUE] | "
		 "init training|deploy|pipeline|service",
	.brief = "check a policy file, show what it means, or start one",
	.help = "check FILE...   say all that is wrong, as "
		"FILE:LINE:COLUMN: WHAT; exit 2 if anything is\n"
		"show [FILE]     print the policy with all defaults, as TOML; "
		"secrets are hidden\n"
		"init NAME       print a commented starter\n\n"
		"  --json           check: a list of problems; show: JSON\n"
		"  --set KEY=VALUE  show: as with run\n",
	.run = cmd_policy_run,
};
