/*
 * runjob.c - see runjob.h.
 */
#include "runjob.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "home.h"
#include "io.h"
#include "later.h"
#include "launch.h"
#include "recovery.h"
#include "runname.h"
#include "secret.h"
#include "session.h"

#define POLICY_TEXT_MAX (4 << 20)

void
runjob_init(struct runjob *run)
{
	*run = (struct runjob){ .home_fd = -1, .input = -1, .terminal = -1 };
}

/* --- checking ----------------------------------------------------------- */

static int
run_check_cwd(struct runjob *run)
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

/* Segments that cannot be copied away are never removed: it is said now, not
 * when the disk is full of them. */
static int
run_check_archive(const struct runjob *run)
{
	const char *path = policy_str(&run->policy, "log.archive");
	struct stat st;

	if (path == NULL)
		return CMD_OK;
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		errno = ENOTDIR;
	else if (access(path, W_OK | X_OK) == 0)
		return CMD_OK;
	return cmd_error(CMD_USAGE,
	    "log.archive: cannot copy segments to %s: %s", path,
	    strerror(errno));
}

static int
run_load_policy(struct runjob *run)
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
run_choose_name(struct runjob *run)
{
	run->name = run->options.name;
	if (run->name == NULL)
		run->name = policy_str(&run->policy, "job.name");
	if (run->name != NULL)
		return;
	if (run->name_text[0] == '\0')
		runname_from(run->options.argv, run->name_text);
	run->name = run->name_text;
}

static int
run_environment(struct runjob *run)
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

int
runjob_prepare(struct runjob *run)
{
	struct why why;
	int code = run_load_policy(run);

	if (code == CMD_OK)
		code = later_refuse(&run->policy);
	if (code == CMD_OK)
		code = run_check_cwd(run);
	if (code == CMD_OK)
		code = run_check_archive(run);
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

/* A job in the background reads a terminal as well as the shell does, and
 * each would get what the other does not. */
int
runjob_check_input(const struct runjob *run, const char *what)
{
	if (!run->options.detach || !isatty(STDIN_FILENO))
		return CMD_OK;
	return cmd_error(CMD_USAGE,
	    "%s with -d would take turns with your shell at what you type: "
	    "give it a file or a pipe, or run it with -d --pty and attach to "
	    "it",
	    what);
}

/* --- launching ---------------------------------------------------------- */

static int
run_follow(const struct runjob *run, const char *id, int dir)
{
	struct session session = {
		.home_fd = run->home_fd,
		.home = run->home,
		.dir = dir,
		.id = id,
		.print = true,
		.events = run->options.json,
		.quiet = run->options.quiet,
		.signals = true,
		.terminal = run->terminal,
		.ends = run->input == -1,
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

/* The job has it now: who writes into it is to see when the job reads no
 * more, and what is in it is not for us. */
static void
run_leave_input(const struct runjob *run)
{
	int null = run->input == STDIN_FILENO
	    ? open("/dev/null", O_RDONLY | O_CLOEXEC)
	    : -1;

	if (null == -1)
		return;
	dup2(null, STDIN_FILENO);
	close(null);
}

int
runjob_start(struct runjob *run)
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
		.program = run->program,
		.watched = run->watched,
		.input = run->input,
		.terminal = run->terminal,
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
	run_leave_input(run);
	recovery_in_passing(run->home_fd, id);
	if (run->options.detach)
		printf("%s\n", id);
	else
		code = run_follow(run, id, dir);
	close(dir);
	return code;
}

void
runjob_release(struct runjob *run)
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
	if (run->terminal != -1)
		close(run->terminal);
}
