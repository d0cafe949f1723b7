/*
 * cmd_run.c - `jobwatch run`: launch a job and watch it.
 *
 * Checks all there is to check, launches the family, and is from then on
 * nothing but a client that prints what the job prints (or leaves, with -d).
 */
#include <unistd.h>

#include "cmd.h"
#include "commands.h"
#include "pty.h"
#include "runjob.h"

/* What the job reads and writes. With a terminal of its own it is our
 * keyboard that it reads, if we have one. */
static int
run_open_streams(struct runjob *run)
{
	bool pty = policy_bool(&run->policy, "job.pty");
	struct why why;

	if (run->options.takes_input && !(pty && isatty(STDIN_FILENO)))
		run->input = STDIN_FILENO;
	if (!pty)
		return CMD_OK;
	run->terminal = pty_open(&why);
	return run->terminal == -1 ? cmd_error(CMD_FAILED, "%s", why.text)
				   : CMD_OK;
}

static int
cmd_run_run(const struct cmd *cmd, int argc, char **argv)
{
	struct runjob run;
	int code;

	runjob_init(&run);
	code = runoptions_parse(cmd, &run.options, argc, argv);
	if (code == CMD_OK && run.options.takes_input)
		code = runjob_check_input(&run, "run: --stdin");
	if (code == CMD_OK)
		code = runjob_prepare(&run);
	if (code == CMD_OK)
		code = run_open_streams(&run);
	if (code == CMD_OK)
		code = runjob_start(&run);
	runjob_release(&run);
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
	    "  --stdin          the job reads this command's standard input;\n"
	    "                   else it finds its own empty\n"
	    "  --pty            the job has a terminal of its own, as large "
	    "as\n"
	    "                   yours; what you type goes there, Ctrl-C too\n"
	    "                   (Ctrl-P Ctrl-Q leaves it and the job goes on)\n"
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
