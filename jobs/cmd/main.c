/*
 * main.c - finds the command's row and runs it.
 *
 * What holds for all commands is here: descriptors 0 to 2 exist, a closed
 * pipe is an error code and not a signal, --help is met, and what was
 * printed on stdout did arrive.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "versions.h"

/* Else the next file that is opened would be written to as stdout. */
static int
main_std_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

static void
main_sigpipe(int signo)
{
	(void)signo; /* write then fails with EPIPE */
}

/* A handler, not SIG_IGN: it does not outlive exec, so the job that `run`
 * starts has the disposition that we were given. */
static void
main_signals(void)
{
	struct sigaction action;

	if (sigaction(SIGPIPE, NULL, &action) == -1 ||
	    action.sa_handler == SIG_IGN)
		return;
	memset(&action, 0, sizeof(action));
	action.sa_handler = main_sigpipe;
	action.sa_flags = SA_RESTART;
	sigaction(SIGPIPE, &action, NULL);
}

/* True where the arguments ask for help on the command itself, not on one
 * that it runs: after "--", or after the first operand of a command whose
 * usage ends in another's arguments, they are not ours. */
static bool
main_wants_help(const struct cmd *cmd, int argc, char **argv)
{
	bool wraps = strstr(cmd->usage, "[ARG") != NULL;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 ||
		    (i == 1 && strcmp(argv[i], "-h") == 0))
			return true;
		if (wraps && argv[i][0] != '-')
			return false;
	}
	return false;
}

static int
main_dispatch(int argc, char **argv)
{
	const struct cmd *cmd = help_find(argv[0]);

	if (cmd == NULL)
		return help_unknown(argv[0]);
	if (main_wants_help(cmd, argc, argv)) {
		help_one(cmd, stdout);
		return CMD_OK;
	}
	if ((cmd->flags & CMD_LATER) != 0)
		return cmd_error(CMD_NO, "%s: not there yet in this version",
		    cmd->name);
	return cmd->run(cmd, argc, argv);
}

static int
main_options(int argc, char **argv)
{
	if (argc < 2) {
		help_all(stderr);
		return CMD_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help_all(stdout);
		return CMD_OK;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		versions_print(stdout);
		return CMD_OK;
	}
	if (argv[1][0] == '-')
		return cmd_error(CMD_USAGE,
		    "no such option: %.80s (\"jobwatch help\" lists the "
		    "commands)",
		    argv[1]);
	return main_dispatch(argc - 1, argv + 1);
}

/* A full disk makes a wrong answer out of a right one; a reader that left
 * (jobwatch logs | head) knows that it did. */
static int
main_flush(int code)
{
	int failed;

	errno = 0;
	failed = fflush(stdout) != 0 || ferror(stdout);
	if (failed && errno != EPIPE && errno != 0)
		cmd_error(0, "cannot write to stdout: %s", strerror(errno));
	return failed ? CMD_FAILED : code;
}

int
main(int argc, char **argv)
{
	if (main_std_fds() == -1)
		return CMD_FAILED;
	main_signals();
	return main_flush(main_options(argc, argv));
}
