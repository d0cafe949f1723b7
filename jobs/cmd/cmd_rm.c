/*
 * cmd_rm.c - `jobwatch rm JOB...`: take jobs that are over off the disk. A
 * job's number is never given again, so what names it elsewhere (an alert,
 * a page) cannot come to mean another one.
 */
#include "commands.h"
#include "jobremove.h"
#include "options.h"

/* A family that has nothing to deliver lets go well within this. */
#define RM_PATIENCE_MS 3000

static int
rm_one(const char *job)
{
	struct jobref ref;
	struct why why;
	int code = jobref_open(&ref, job);

	if (code == CMD_OK) {
		code = jobremove(&ref, RM_PATIENCE_MS, &why);
		if (code != CMD_OK)
			cmd_error(code, "cannot remove %s: %s", ref.id,
			    why.text);
	}
	jobref_close(&ref);
	return code;
}

/* All that can go, go; the worst news is the exit code. */
static int
cmd_rm_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = { { 0 } };
	int worst = CMD_OK;

	if (options_next(cmd, argc, argv, ":", longs) != -1)
		return CMD_USAGE;
	if (optind == argc)
		return cmd_usage(cmd, "JOB is missing");
	for (int i = optind; i < argc; i++) {
		int code = rm_one(argv[i]);

		if (code > worst)
			worst = code;
	}
	return worst;
}

const struct cmd cmd_rm = {
	.name = "rm",
	.usage = "JOB...",
	.brief = "remove jobs that are over, with all that they printed",
	.run = cmd_rm_run,
};
