/*
 * cmd_logs.c - `jobwatch logs JOB`: what the job printed, across all its
 * segments as if they were one file.
 *
 * Bare, and not on a terminal, it is the exact bytes of both streams in the
 * order of arrival, from the first one that is kept. On a terminal, or when
 * lines are asked for (-t, --grep, --alerts, --json), it is cut into lines:
 * progress bars folded, control bytes escaped where a terminal reads them.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "jobtext.h"
#include "logs.h"
#include "options.h"
#include "pager.h"
#include "pattern.h"
#include "selection.h"

enum logs_option {
	OPTION_STDOUT = 256,
	OPTION_STDERR,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_FROM,
	OPTION_JSON,
	OPTION_ALERTS,
	OPTION_RAW,
	OPTION_NO_PAGER,
};

static const struct option logs_options[] = {
	{ "follow", no_argument, NULL, 'f' },
	{ "lines", required_argument, NULL, 'n' },
	{ "tail", required_argument, NULL, 'n' },
	{ "time", no_argument, NULL, 't' },
	{ "timestamps", no_argument, NULL, 't' },
	{ "since", required_argument, NULL, OPTION_SINCE },
	{ "until", required_argument, NULL, OPTION_UNTIL },
	{ "from", required_argument, NULL, OPTION_FROM },
	{ "offset", required_argument, NULL, OPTION_FROM },
	{ "stdout", no_argument, NULL, OPTION_STDOUT },
	{ "stderr", no_argument, NULL, OPTION_STDERR },
	{ "grep", required_argument, NULL, 'g' },
	{ "ignore-case", no_argument, NULL, 'i' },
	{ "invert-match", no_argument, NULL, 'v' },
	{ "fixed-strings", no_argument, NULL, 'F' },
	{ "after-context", required_argument, NULL, 'A' },
	{ "before-context", required_argument, NULL, 'B' },
	{ "context", required_argument, NULL, 'C' },
	{ "alerts", no_argument, NULL, OPTION_ALERTS },
	{ "severity", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "raw", no_argument, NULL, OPTION_RAW },
	{ "no-pager", no_argument, NULL, OPTION_NO_PAGER },
	{ 0 },
};

#define LOGS_UNSET ULONG_MAX /* of a number of lines */

/* What the options say, before it is known to make sense. */
struct logs_request {
	struct logs logs;
	const struct cmd *cmd;
	unsigned long around; /* -C, where -A or -B say nothing */
};

bool
logs_as_lines(const struct logs *logs)
{
	return logs->time || logs->json || logs->grep != NULL || logs->alerts ||
	    (logs->terminal && !logs->raw);
}

/* 0, or -1: said. */
static int
logs_take_flag(struct logs_request *request, int option)
{
	struct logs *logs = &request->logs;
	const struct {
		int option;
		bool *flag;
	} flags[] = {
		{ 'f', &logs->follow },
		{ 't', &logs->time },
		{ 'v', &logs->invert },
		{ OPTION_JSON, &logs->json },
		{ OPTION_RAW, &logs->raw },
		{ OPTION_NO_PAGER, &logs->unpaged },
		{ OPTION_ALERTS, &logs->alerts },
		{ OPTION_STDOUT, &logs->streams[STREAM_STDOUT] },
		{ OPTION_STDERR, &logs->streams[STREAM_STDERR] },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].option == option) {
			*flags[i].flag = true;
			return 0;
		}
	if (option == 'i')
		logs->pattern_flags |= PATTERN_NOCASE;
	else if (option == 'F')
		logs->pattern_flags |= PATTERN_LITERAL;
	else
		return -1;
	return 0;
}

static int
logs_take_pattern(struct logs_request *request)
{
	if (request->logs.grep != NULL) {
		cmd_usage(request->cmd,
		    "one --grep only: write \"this|that\" for either");
		return -1;
	}
	request->logs.grep = optarg;
	return 0;
}

static int
logs_take_severity(struct logs_request *request)
{
	int severity = options_severity(request->cmd, optarg);

	if (severity == -1)
		return -1;
	request->logs.severity = (enum severity)severity;
	request->logs.alerts = true;
	return 0;
}

static int
logs_take_option(struct logs_request *request, int option)
{
	const struct cmd *cmd = request->cmd;
	struct logs *logs = &request->logs;
	unsigned long number;

	switch (option) {
	case 'n':
		logs->counted = true;
		return options_number(cmd, optarg, &logs->lines);
	case 'A':
		return options_number(cmd, optarg, &logs->after);
	case 'B':
		return options_number(cmd, optarg, &logs->before);
	case 'C':
		return options_number(cmd, optarg, &request->around);
	case 'g':
		return logs_take_pattern(request);
	case 's':
		return logs_take_severity(request);
	case OPTION_SINCE:
		return options_time(cmd, optarg, &logs->since_us);
	case OPTION_UNTIL:
		return options_time(cmd, optarg, &logs->until_us);
	case OPTION_FROM:
		logs->from_given = true;
		if (options_number(cmd, optarg, &number) == -1)
			return -1;
		logs->from = number;
		return 0;
	default:
		return logs_take_flag(request, option);
	}
}

/* What was left open, and what does not go together. CMD_OK, or said. */
static int
logs_settle(struct logs_request *request)
{
	struct logs *logs = &request->logs;
	bool chosen = logs->grep != NULL || logs->alerts;
	bool around = request->around != LOGS_UNSET ||
	    logs->before != LOGS_UNSET || logs->after != LOGS_UNSET;

	if (around && !chosen)
		return cmd_usage(request->cmd,
		    "-A, -B and -C show lines around those of --grep or "
		    "--alerts");
	if (logs->grep == NULL && (logs->invert || logs->pattern_flags != 0))
		return cmd_usage(request->cmd, "-i, -v and -F need --grep");
	if (logs->follow && logs->from_given && logs->counted)
		return cmd_usage(request->cmd,
		    "with --from, -n counts lines on from there, and -f does "
		    "not stop");
	if (request->around == LOGS_UNSET)
		request->around = 0;
	if (logs->before == LOGS_UNSET)
		logs->before = request->around;
	if (logs->after == LOGS_UNSET)
		logs->after = request->around;
	/* Neither stream asked for: both. */
	if (!logs->streams[STREAM_STDOUT] && !logs->streams[STREAM_STDERR])
		logs->streams[STREAM_STDOUT] = logs->streams
						   [STREAM_STDERR] = true;
	logs->terminal = isatty(STDOUT_FILENO);
	logs->colour = jobtext_colour(stdout) && !logs->raw;
	return CMD_OK;
}

/* "monday" is the next one: nobody means that. */
static void
logs_look_ahead(const struct logs *logs)
{
	char time[CLOCK_TEXT];

	if (logs->since_us > clock_real_us())
		cmd_error(0, "--since %s lies ahead",
		    clock_local(logs->since_us, time));
}

/* Lines, through a pager where that is fitting. */
static int
logs_page(struct logs *logs, const struct selection *selection,
    const struct logs_range *range)
{
	struct pager pager;
	int code;

	logs->paged = logs->terminal && !logs->raw && !logs->follow &&
	    !logs->unpaged && pager_start(&pager);
	code = logs_show_lines(logs, selection, range);
	if (logs->paged && !pager_end(&pager)) {
		logs->paged = false;
		code = logs_show_lines(logs, selection, range);
	}
	return code;
}

static int
logs_show(struct logs *logs, const struct selection *selection)
{
	struct logs_range range;
	struct why why;

	if (logs_range(logs, selection, &range, &why) == -1)
		return cmd_error(CMD_FAILED, "%s: %s", logs->ref.id, why.text);
	return logs_as_lines(logs) ? logs_page(logs, selection, &range)
				   : logs_show_bytes(logs, &range);
}

static int
logs_run(struct logs *logs, const char *job)
{
	struct selection selection;
	int code = jobref_open(&logs->ref, job);

	if (code != CMD_OK)
		return code;
	code = selection_init(&selection, logs);
	if (code == CMD_OK)
		code = logs_show(logs, &selection);
	selection_release(&selection);
	return code;
}

static int
cmd_logs_run(const struct cmd *cmd, int argc, char **argv)
{
	struct logs_request request = {
		.cmd = cmd,
		.around = LOGS_UNSET,
		.logs = {
			.ref = { .home = -1, .dir = -1 },
			.until_us = INT64_MAX,
			.before = LOGS_UNSET,
			.after = LOGS_UNSET,
		},
	};
	const char *job;
	int option, code;

	while ((option = options_next(cmd, argc, argv,
		    ":fn:tg:ivFA:B:C:s:", logs_options)) != -1)
		if (logs_take_option(&request, option) == -1)
			return CMD_USAGE;
	if ((job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	if ((code = logs_settle(&request)) != CMD_OK)
		return code;
	logs_look_ahead(&request.logs);
	code = logs_run(&request.logs, job);
	jobref_close(&request.logs.ref);
	return code;
}

const struct cmd cmd_logs = {
	.name = "logs",
	.usage = "[-f] [-n N] [-t] [--since T] [--until T] [--grep PCRE] "
		 "[--alerts] [OPTIONS] JOB",
	.brief = "show what a job printed",
	.help =
	    "  -f, --follow      go on until the job is over\n"
	    "  -n, --lines N     only the last N lines (with --grep or "
	    "--alerts: of those)\n"
	    "  -t, --time        each line with the time of its arrival\n"
	    "  --since T         from T on: a duration back from now (10m, "
	    "\"2 hours\"), a\n"
	    "                    time (10:30, 2026-03-02T14:07:11Z) or a "
	    "day (yesterday)\n"
	    "  --until T         up to T\n"
	    "  --from OFFSET     from that byte of the output on, as events "
	    "and --json tell\n"
	    "                    it; -n N then counts the lines from there\n"
	    "  --stdout          only what came on stdout\n"
	    "  --stderr          only what came on stderr\n"
	    "\n"
	    "  -g, --grep PCRE   lines that match; exit 1 when none does\n"
	    "  -i, --ignore-case, -v, --invert-match, -F, --fixed-strings: "
	    "as in grep\n"
	    "  --alerts          lines that raised an event, with its "
	    "severity\n"
	    "  -s, --severity S  the same, only those of severity S and "
	    "above\n"
	    "  -A N, -B N, -C N  with N lines after, before, around each\n"
	    "\n"
	    "  --json            {\"time\",\"stream\",\"offset\",\"text\"} "
	    "for each line\n"
	    "  --raw             the bytes as they are, also on a terminal\n"
	    "  --no-pager        not through $JOBWATCH_PAGER, $PAGER or "
	    "less\n"
	    "\n"
	    "A file or a pipe gets the exact bytes. On a terminal, and where "
	    "lines are asked\n"
	    "for (-t, -g, --alerts, --json), a progress bar is folded to its "
	    "last state; a\n"
	    "terminal gets the job's colours, every other control byte "
	    "escaped. Patterns\n"
	    "meet a line as it is seen, without colours; one longer than "
	    "256 KiB comes, and\n"
	    "is matched, in pieces of that size.\n",
	.run = cmd_logs_run,
};
