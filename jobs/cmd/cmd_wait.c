/*
 * cmd_wait.c - `jobwatch wait JOB`: for scripts that started a job detached
 * and now need its end. Prints nothing and exits as `run` would have.
 */
#include "commands.h"
#include "jobref.h"
#include "options.h"
#include "session.h"

static int
wait_for(const struct jobref *ref)
{
	struct session session = {
		.home_fd = ref->home,
		.home = ref->path,
		.dir = ref->dir,
		.id = ref->id,
		.quiet = true,
		.terminal = -1,
	};

	return session_follow(&session);
}

static int
cmd_wait_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = { { 0 } };
	struct jobref ref;
	const char *job;
	int code;

	if (options_next(cmd, argc, argv, ":", longs) != -1 ||
	    (job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	code = jobref_open(&ref, job);
	if (code == CMD_OK)
		code = wait_for(&ref);
	jobref_close(&ref);
	return code;
}

const struct cmd cmd_wait = {
	.name = "wait",
	.usage = "JOB",
	.brief = "wait for a job's end and exit as it did",
	.run = cmd_wait_run,
};
