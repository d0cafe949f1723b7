/*
 * cmd_status.c - `jobwatch status JOB`: all that is known about one job, as
 * a page for people or as the document of the contract.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "jobref.h"
#include "jobtext.h"
#include "options.h"
#include "outcome.h"
#include "utf8.h"

static void
status_row(const char *name, const char *text)
{
	printf("%-12s ", name);
	utf8_print(stdout, text, strlen(text));
	putchar('\n');
}

/* A time in local words and how long ago; nothing where it is not known. */
static void
status_time(const json_t *status, const char *name, const char *key)
{
	const char *text = json_string_value(json_object_get(status, key));
	char local[CLOCK_TEXT], age[UNITS_TEXT];
	int64_t us;

	if (text == NULL || clock_parse(text, &us) == -1)
		return;
	printf("%-12s %s (%s ago)\n", name, clock_local(us, local),
	    jobtext_age(text, age));
}

static void
status_end(const json_t *status)
{
	json_t *code = json_object_get(status, "exit_code");
	json_t *signo = json_object_get(status, "signal");
	const char *detail = jobtext_or_dash(status, "detail");
	char room[32];

	if (json_is_integer(code))
		printf("%-12s %" JSON_INTEGER_FORMAT "\n", "exit code",
		    json_integer_value(code));
	if (json_is_integer(signo))
		printf("%-12s %s\n", "signal",
		    outcome_signal((int)json_integer_value(signo), room));
	if (strcmp(jobtext_or_dash(status, "reason"), "-") != 0)
		status_row("reason", jobtext_or_dash(status, "reason"));
	if (strcmp(detail, "-") != 0)
		status_row("detail", detail);
}

static void
status_sizes(const json_t *status)
{
	json_t *bytes = json_object_get(status, "bytes");
	json_t *log = json_object_get(status, "log");
	json_int_t lost = json_integer_value(
	    json_object_get(log, "lost_bytes"));
	char out[UNITS_TEXT], err[UNITS_TEXT];

	size_format(json_integer_value(json_object_get(bytes, "stdout")), out);
	size_format(json_integer_value(json_object_get(bytes, "stderr")), err);
	printf("%-12s %s on stdout, %s on stderr, %" JSON_INTEGER_FORMAT
	       " lines\n",
	    "output", out, err,
	    json_integer_value(json_object_get(status, "lines")));
	size_format(json_integer_value(json_object_get(log, "bytes")), out);
	printf("%-12s %s in %" JSON_INTEGER_FORMAT " segments, %s\n", "log",
	    out, json_integer_value(json_object_get(log, "segments")),
	    jobtext_or_dash(log, "dir"));
	if (lost > 0)
		printf("%-12s %" JSON_INTEGER_FORMAT " bytes of output\n",
		    "LOST", lost);
}

/* "keeper 12, supervisor 13": those that run. */
static void
status_processes(const json_t *status)
{
	json_t *processes = json_object_get(status, "processes"), *pid;
	const char *name, *comma = "";

	printf("%-12s ", "processes");
	json_object_foreach (processes, name, pid) {
		if (!json_is_integer(pid))
			continue;
		printf("%s%s %" JSON_INTEGER_FORMAT, comma, name,
		    json_integer_value(pid));
		comma = ", ";
	}
	puts(comma[0] == '\0' ? "none" : "");
}

static void
status_resources(const json_t *status)
{
	json_t *resources = json_object_get(status, "resources");
	double cpu = json_number_value(json_object_get(resources, "cpu_s"));
	json_int_t rss = json_integer_value(
	    json_object_get(resources, "rss_bytes"));
	char span[UNITS_TEXT], size[UNITS_TEXT];

	if (cpu > 0 || rss > 0)
		printf("%-12s %s of CPU, %s of memory\n", "resources",
		    jobtext_span(cpu, span), size_format(rss, size));
}

static void
status_flags(const json_t *status)
{
	json_int_t open = json_integer_value(
	    json_object_get(status, "actions_open"));
	json_int_t restarts = json_integer_value(
	    json_object_get(status, "restarts"));

	if (json_is_true(json_object_get(status, "stalled")))
		status_row("stalled", "yes: it has been silent for too long");
	if (open > 0)
		printf("%-12s %" JSON_INTEGER_FORMAT " open\n", "actions",
		    open);
	if (restarts > 0)
		printf("%-12s %" JSON_INTEGER_FORMAT "\n", "restarts",
		    restarts);
	if (strcmp(jobtext_or_dash(status, "muted_until"), "-") != 0)
		status_row("muted until",
		    jobtext_or_dash(status, "muted_until"));
}

static void
status_page(const json_t *status)
{
	char text[JOBTEXT_MAX], span[UNITS_TEXT];
	json_t *pid = json_object_get(status, "pid");

	status_row("job", jobtext_or_dash(status, "job"));
	status_row("state", jobtext_or_dash(status, "state"));
	status_end(status);
	fputs("command      ", stdout);
	jobtext_command(json_object_get(status, "argv"), stdout);
	putchar('\n');
	status_row("directory", jobtext_or_dash(status, "cwd"));
	printf("%-12s %s@%s", "where", jobtext_or_dash(status, "user"),
	    jobtext_or_dash(status, "host"));
	if (json_is_integer(pid))
		printf(", pid %" JSON_INTEGER_FORMAT, json_integer_value(pid));
	putchar('\n');
	status_time(status, "started", "started_at");
	status_time(status, "ended", "ended_at");
	status_row("runtime",
	    jobtext_span(json_number_value(
			     json_object_get(status, "runtime_s")),
		span));
	status_time(status, "last output", "last_output_at");
	status_sizes(status);
	status_row("progress", jobtext_progress(status, text));
	status_row("alerts", jobtext_alerts(status, text));
	status_flags(status);
	status_resources(status);
	status_processes(status);
	status_row("correlation", jobtext_or_dash(status, "correlation_id"));
}

static int
status_show(const struct jobref *ref, bool json)
{
	json_t *status = jobref_status(ref, true);
	int result = 0;

	if (status == NULL)
		return CMD_FAILED;
	if (json) {
		jobref_public(status);
		result = json_dumpf(status, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		status_page(status);
	}
	json_decref(status);
	return result == 0 ? CMD_OK : CMD_FAILED;
}

static int
cmd_status_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	bool json = false;
	struct jobref ref;
	const char *job;
	int option, code;

	while ((option = options_next(cmd, argc, argv, ":", longs)) != -1) {
		if (option == OPTIONS_BAD)
			return CMD_USAGE;
		json = true;
	}
	if ((job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	code = jobref_open(&ref, job);
	if (code == CMD_OK)
		code = status_show(&ref, json);
	jobref_close(&ref);
	return code;
}

const struct cmd cmd_status = {
	.name = "status",
	.usage = "[--json] JOB",
	.brief = "show everything about one job",
	.help = "  --json   the same as one JSON document\n",
	.run = cmd_status_run,
};
