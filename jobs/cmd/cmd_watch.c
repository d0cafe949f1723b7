/*
 * cmd_watch.c - `jobwatch watch`: the same watching for output that something
 * else writes.
 *
 * A job whose command is the feeder (feeder/main.c), which reads the file or
 * the standard input that we open here and hands it on; from there on nothing
 * knows the difference but whoever looks for a process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "commands.h"
#include "programs.h"
#include "runjob.h"

struct watch {
	struct runjob run;
	int file; /* what run.input is, where it is a file; -1 */
	char *feeder;
	char *path;	  /* absolute; NULL: standard input */
	char *program[3]; /* the feeder and its argument */
	char *shown[4];	  /* what people see as the command */
};

/* Links are not followed: they may lead elsewhere tomorrow. */
static char *
watch_absolute(const char *path)
{
	char *folder, *whole = NULL;

	if (path[0] == '/')
		return strdup(path);
	folder = getcwd(NULL, 0);
	if (folder != NULL && asprintf(&whole, "%s/%s", folder, path) == -1)
		whole = NULL;
	free(folder);
	return whole;
}

/* Nobody writes before we look and is missed: the feeder starts at the place
 * where the file ends now. */
static int
watch_open_file(struct watch *watch, const char *path)
{
	const struct runoptions *options = &watch->run.options;
	struct stat st;

	watch->file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (watch->file == -1 && (errno == ENOENT || errno == ENOTDIR)) {
		if (!options->quiet)
			cmd_error(0, "%s is not there yet; waiting for it",
			    path);
		return CMD_OK;
	}
	if (watch->file == -1 || fstat(watch->file, &st) == -1)
		return cmd_error(CMD_USAGE, "cannot read %s: %s", path,
		    strerror(errno));
	if (S_ISDIR(st.st_mode))
		return cmd_error(CMD_USAGE, "cannot watch %s: a directory",
		    path);
	if (!S_ISREG(st.st_mode))
		return cmd_error(CMD_USAGE,
		    "cannot watch %s: not a file that grows (jobwatch watch - "
		    "< %s reads it to its end)",
		    path, path);
	if (!options->from_start && lseek(watch->file, 0, SEEK_END) == -1)
		return cmd_error(CMD_USAGE, "cannot read %s: %s", path,
		    strerror(errno));
	watch->run.input = watch->file;
	return CMD_OK;
}

static int
watch_open(struct watch *watch, const char *operand)
{
	struct runjob *run = &watch->run;

	if (strcmp(operand, "-") == 0) {
		run->watched = "-";
		run->input = STDIN_FILENO;
		return runjob_check_input(run, "watch -");
	}
	watch->path = watch_absolute(operand);
	if (watch->path == NULL)
		return cmd_error(CMD_FAILED, "cannot find %s: %s", operand,
		    strerror(errno));
	run->watched = watch->path;
	return watch_open_file(watch, operand);
}

/* A file's job has its name; what comes from nowhere is called "watch". */
static void
watch_name(struct watch *watch)
{
	const char *slash = watch->path == NULL ? NULL
						: strrchr(watch->path, '/');

	job_name_from(slash == NULL ? "watch" : slash + 1,
	    watch->run.name_text);
}

static int
watch_prepare(struct watch *watch)
{
	struct runjob *run = &watch->run;
	char *operand = run->options.argv[0];

	watch->feeder = programs_path("jobwatch-feeder");
	if (watch->feeder == NULL)
		return cmd_error(CMD_FAILED,
		    "cannot find jobwatch's own programs: %s", strerror(errno));
	watch->program[0] = watch->feeder;
	watch->program[1] = watch->path;
	run->program = watch->program;
	watch->shown[0] = (char *)"jobwatch";
	watch->shown[1] = (char *)"watch";
	watch->shown[2] = operand;
	run->options.argv = watch->shown;
	watch_name(watch);
	return runjob_prepare(run);
}

static int
cmd_watch_run(const struct cmd *cmd, int argc, char **argv)
{
	struct watch watch = { .file = -1 };
	int code;

	runjob_init(&watch.run);
	code = runoptions_parse_watch(cmd, &watch.run.options, argc, argv);
	if (code == CMD_OK)
		code = watch_open(&watch, watch.run.options.argv[0]);
	if (code == CMD_OK)
		code = watch_prepare(&watch);
	if (code == CMD_OK)
		code = runjob_start(&watch.run);
	runjob_release(&watch.run);
	if (watch.file != -1)
		close(watch.file);
	free(watch.feeder);
	free(watch.path);
	return code;
}

const struct cmd cmd_watch = {
	.name = "watch",
	.usage = "[OPTIONS] FILE|-",
	.brief = "watch a file or standard input that something else writes",
	.help =
	    "  --policy FILE    what to watch for (jobwatch policy init)\n"
	    "  --name NAME      the job is NAME-N\n"
	    "  --from-start     what the file holds already, too\n"
	    "  --json           print each event as it comes, and no output\n"
	    "  -d, --detach     print the job's id and return at once\n"
	    "  -q, --quiet      no words of jobwatch's own but errors\n"
	    "  --set KEY=VALUE, --stall TIME, --focus WORDS, --ignore WORDS,\n"
	    "  --notify URL, --local    as for run\n"
	    "\n"
	    "FILE is followed by its name: renamed, created anew, replaced by\n"
	    "a link, truncated, or not there yet. What is written to it just\n"
	    "before it is truncated can be missed; family.log in the job's\n"
	    "directory says when that may have been. A file that another\n"
	    "machine writes (NFS) tells nobody that it grows.\n"
	    "\n"
	    "Ends with 0 at the end of input, at Ctrl-C and at jobwatch stop;\n"
	    "124 when the policy ended it.\n",
	.run = cmd_watch_run,
};
