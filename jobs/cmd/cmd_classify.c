/*
 * cmd_classify.c - `jobwatch classify`: a row that execs jobwatch-classifier.
 * The policy is read and checked here and the log is opened, because the
 * classifier can open nothing; what it answers goes to standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "family.h"
#include "handoff.h"
#include "io.h"
#include "jobtext.h"
#include "later.h"
#include "options.h"
#include "runpolicy.h"

enum classify_option {
	CLASSIFY_POLICY = 'p',
	CLASSIFY_SET = 'S',
	CLASSIFY_JSON = 'j',
	CLASSIFY_ONLY_ALERTS = 'a',
	CLASSIFY_EXPLAIN = 'e',
};

/* Puts the log at standard input. An exit code. */
static int
classify_open(const char *path)
{
	struct stat st;
	int fd;

	if (path == NULL || strcmp(path, "-") == 0)
		return CMD_OK;
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		return cmd_error(CMD_USAGE, "cannot read %s: %s", path,
		    strerror(errno));
	if (S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (dup2(fd, STDIN_FILENO) != -1)
		return fd == STDIN_FILENO ? CMD_OK : (close(fd), CMD_OK);
	return cmd_error(CMD_USAGE, "cannot read %s: %s", path,
	    strerror(errno));
}

/* The policy where the classifier looks for it. 0, or -1 with errno. */
static int
classify_hand_policy(const struct policy *policy)
{
	int fd = handoff_policy_fd(policy);

	if (fd == -1 || fd == CLASSIFIER_FD_POLICY)
		return fd == -1 ? -1 : io_cloexec(fd, false);
	return dup2(fd, CLASSIFIER_FD_POLICY) == -1 ? -1 : 0;
}

static int
classify_exec(struct handoff *handoff, struct runpolicy *run, const char *path)
{
	struct policy policy;
	int code = runpolicy_load(run, &policy);

	if (code != CMD_OK)
		return code;
	later_warn_classify(&policy);
	code = classify_open(path);
	if (code == CMD_OK && classify_hand_policy(&policy) == -1)
		code = cmd_error(CMD_FAILED, "cannot hand the policy on: %s",
		    strerror(errno));
	policy_release(&policy);
	return code == CMD_OK ? handoff_exec(handoff) : code;
}

/* An exit code; what is wrong has been said. */
static int
classify_take(struct handoff *handoff, struct runpolicy *run, int option)
{
	switch (option) {
	case CLASSIFY_POLICY:
		run->file = optarg;
		return CMD_OK;
	case CLASSIFY_SET:
		return runpolicy_set(run, optarg) == 0
		    ? CMD_OK
		    : cmd_error(CMD_FAILED, "out of memory");
	case CLASSIFY_JSON:
		handoff_add(handoff, "--json");
		return CMD_OK;
	case CLASSIFY_ONLY_ALERTS:
		handoff_add(handoff, "--only-alerts");
		return CMD_OK;
	case CLASSIFY_EXPLAIN:
		handoff_add(handoff, "--explain");
		return CMD_OK;
	default:
		return CMD_USAGE;
	}
}

static int
cmd_classify_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "policy", required_argument, NULL, CLASSIFY_POLICY },
		{ "set", required_argument, NULL, CLASSIFY_SET },
		{ "json", no_argument, NULL, CLASSIFY_JSON },
		{ "only-alerts", no_argument, NULL, CLASSIFY_ONLY_ALERTS },
		{ "explain", no_argument, NULL, CLASSIFY_EXPLAIN },
		{ 0 },
	};
	struct handoff handoff = { .argc = 0 };
	struct runpolicy run = { .file = NULL };
	int option, code = CMD_OK;

	handoff_add(&handoff, "jobwatch-classifier");
	handoff_add(&handoff, "classify");
	if (jobtext_colour(stdout))
		handoff_add(&handoff, "--colour");
	while (code == CMD_OK &&
	    (option = options_next(cmd, argc, argv, ":", longs)) != -1)
		code = classify_take(&handoff, &run, option);
	if (code == CMD_OK && argc - optind > 1)
		code = cmd_usage(cmd, "one log at a time");
	if (code == CMD_OK)
		code = classify_exec(&handoff, &run, argv[optind]);
	runpolicy_release(&run);
	return code;
}

const struct cmd cmd_classify = {
	.name = "classify",
	.usage = "[--policy FILE] [--only-alerts] [--json] [--explain] "
		 "[FILE|-]",
	.brief = "what a job's log would have been alerted of, line by line",
	.help = "Reads FILE, or standard input, as a job's output is read: "
		"with the rules of\nthe policy, or the built-ins alone. Each "
		"line is an ALERT with its severity,\nCONTEXT of one (a stack "
		"trace's frames), or QUIET.\n\n"
		"  --policy FILE    the policy with the rules\n"
		"  --set KEY=VALUE  as with run\n"
		"  --only-alerts    these lines alone\n"
		"  --json           one object a line: n, output, severity, "
		"kind, score,\n                   source, group (lines of one "
		"event share it)\n"
		"  --explain        what it was that spoke for each alert\n",
	.run = cmd_classify_run,
};
