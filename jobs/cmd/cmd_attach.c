/*
 * cmd_attach.c - `jobwatch attach JOB`: the terminal of `run`, once more.
 * Shows what the job says from now on, passes signals on, and exits as the
 * job does; closing the terminal leaves the job alone.
 */
#include "commands.h"
#include "jobref.h"
#include "logread.h"
#include "options.h"
#include "session.h"

static int
attach_to(const struct jobref *ref, bool quiet, bool signals)
{
	struct session session = {
		.home_fd = ref->home,
		.home = ref->path,
		.dir = ref->dir,
		.id = ref->id,
		.print = true,
		.quiet = quiet,
		.signals = signals,
	};
	struct why why;
	struct logread *reader = logread_open(ref->dir, &why);

	if (reader == NULL)
		return cmd_error(CMD_FAILED, "%s: %s", ref->id, why.text);
	session.from = logread_end(reader);
	logread_close(reader);
	return session_follow(&session);
}

static int
cmd_attach_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "quiet", no_argument, NULL, 'q' },
		{ "no-signals", no_argument, NULL, 'S' },
		{ 0 },
	};
	bool quiet = false, signals = true;
	struct jobref ref;
	const char *job;
	int option, code;

	while ((option = options_next(cmd, argc, argv, ":q", longs)) != -1) {
		if (option == OPTIONS_BAD)
			return CMD_USAGE;
		quiet = quiet || option == 'q';
		signals = signals && option != 'S';
	}
	if ((job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	code = jobref_open(&ref, job);
	if (code == CMD_OK)
		code = attach_to(&ref, quiet, signals);
	jobref_close(&ref);
	return code;
}

const struct cmd cmd_attach = {
	.name = "attach",
	.usage = "[-q] [--no-signals] JOB",
	.brief = "follow a job live from now, and exit as it does",
	.help = "  -q, --quiet     no words of jobwatch's own but errors\n"
		"  --no-signals    Ctrl-C ends this view and not the job\n",
	.run = cmd_attach_run,
};
