/*
 * cmd_notify.c - `jobwatch notify test|status`: rows that exec
 * jobwatch-notifier, which alone links a network. What belongs to the
 * command line is done here: the policy is read and checked, its secrets are
 * resolved, the job is found; the notifier gets descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands.h"
#include "io.h"
#include "jobref.h"
#include "options.h"
#include "programs.h"
#include "runpolicy.h"
#include "secret.h"

#define NOTIFIER "jobwatch-notifier"
#define NOTIFY_ARGS_MAX 12

enum notify_option {
	NOTIFY_POLICY = 'p',
	NOTIFY_SEVERITY = 's',
	NOTIFY_CHANNEL = 'c',
	NOTIFY_JSON = 'j',
	NOTIFY_SET = 'S',
	NOTIFY_URL = 'u',
};

/* The notifier's command line, growing; text borrowed or in `numbers`. */
struct notify_call {
	const char *argv[NOTIFY_ARGS_MAX + 1];
	int argc;
	char numbers[2][16];
	int number_count;
};

static void
call_add(struct notify_call *call, const char *text)
{
	if (call->argc < NOTIFY_ARGS_MAX)
		call->argv[call->argc++] = text;
}

/* "--NAME FD", with a descriptor that stays open over the exec. 0, or -1. */
static int
call_add_fd(struct notify_call *call, const char *name, int fd)
{
	char *number = call->numbers[call->number_count++];

	snprintf(number, sizeof(call->numbers[0]), "%d", fd);
	call_add(call, name);
	call_add(call, number);
	return io_cloexec(fd, false);
}

/* Returns only when it fails. */
static int
call_exec(struct notify_call *call)
{
	int fd = programs_open(NOTIFIER);

	call->argv[call->argc] = NULL;
	if (fd != -1) {
		execveat(fd, "", (char *const *)call->argv, environ,
		    AT_EMPTY_PATH);
		close(fd);
	}
	return cmd_error(CMD_FAILED, "cannot start " NOTIFIER ": %s",
	    strerror(errno));
}

/* --- test --------------------------------------------------------------- */

struct test {
	struct runpolicy run;
	const char *severity; /* NULL: the notifier's choice */
	const char *channel;  /* NULL: all */
	bool json;
};

/* The resolved policy as an anonymous file; -1 with errno. */
static int
test_policy_fd(const struct policy *policy)
{
	char *text = policy_to_json(policy);
	int fd = memfd_create("policy", MFD_CLOEXEC);

	if (text == NULL || fd == -1 ||
	    io_write_all(fd, text, strlen(text)) == -1) {
		if (fd != -1)
			close(fd);
		fd = -1;
	}
	free(text);
	return fd;
}

static int
test_exec(struct notify_call *call, const struct policy *policy,
    const json_t *secrets)
{
	int policy_fd = test_policy_fd(policy);
	int secrets_fd = policy_fd == -1 ? -1 : secret_to_memfd(secrets);
	int code;

	if (secrets_fd == -1 ||
	    call_add_fd(call, "--policy-fd", policy_fd) == -1 ||
	    call_add_fd(call, "--secrets-fd", secrets_fd) == -1)
		code = cmd_error(CMD_FAILED, "cannot hand the policy on: %s",
		    strerror(errno));
	else
		code = call_exec(call);
	if (policy_fd != -1)
		close(policy_fd);
	if (secrets_fd != -1)
		close(secrets_fd);
	return code;
}

static void
test_call(struct notify_call *call, const struct test *test)
{
	call_add(call, NOTIFIER);
	call_add(call, "test");
	if (test->json)
		call_add(call, "--json");
	if (test->severity != NULL) {
		call_add(call, "--severity");
		call_add(call, test->severity);
	}
	if (test->channel != NULL) {
		call_add(call, "--channel");
		call_add(call, test->channel);
	}
}

static int
test_send(struct test *test)
{
	struct notify_call call = { .argc = 0 };
	struct policy policy;
	json_t *secrets;
	struct why why;
	int code = runpolicy_load(&test->run, &policy);

	if (code != CMD_OK)
		return code;
	test_call(&call, test);
	secrets = secret_resolve_all(&policy, &why);
	code = secrets == NULL ? cmd_error(CMD_USAGE, "%s", why.text)
			       : test_exec(&call, &policy, secrets);
	json_decref(secrets);
	policy_release(&policy);
	return code;
}

/* An exit code; what is wrong has been said. */
static int
test_option(const struct cmd *cmd, struct test *test, int option)
{
	int result = 0;

	switch (option) {
	case NOTIFY_POLICY:
		test->run.file = optarg;
		break;
	case NOTIFY_SET:
		result = runpolicy_set(&test->run, optarg);
		break;
	case NOTIFY_URL:
		result = runpolicy_notify(&test->run, optarg);
		break;
	case NOTIFY_JSON:
		test->json = true;
		break;
	case NOTIFY_SEVERITY:
		test->severity = optarg;
		return options_severity(cmd, optarg) == -1 ? CMD_USAGE : CMD_OK;
	case NOTIFY_CHANNEL:
		test->channel = optarg;
		break;
	default:
		return CMD_USAGE;
	}
	return result == 0 ? CMD_OK : cmd_error(CMD_FAILED, "out of memory");
}

static int
notify_test_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "policy", required_argument, NULL, NOTIFY_POLICY },
		{ "severity", required_argument, NULL, NOTIFY_SEVERITY },
		{ "channel", required_argument, NULL, NOTIFY_CHANNEL },
		{ "json", no_argument, NULL, NOTIFY_JSON },
		{ "set", required_argument, NULL, NOTIFY_SET },
		{ "notify", required_argument, NULL, NOTIFY_URL },
		{ 0 },
	};
	struct test test = { 0 };
	int option, code = CMD_OK;

	while (code == CMD_OK &&
	    (option = options_next(cmd, argc, argv, ":", longs)) != -1)
		code = test_option(cmd, &test, option);
	if (code == CMD_OK && optind != argc)
		code = cmd_usage(cmd, "test takes no operand");
	if (code == CMD_OK)
		code = test_send(&test);
	runpolicy_release(&test.run);
	return code;
}

/* --- status ------------------------------------------------------------- */

static int
status_exec(struct notify_call *call, const char *job)
{
	struct jobref ref;
	int code = job == NULL ? jobref_open_home(&ref)
			       : jobref_open(&ref, job);

	if (code == CMD_OK) {
		int result = job == NULL
		    ? call_add_fd(call, "--home-fd", ref.home)
		    : call_add_fd(call, "--dir-fd", ref.dir);

		code = result == -1
		    ? cmd_error(CMD_FAILED, "cannot hand the job on: %s",
			  strerror(errno))
		    : call_exec(call);
	}
	jobref_close(&ref);
	return code;
}

static int
notify_status_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, NOTIFY_JSON },
		{ 0 },
	};
	struct notify_call call = { .argc = 0 };
	bool json = false;
	int option;

	while ((option = options_next(cmd, argc, argv, ":", longs)) != -1) {
		if (option == OPTIONS_BAD)
			return CMD_USAGE;
		json = true;
	}
	if (argc - optind > 1)
		return cmd_usage(cmd, "status takes one job");
	call_add(&call, NOTIFIER);
	call_add(&call, "status");
	if (json)
		call_add(&call, "--json");
	return status_exec(&call, argv[optind]);
}

/* ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*run)(const struct cmd *, int argc, char **argv);
} notify_verbs[] = {
	{ "test", notify_test_run },
	{ "status", notify_status_run },
};

static int
cmd_notify_run(const struct cmd *cmd, int argc, char **argv)
{
	size_t count = sizeof(notify_verbs) / sizeof(notify_verbs[0]);

	if (argc < 2)
		return cmd_usage(cmd, "say test or status");
	for (size_t i = 0; i < count; i++)
		if (strcmp(notify_verbs[i].name, argv[1]) == 0)
			return notify_verbs[i].run(cmd, argc - 1, argv + 1);
	return cmd_usage(cmd, "\"%.80s\" is not test or status", argv[1]);
}

const struct cmd cmd_notify = {
	.name = "notify",
	.usage = "test [--policy FILE] [--severity S] [--channel NAME] "
		 "[--json] | status [JOB] [--json]",
	.brief = "try the channels of a policy, or see what is queued",
	.help = "test     send a marked test to each channel, and print how "
		"it answered; exit 1 if any failed\n"
		"status   what is queued, failed and last delivered: of a "
		"job, or of all that owe something\n\n"
		"  --policy FILE     test: the policy with the channels\n"
		"  --severity S      test: critical, high, medium, low, none\n"
		"  --channel NAME    test: this one alone\n"
		"  --set KEY=VALUE   test: as with run\n"
		"  --notify URL      test: as with run\n"
		"  --json            for programs; status: of many messages, "
		"all\n",
	.run = cmd_notify_run,
};
