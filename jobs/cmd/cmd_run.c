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
#include "home.h"
#include "identity.h"
#include "io.h"
#include "later.h"
#include "launch.h"
#include "recovery.h"
#include "runname.h"
#include "runoptions.h"
#include "secret.h"
#include "session.h"

#define POLICY_TEXT_MAX (4 << 20)

/* All that a job is started with. */
struct run {
	struct runoptions options;
	struct policy policy;
	json_t *secrets;
	struct environment own_env; /* the family's */
	struct environment env;	    /* the job's */
	struct identity identity;
	char *policy_text;
	char *home;
	int home_fd;
	const char *name; /* of the options, the policy, or name_text */
	char name_text[JOB_NAME_MAX + 1];
	char cwd[PATH_MAX];
};

/* --- checking ----------------------------------------------------------- */

static int
run_check_cwd(struct run *run)
{
	const char *wanted = run->options.cwd;
	struct stat st;

	if (wanted == NULL)
		wanted = policy_str(&run->policy, "job.cwd");
	if (realpath(wanted == NULL ? "." : wanted, run->cwd) == NULL ||
	    stat(run->cwd, &st) == -1)
		return cmd_error(CMD_USAGE, "cannot enter %s: %s",
		    wanted == NULL ? "the working directory" : wanted,
		    strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return cmd_error(CMD_USAGE, "cannot enter %s: not a directory",
		    wanted);
	return CMD_OK;
}

static int
run_load_policy(struct run *run)
{
	struct why why;
	int code = runpolicy_load(&run->options.policy, &run->policy);

	if (code != CMD_OK)
		return code;
	run->secrets = secret_resolve_all(&run->policy, &why);
	if (run->secrets == NULL)
		return cmd_error(CMD_USAGE, "%s", why.text);
	run->policy_text = run->options.policy.file == NULL
	    ? strdup("")
	    : io_load(AT_FDCWD, run->options.policy.file, POLICY_TEXT_MAX,
		  NULL);
	if (run->policy_text == NULL)
		return cmd_error(CMD_USAGE, "cannot read %s: %s",
		    run->options.policy.file, strerror(errno));
	return CMD_OK;
}

static void
run_choose_name(struct run *run)
{
	run->name = run->options.name;
	if (run->name == NULL)
		run->name = policy_str(&run->policy, "job.name");
	if (run->name != NULL)
		return;
	runname_from(run->options.argv, run->name_text);
	run->name = run->name_text;
}

static int
run_environment(struct run *run)
{
	if (environment_init(&run->own_env, run->secrets) == -1 ||
	    environment_copy(&run->env, &run->own_env) == -1 ||
	    environment_apply(&run->env, &run->policy) == -1)
		return cmd_error(CMD_FAILED, "out of memory");
	for (int i = 0; i < run->options.given_count; i++) {
		const char *value = strchr(run->options.given[i], '=');
		char *name = strndup(run->options.given[i],
		    (size_t)(value - run->options.given[i]));
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
	if (!run->options.quiet)
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
		.quiet = run->options.quiet,
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
		.argv = run->options.argv,
		.name = run->name,
		.cwd = run->cwd,
	};
	char id[JOB_ID_MAX];
	struct why why;
	int dir, code = CMD_OK;

	if (!run->options.detach)
		run_hold_signals();
	dir = launch_job(&launch, id, &why);
	if (dir == -1)
		return cmd_error(CMD_FAILED, "%s", why.text);
	recovery_in_passing(run->home_fd, id);
	if (run->options.detach)
		printf("%s\n", id);
	else
		code = run_follow(run, id, dir);
	close(dir);
	return code;
}

static void
run_release(struct run *run)
{
	runoptions_release(&run->options);
	policy_release(&run->policy);
	json_decref(run->secrets);
	environment_release(&run->own_env);
	environment_release(&run->env);
	free(run->policy_text);
	free(run->home);
	if (run->home_fd != -1)
		close(run->home_fd);
}

static int
cmd_run_run(const struct cmd *cmd, int argc, char **argv)
{
	struct run run = { .home_fd = -1 };
	int code = runoptions_parse(cmd, &run.options, argc, argv);

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
