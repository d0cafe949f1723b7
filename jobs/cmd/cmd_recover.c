/*
 * cmd_recover.c - `jobwatch recover`: adopt what a reboot or a killed family
 * left. Each such job gets its job.lost, and its alerts are delivered.
 */
#include <stdio.h>
#include <unistd.h>

#include "cmd.h"
#include "commands.h"
#include "home.h"
#include "options.h"
#include "recovery.h"

static const struct option recover_longs[] = {
	{ "wait", no_argument, NULL, 'w' },
	{ NULL, 0, NULL, 0 },
};

static void
recover_tell(const char *id)
{
	printf("%s\n", id);
}

static int
cmd_recover_run(const struct cmd *cmd, int argc, char **argv)
{
	bool wait = false;
	struct why why;
	int option, home, count;

	while ((option = options_next(cmd, argc, argv, "w", recover_longs)) !=
	    -1) {
		if (option == OPTIONS_BAD)
			return CMD_USAGE;
		wait = true;
	}
	if (optind < argc)
		return cmd_usage(cmd, "it takes no operand");
	home = home_open(&why);
	if (home == -1)
		return cmd_error(CMD_FAILED, "%s", why.text);
	count = recovery_all(home, wait, recover_tell);
	close(home);
	return count == -1 ? CMD_FAILED : CMD_OK;
}

const struct cmd cmd_recover = {
	.name = "recover",
	.usage = "[--wait]",
	.brief = "settle what killed families and reboots left undone",
	.help = "  -w, --wait  until all alerts are delivered or expired\n"
		"\n"
		"Prints the id of each job that was adopted.\n",
	.run = cmd_recover_run,
};
