/*
 * cmd_attach.c - `jobwatch attach JOB`: the terminal of `run`, once more.
 * Shows what the job says from now on, passes signals on (and what is typed,
 * where the job has a terminal of its own), and exits as the job does; closing
 * the terminal leaves the job alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "control.h"
#include "io.h"
#include "jobref.h"
#include "logread.h"
#include "options.h"
#include "session.h"

#define ATTACH_POLICY_MAX (8 << 20)
#define ATTACH_ASK_MS 2000
#define ATTACH_TRIES                                            \
	10 /* a supervisor that is replaced is soon there again \
	    */

/* Whether the job has a terminal of its own; its policy says so. */
static bool
attach_to_terminal(const struct jobref *ref)
{
	char *text = io_load(ref->dir, "policy.json", ATTACH_POLICY_MAX, NULL);
	json_t *policy = text == NULL ? NULL : json_loads(text, 0, NULL);
	bool pty = json_is_true(
	    json_object_get(json_object_get(policy, "job"), "pty"));

	json_decref(policy);
	free(text);
	return pty;
}

/* The master of the job's terminal where we have one, too; else -1. */
static int
attach_terminal(const struct jobref *ref)
{
	json_t *request = json_pack("{s:s}", "cmd", "terminal");
	struct why why;
	int fd = -1;

	for (int i = 0; i < ATTACH_TRIES && fd == -1; i++) {
		fd = control_ask_fd(ref->dir, ref->path, ref->id, request,
		    ATTACH_ASK_MS, &why);
		if (errno != EPIPE && errno != ETIMEDOUT)
			break;
	}
	if (fd == -1 && errno != ECONNREFUSED && errno != ENOENT)
		cmd_error(0, "what you type does not reach %s: %s", ref->id,
		    why.text);
	json_decref(request);
	return fd;
}

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
		.terminal = -1,
	};
	struct why why;
	struct logread *reader = logread_open(ref->dir, &why);
	int code;

	if (reader == NULL)
		return cmd_error(CMD_FAILED, "%s: %s", ref->id, why.text);
	session.from = logread_end(reader);
	logread_close(reader);
	if (signals && isatty(STDIN_FILENO) && attach_to_terminal(ref))
		session.terminal = attach_terminal(ref);
	code = session_follow(&session);
	if (session.terminal != -1)
		close(session.terminal);
	return code;
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
