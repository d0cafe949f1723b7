/*
 * cmd_ps.c - `jobwatch ps`: the running jobs, newest first, or with -a all.
 *
 * The running ones are found by their marks in HOME/running, so that a home
 * of thousands of old jobs costs nothing; an ended one is read from its file
 * and nobody is asked about it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands.h"
#include "jobref.h"
#include "jobtext.h"
#include "options.h"
#include "psjob.h"
#include "table.h"

#define PS_REDRAW_MS 1000

struct ps {
	struct jobref home;
	bool all;
	bool json;
	struct psjob *jobs; /* owned */
	size_t count;
	size_t room;
	bool failed; /* out of memory */
};

static void
ps_clear(struct ps *ps)
{
	for (size_t i = 0; i < ps->count; i++)
		psjob_release(&ps->jobs[i]);
	ps->count = 0;
}

/* Takes the job over. 0 as long as there is memory. */
static int
ps_add(struct ps *ps, struct psjob *job)
{
	if (ps->count == ps->room) {
		size_t room = ps->room == 0 ? 64 : ps->room * 2;
		struct psjob *more = realloc(ps->jobs, room * sizeof(*more));

		if (more == NULL) {
			psjob_release(job);
			ps->failed = true;
			return 1;
		}
		ps->jobs = more;
		ps->room = room;
	}
	ps->jobs[ps->count++] = *job;
	return 0;
}

/* A directory that cannot be read as a job (just being made, or removed
 * under us) is not listed. */
static int
ps_visit(const char *id, void *arg)
{
	struct ps *ps = arg;
	int found, dir = jobdir_open(ps->home.home, id);
	struct psjob job;

	if (dir == -1)
		return 0;
	found = psjob_load(&job, dir, ps->home.path, id, ps->json);
	close(dir);
	if (found == 1 && (ps->all || !job.ended))
		return ps_add(ps, &job);
	ps->failed = ps->failed || found == -1;
	psjob_release(&job);
	return 0;
}

static int
ps_load(struct ps *ps)
{
	ps_clear(ps);
	if (jobdir_each(ps->home.home, !ps->all, ps_visit, ps) == -1)
		return cmd_error(CMD_FAILED, "cannot list the jobs: %s",
		    strerror(errno));
	if (ps->failed)
		return cmd_error(CMD_FAILED,
		    "cannot list the jobs: out of "
		    "memory");
	if (ps->count > 0)
		qsort(ps->jobs, ps->count, sizeof(*ps->jobs), psjob_compare);
	return CMD_OK;
}

/* --- showing them ------------------------------------------------------- */

/* A document a line, so that the array is also easy on the eye. */
static int
ps_print_json(const struct ps *ps, FILE *out)
{
	for (size_t i = 0; i < ps->count; i++)
		fprintf(out, "%s%s", i == 0 ? "[" : ",\n ", ps->jobs[i].json);
	fputs(ps->count == 0 ? "[]\n" : "]\n", out);
	return 0;
}

static void
ps_row(struct table *table, const json_t *status)
{
	char text[JOBTEXT_MAX], span[UNITS_TEXT];
	double runtime = json_number_value(
	    json_object_get(status, "runtime_s"));

	table_cell(table, "%s", jobtext_or_dash(status, "job"));
	table_cell(table, "%s", jobtext_or_dash(status, "state"));
	table_cell(table, "%s", jobtext_span(runtime, span));
	table_cell(table, "%s",
	    jobtext_age(json_string_value(
			    json_object_get(status, "last_output_at")),
		span));
	table_cell(table, "%s", jobtext_progress(status, text));
	table_cell(table, "%s", jobtext_alerts(status, text));
	jobtext_command(json_object_get(status, "argv"), table_stream(table));
	table_end_cell(table);
}

static int
ps_print_table(const struct ps *ps, FILE *out, int width)
{
	static const char *const heads[] = { "JOB", "STATE", "RUNTIME",
		"LAST-OUTPUT", "PROGRESS", "ALERTS", "COMMAND" };
	struct table *table = table_new(sizeof(heads) / sizeof(heads[0]));
	int result;

	if (table == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_cell(table, "%s", heads[i]);
	for (size_t i = 0; i < ps->count; i++)
		ps_row(table, ps->jobs[i].row);
	result = table_print(table, out, width);
	table_free(table);
	return result;
}

/* Columns of the terminal; 0: stdout is none, and nothing is cut. */
static int
ps_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return 0;
	return size.ws_col;
}

static int
ps_print(const struct ps *ps, FILE *out)
{
	if (ps->json)
		return ps_print_json(ps, out);
	return ps_print_table(ps, out, ps_width());
}

static int
ps_once(struct ps *ps)
{
	int code = ps_load(ps);

	if (code == CMD_OK && ps_print(ps, stdout) == -1)
		code = cmd_error(CMD_FAILED,
		    "cannot show the jobs: out of "
		    "memory");
	return code;
}

/* Draws the page when it has changed. On a terminal it takes the last one's
 * place; elsewhere the pages follow each other. */
static int
ps_redraw(struct ps *ps, char **last)
{
	char *page = NULL;
	size_t size;
	FILE *out = open_memstream(&page, &size);
	int result = out == NULL ? -1 : ps_print(ps, out);

	if (out != NULL && fclose(out) != 0)
		result = -1;
	if (result == -1) {
		free(page);
		return -1;
	}
	if (*last == NULL || strcmp(*last, page) != 0) {
		if (isatty(STDOUT_FILENO))
			fputs("\033[H\033[2J", stdout);
		fputs(page, stdout);
	}
	free(*last);
	*last = page;
	return fflush(stdout);
}

static int
ps_watch(struct ps *ps)
{
	char *last = NULL;
	int code;

	while ((code = ps_load(ps)) == CMD_OK) {
		if (ps_redraw(ps, &last) != 0) {
			code = CMD_FAILED; /* main says why stdout failed */
			break;
		}
		poll(NULL, 0, PS_REDRAW_MS);
	}
	free(last);
	return code;
}

static int
cmd_ps_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "watch", no_argument, NULL, 'w' },
		{ 0 },
	};
	struct ps ps = { .all = false };
	bool watch = false;
	int option, code;

	while ((option = options_next(cmd, argc, argv, ":aw", longs)) != -1) {
		if (option == OPTIONS_BAD)
			return CMD_USAGE;
		ps.all = ps.all || option == 'a';
		ps.json = ps.json || option == 'j';
		watch = watch || option == 'w';
	}
	if (optind < argc)
		return cmd_usage(cmd,
		    "too many arguments: %.80s (\"jobwatch "
		    "status\" shows one job)",
		    argv[optind]);
	code = jobref_open_home(&ps.home);
	if (code == CMD_OK)
		code = watch ? ps_watch(&ps) : ps_once(&ps);
	ps_clear(&ps);
	free(ps.jobs);
	jobref_close(&ps.home);
	return code;
}

const struct cmd cmd_ps = {
	.name = "ps",
	.usage = "[-a] [--json] [-w]",
	.brief = "list running jobs, newest first",
	.help = "  -a, --all     ended ones too\n"
		"  --json        an array of status documents\n"
		"  -w, --watch   stay, and draw again when something changes\n",
	.run = cmd_ps_run,
};
