/*
 * cmd_notify.c - `jobwatch notify test|status`: rows that exec
 * jobwatch-notifier, which alone links a network. What belongs to the
 * command line is done here: the policy is read and checked, its secrets are
 * resolved, the job is found; the notifier gets descriptors.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "handoff.h"
#include "jobref.h"
#include "options.h"
#include "runpolicy.h"
#include "secret.h"

#define NOTIFIER "jobwatch-notifier"

enum notify_option {
	NOTIFY_POLICY = 'p',
	NOTIFY_SEVERITY = 's',
	NOTIFY_CHANNEL = 'c',
	NOTIFY_JSON = 'j',
	NOTIFY_SET = 'S',
	NOTIFY_URL = 'u',
};

/* --- test --------------------------------------------------------------- */

struct test {
	struct runpolicy run;
	const char *severity; /* NULL: the notifier's choice */
	const char *channel;  /* NULL: all */
	bool json;
};

static int
test_exec(struct handoff *call, const struct policy *policy,
    const json_t *secrets)
{
	int policy_fd = handoff_policy_fd(policy);
	int secrets_fd = policy_fd == -1 ? -1 : secret_to_memfd(secrets);
	int code;

	if (secrets_fd == -1 ||
	    handoff_add_fd(call, "--policy-fd", policy_fd) == -1 ||
	    handoff_add_fd(call, "--secrets-fd", secrets_fd) == -1)
		code = cmd_error(CMD_FAILED, "cannot hand the policy on: %s",
		    strerror(errno));
	else
		code = handoff_exec(call);
	if (policy_fd != -1)
		close(policy_fd);
	if (secrets_fd != -1)
		close(secrets_fd);
	return code;
}

static void
test_call(struct handoff *call, const struct test *test)
{
	handoff_add(call, NOTIFIER);
	handoff_add(call, "test");
	if (test->json)
		handoff_add(call, "--json");
	if (test->severity != NULL) {
		handoff_add(call, "--severity");
		handoff_add(call, test->severity);
	}
	if (test->channel != NULL) {
		handoff_add(call, "--channel");
		handoff_add(call, test->channel);
	}
}

static int
test_send(struct test *test)
{
	struct handoff call = { .argc = 0 };
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
status_exec(struct handoff *call, const char *job)
{
	struct jobref ref;
	int code = job == NULL ? jobref_open_home(&ref)
			       : jobref_open(&ref, job);

	if (code == CMD_OK) {
		int result = job == NULL
		    ? handoff_add_fd(call, "--home-fd", ref.home)
		    : handoff_add_fd(call, "--dir-fd", ref.dir);

		code = result == -1
		    ? cmd_error(CMD_FAILED, "cannot hand the job on: %s",
			  strerror(errno))
		    : handoff_exec(call);
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
	struct handoff call = { .argc = 0 };
	bool json = false;
	int option;

	while ((option = options_next(cmd, argc, argv, ":", longs)) != -1) {
		if (option == OPTIONS_BAD)
			return CMD_USAGE;
		json = true;
	}
	if (argc - optind > 1)
		return cmd_usage(cmd, "status takes one job");
	handoff_add(&call, NOTIFIER);
	handoff_add(&call, "status");
	if (json)
		handoff_add(&call, "--json");
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
