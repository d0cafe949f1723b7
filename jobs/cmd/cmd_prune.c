/*
 * cmd_prune.c - `jobwatch prune --older DURATION`: remove all jobs that have
 * been over for that long. Those that run, and those that still have alerts
 * to deliver, stay.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "jobremove.h"
#include "options.h"
#include "units.h"

struct prune {
	struct jobref home;
	int64_t before_us; /* what ended earlier goes */
	bool dry_run;
	unsigned long count;
	int64_t bytes;
	int code;
};

/* A lost job's end is not known: the last that was heard of it counts. */
static int64_t
prune_ended_us(int dir, const json_t *status)
{
	static const char *const keys[] = { "ended_at", "last_output_at" };
	int64_t ended;
	struct stat st;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = json_string_value(
		    json_object_get(status, keys[i]));

		if (text != NULL && clock_parse(text, &ended) == 0)
			return ended;
	}
	if (fstatat(dir, "status.json", &st, 0) == -1 && fstat(dir, &st) == -1)
		return INT64_MAX;
	return (int64_t)st.st_mtim.tv_sec * 1000000;
}

static bool
prune_is_due(const struct prune *prune, const struct jobref *ref)
{
	struct why why;
	json_t *status = status_load(ref->dir, ref->path, ref->id, false, &why);
	bool due = status != NULL && job_state_ended(jobref_state(status)) &&
	    jobdir_alive(ref->dir) == 0 &&
	    prune_ended_us(ref->dir, status) < prune->before_us;

	json_decref(status);
	return due;
}

static void
prune_job(struct prune *prune, const struct jobref *ref)
{
	int64_t bytes = jobremove_size(ref->dir);
	char size[UNITS_TEXT];
	struct why why;
	int code;

	if (!prune->dry_run) {
		code = jobremove(ref, 0, &why);
		if (code == CMD_NO)
			return; /* it came to life meanwhile */
		if (code != CMD_OK) {
			prune->code = cmd_error(code, "cannot remove %s: %s",
			    ref->id, why.text);
			return;
		}
	}
	printf("%s %s (%s)\n", prune->dry_run ? "would remove" : "removed",
	    ref->id, size_format(bytes, size));
	prune->count++;
	prune->bytes += bytes;
}

static int
prune_visit(const char *id, void *arg)
{
	struct prune *prune = arg;
	struct jobref ref = prune->home; /* borrows home and path */

	snprintf(ref.id, sizeof(ref.id), "%s", id);
	ref.dir = jobdir_open(ref.home, id);
	if (ref.dir == -1)
		return 0;
	if (prune_is_due(prune, &ref))
		prune_job(prune, &ref);
	close(ref.dir);
	return 0;
}

static int
prune_all(struct prune *prune)
{
	char size[UNITS_TEXT];
	int code = jobref_open_home(&prune->home);

	if (code == CMD_OK &&
	    jobdir_each(prune->home.home, false, prune_visit, prune) == -1)
		code = cmd_error(CMD_FAILED, "cannot list the jobs: %s",
		    strerror(errno));
	if (code == CMD_OK) {
		printf("%s %lu jobs, %s\n",
		    prune->dry_run ? "would remove" : "removed", prune->count,
		    size_format(prune->bytes, size));
		code = prune->code;
	}
	jobref_close(&prune->home);
	return code;
}

static int
cmd_prune_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "older", required_argument, NULL, 'o' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ 0 },
	};
	struct prune prune = { .code = CMD_OK };
	int64_t ms = -1;
	int option;

	while ((option = options_next(cmd, argc, argv, ":n", longs)) != -1) {
		if (option == OPTIONS_BAD ||
		    (option == 'o' && options_duration(cmd, optarg, &ms) == -1))
			return CMD_USAGE;
		prune.dry_run = prune.dry_run || option == 'n';
	}
	if (optind < argc)
		return cmd_usage(cmd, "too many arguments: %.80s",
		    argv[optind]);
	if (ms == -1)
		return cmd_usage(cmd, "say how old: --older 30d");
	prune.before_us = clock_real_us() - ms * 1000;
	return prune_all(&prune);
}

const struct cmd cmd_prune = {
	.name = "prune",
	.usage = "--older DURATION [--dry-run]",
	.brief = "remove all jobs that ended longer ago",
	.help = "  --older DURATION   since the job's end: 12h, 30d\n"
		"  -n, --dry-run      say what would go, and remove nothing\n",
	.run = cmd_prune_run,
};
