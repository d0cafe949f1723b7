/*
 * cmd_run.c - `jobwatch run`: launch a job and watch it.
 *
 * Checks all there is to check, launches the family, and is from then on
 * nothing but a client that prints what the job prints (or leaves, with -d).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "commands.h"
#include "identity.h"
#include "io.h"
#include "later.h"
#include "launch.h"
#include "options.h"
#include "recovery.h"
#include "runname.h"
#include "runpolicy.h"
#include "secret.h"
#include "session.h"

#define POLICY_TEXT_MAX (4 << 20)

struct run {
	struct runpolicy choice;
	struct policy policy;
	json_t *secrets;
	struct environment own_env; /* the family's */
	struct environment env;	    /* the job's */
	struct identity identity;
	char *policy_text;
	char *home;
	int home_fd;
	const char **given; /* --env, borrowed */
	int given_count;
	const char *name;
	char name_text[JOB_NAME_MAX + 1];
	const char *cwd;
	char cwd_text[PATH_MAX];
	bool detach;
	bool quiet;
	char **argv;
};

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

/* --- the command line --------------------------------------------------- */

static int
run_option_env(const struct cmd *cmd, struct run *run, const char *text)
{
	if (text[0] == '=' || strchr(text, '=') == NULL)
		return cmd_usage(cmd, "--env needs NAME=VALUE, not \"%.40s\"",
		    text);
	run->given[run->given_count++] = text;
	return CMD_OK;
}

static int
run_option_name(const struct cmd *cmd, struct run *run, const char *text)
{
	if (!job_name_ok(text))
		return cmd_usage(cmd,
		    "\"%.80s\" is no name: letters, digits, "
		    "'.', '_' and '-', a letter or digit first, at most %d",
		    text, JOB_NAME_MAX);
	run->name = text;
	return CMD_OK;
}

/* The options that are policy keys, or make some. 0, -1: out of memory. */
static int
run_option_policy(struct run *run, int option)
{
	switch (option) {
	case RUN_SET:
		return runpolicy_set(&run->choice, optarg);
	case RUN_STALL:
		return runpolicy_set_text(&run->choice, "stall.timeout",
		    optarg);
	case RUN_FOCUS:
		return runpolicy_set_words(&run->choice, "classify.focus",
		    optarg);
	case RUN_IGNORE:
		return runpolicy_set_words(&run->choice, "classify.ignore",
		    optarg);
	default:
		return runpolicy_notify(&run->choice, optarg);
	}
}

static int
run_option(const struct cmd *cmd, struct run *run, int option)
{
	switch (option) {
	case 'd':
		run->detach = true;
		return CMD_OK;
	case 'q':
		run->quiet = true;
		return CMD_OK;
	case RUN_POLICY:
		run->choice.file = optarg;
		return CMD_OK;
	case RUN_LOCAL:
		run->choice.local = true;
		return CMD_OK;
	case RUN_CWD:
		run->cwd = optarg;
		return CMD_OK;
	case RUN_NAME:
		return run_option_name(cmd, run, optarg);
	case RUN_ENV:
		return run_option_env(cmd, run, optarg);
	case RUN_PTY:
	case RUN_STDIN:
		return cmd_error(CMD_NO,
		    "run --%s: not there yet in this "
		    "version",
		    option == RUN_PTY ? "pty" : "stdin");
	case OPTIONS_BAD:
		return CMD_USAGE;
	default:
		return run_option_policy(run, option) == 0
		    ? CMD_OK
		    : cmd_error(CMD_FAILED, "out of memory");
	}
}

static int
run_parse(const struct cmd *cmd, struct run *run, int argc, char **argv)
{
	int option, code;

	run->given = calloc((size_t)argc, sizeof(*run->given));
	if (run->given == NULL)
		return cmd_error(CMD_FAILED, "out of memory");
	while ((option = options_next(cmd, argc, argv, "+dq", run_longs)) != -1)
		if ((code = run_option(cmd, run, option)) != CMD_OK)
			return code;
	run->argv = argv + optind;
	if (run->argv[0] == NULL || run->argv[0][0] == '\0')
		return cmd_usage(cmd, "which command?");
	return CMD_OK;
}

/* --- checking ----------------------------------------------------------- */

static int
run_check_cwd(struct run *run)
{
	struct stat st;

	if (run->cwd == NULL)
		run->cwd = policy_str(&run->policy, "job.cwd");
	if (realpath(run->cwd == NULL ? "." : run->cwd, run->cwd_text) ==
		NULL ||
	    stat(run->cwd_text, &st) == -1)
		return cmd_error(CMD_USAGE, "cannot enter %s: %s",
		    run->cwd == NULL ? "the working directory" : run->cwd,
		    strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return cmd_error(CMD_USAGE, "cannot enter %s: not a directory",
		    run->cwd);
	run->cwd = run->cwd_text;
	return CMD_OK;
}

static int
run_load_policy(struct run *run)
{
	struct why why;
	int code = runpolicy_load(&run->choice, &run->policy);

	if (code != CMD_OK)
		return code;
	run->secrets = secret_resolve_all(&run->policy, &why);
	if (run->secrets == NULL)
		return cmd_error(CMD_USAGE, "%s", why.text);
	run->policy_text = run->choice.file == NULL
	    ? strdup("")
	    : io_load(AT_FDCWD, run->choice.file, POLICY_TEXT_MAX, NULL);
	if (run->policy_text == NULL)
		return cmd_error(CMD_USAGE, "cannot read %s: %s",
		    run->choice.file, strerror(errno));
	return CMD_OK;
}

static void
run_choose_name(struct run *run)
{
	if (run->name == NULL)
		run->name = policy_str(&run->policy, "job.name");
	if (run->name != NULL)
		return;
	runname_from(run->argv, run->name_text);
	run->name = run->name_text;
}

static int
run_environment(struct run *run)
{
	if (environment_init(&run->own_env, run->secrets) == -1 ||
	    environment_copy(&run->env, &run->own_env) == -1 ||
	    environment_apply(&run->env, &run->policy) == -1)
		return cmd_error(CMD_FAILED, "out of memory");
	for (int i = 0; i < run->given_count; i++) {
		const char *value = strchr(run->given[i], '=');
		char *name = strndup(run->given[i],
		    (size_t)(value - run->given[i]));
		int result = name == NULL
		    ? -1
		    : environment_set(&run->env, name, value + 1);

		free(name);
		if (result == -1)
			return cmd_error(CMD_FAILED, "out of memory");
	}
	identity_choose(&run->identity, &run->policy, &run->env);
	return CMD_OK;
}

static int
run_prepare(struct run *run)
{
	struct why why;
	int code = run_load_policy(run);

	if (code == CMD_OK)
		code = later_refuse(&run->policy);
	if (code == CMD_OK)
		code = run_check_cwd(run);
	if (code == CMD_OK)
		code = run_environment(run);
	if (code != CMD_OK)
		return code;
	run_choose_name(run);
	if (!run->quiet)
		later_warn(&run->policy);
	run->home = home_path(&why);
	run->home_fd = run->home == NULL ? -1 : home_open(&why);
	if (run->home_fd == -1)
		return cmd_error(CMD_FAILED, "%s", why.text);
	return CMD_OK;
}

/* --- launching ---------------------------------------------------------- */

static int
run_follow(const struct run *run, const char *id, int dir)
{
	struct session session = {
		.home_fd = run->home_fd,
		.home = run->home,
		.dir = dir,
		.id = id,
		.print = true,
		.quiet = run->quiet,
		.signals = true,
		.linger_ms = policy_ms(&run->policy, "notify.linger"),
	};

	return session_follow(&session);
}

/* A Ctrl-C that comes while the family is started is meant for the job: the
 * session takes it as its first. */
static void
run_hold_signals(void)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, NULL);
}

static int
run_launch(struct run *run)
{
	struct launch launch = {
		.home_fd = run->home_fd,
		.home = run->home,
		.policy = &run->policy,
		.policy_text = run->policy_text,
		.secrets = run->secrets,
		.own_env = &run->own_env,
		.env = &run->env,
		.identity = &run->identity,
		.argv = run->argv,
		.name = run->name,
		.cwd = run->cwd,
	};
	char id[JOB_ID_MAX];
	struct why why;
	int dir, code = CMD_OK;

	if (!run->detach)
		run_hold_signals();
	dir = launch_job(&launch, id, &why);
	if (dir == -1)
		return cmd_error(CMD_FAILED, "%s", why.text);
	recovery_in_passing(run->home_fd, id);
	if (run->detach)
		printf("%s\n", id);
	else
		code = run_follow(run, id, dir);
	close(dir);
	return code;
}

static void
run_release(struct run *run)
{
	runpolicy_release(&run->choice);
	policy_release(&run->policy);
	json_decref(run->secrets);
	environment_release(&run->own_env);
	environment_release(&run->env);
	free(run->policy_text);
	free(run->home);
	free(run->given);
	if (run->home_fd != -1)
		close(run->home_fd);
}

static int
cmd_run_run(const struct cmd *cmd, int argc, char **argv)
{
	struct run run = { .home_fd = -1 };
	int code = run_parse(cmd, &run, argc, argv);

	if (code == CMD_OK)
		code = run_prepare(&run);
	if (code == CMD_OK)
		code = run_launch(&run);
	run_release(&run);
	return code;
}

const struct cmd cmd_run = {
	.name = "run",
	.usage = "[OPTIONS] [--] COMMAND [ARG...]",
	.brief = "launch a job and watch it",
	.help =
	    "  --policy FILE    what to watch for (jobwatch policy init)\n"
	    "  --name NAME      the job is NAME-N\n"
	    "  --set KEY=VALUE  any key of the policy; wins over the file\n"
	    "  -d, --detach     print the job's id and return at once\n"
	    "  --env NAME=VALUE for the job's environment\n"
	    "  --cwd DIR        where the job runs\n"
	    "  -q, --quiet      no words of jobwatch's own but errors\n"
	    "  --stall TIME     alert after so long without output\n"
	    "  --focus WORDS    what matters to you, separated by commas\n"
	    "  --ignore WORDS   what does not\n"
	    "  --notify URL     an ntfy, Slack, Discord, Telegram or webhook\n"
	    "                   address\n"
	    "  --local          no network: channels are refused\n"
	    "\n"
	    "Exits as the job does; 128+N when signal N ended it, 124 when\n"
	    "the policy did, 126 or 127 when it could not be executed, 125\n"
	    "when jobwatch failed.\n",
	.run = cmd_run_run,
};
