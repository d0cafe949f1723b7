/*
 * cmd_logs.c - `jobwatch logs JOB`: what the job printed, across all its
 * segments as if they were one file.
 *
 * Bare, it is the exact bytes of both streams in the order of arrival, on
 * stdout, from the first one that is kept; -t and --json cut it into lines.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "logs.h"
#include "options.h"

enum logs_option {
	OPTION_STDOUT = 256,
	OPTION_STDERR,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_JSON,
	OPTION_GREP,
	OPTION_ALERTS,
	OPTION_RAW,
};

static const struct option logs_options[] = {
	{ "follow", no_argument, NULL, 'f' },
	{ "lines", required_argument, NULL, 'n' },
	{ "time", no_argument, NULL, 't' },
	{ "timestamps", no_argument, NULL, 't' },
	{ "since", required_argument, NULL, OPTION_SINCE },
	{ "until", required_argument, NULL, OPTION_UNTIL },
	{ "stdout", no_argument, NULL, OPTION_STDOUT },
	{ "stderr", no_argument, NULL, OPTION_STDERR },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "grep", required_argument, NULL, OPTION_GREP },
	{ "alerts", no_argument, NULL, OPTION_ALERTS },
	{ "raw", no_argument, NULL, OPTION_RAW },
	{ 0 },
};

/* -A, -B, -C, --grep, --alerts and --raw: named in the contract, built in a
 * later version. */
static bool
logs_option_is_later(int option)
{
	return option == 'A' || option == 'B' || option == 'C' ||
	    option == OPTION_GREP || option == OPTION_ALERTS ||
	    option == OPTION_RAW;
}

/* CMD_OK, or an exit code: said. */
static int
logs_take_flag(struct logs *logs, const struct cmd *cmd, int option)
{
	switch (option) {
	case 'f':
		logs->follow = true;
		break;
	case 't':
		logs->time = true;
		break;
	case OPTION_JSON:
		logs->json = true;
		break;
	case OPTION_STDOUT:
		logs->streams[STREAM_STDOUT] = true;
		break;
	case OPTION_STDERR:
		logs->streams[STREAM_STDERR] = true;
		break;
	default:
		if (logs_option_is_later(option))
			return cmd_error(CMD_NO,
			    "%s: searching the output is "
			    "not there yet in this version (pipe it to grep)",
			    cmd->name);
		return CMD_USAGE;
	}
	return CMD_OK;
}

static int
logs_take_option(struct logs *logs, const struct cmd *cmd, int option)
{
	int result;

	switch (option) {
	case 'n':
		logs->tail = true;
		result = options_number(cmd, optarg, &logs->lines);
		break;
	case OPTION_SINCE:
		result = options_time(cmd, optarg, &logs->since_us);
		break;
	case OPTION_UNTIL:
		result = options_time(cmd, optarg, &logs->until_us);
		break;
	default:
		return logs_take_flag(logs, cmd, option);
	}
	return result == 0 ? CMD_OK : CMD_USAGE;
}

static int
logs_job(struct logs *logs, const char *job)
{
	struct logs_range range;
	struct why why;
	int code = jobref_open(&logs->ref, job);

	if (code != CMD_OK)
		return code;
	/* Neither stream asked for: both. */
	if (!logs->streams[STREAM_STDOUT] && !logs->streams[STREAM_STDERR])
		logs->streams[STREAM_STDOUT] = logs->streams
						   [STREAM_STDERR] = true;
	if (logs_range(logs, &range, &why) == -1)
		return cmd_error(CMD_FAILED, "%s: %s", logs->ref.id, why.text);
	return logs->time || logs->json ? logs_show_lines(logs, &range)
					: logs_show_bytes(logs, &range);
}

static int
cmd_logs_run(const struct cmd *cmd, int argc, char **argv)
{
	struct logs logs = {
		.ref = { .home = -1, .dir = -1 },
		.until_us = INT64_MAX,
	};
	const char *job;
	int option, code;

	while ((option = options_next(cmd, argc, argv,
		    ":fn:tA:B:C:", logs_options)) != -1)
		if ((code = logs_take_option(&logs, cmd, option)) != CMD_OK)
			return code;
	if ((job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	code = logs_job(&logs, job);
	jobref_close(&logs.ref);
	return code;
}

const struct cmd cmd_logs = {
	.name = "logs",
	.usage = "[-f] [-n N] [-t] [--since T] [--until T] "
		 "[--stdout|--stderr] [--json] JOB",
	.brief = "show what a job printed, byte for byte",
	.help = "  -f, --follow   go on until the job is over\n"
		"  -n, --lines N  only the last N lines\n"
		"  -t, --time     each line with the time of its arrival\n"
		"  --since T      from T on: a duration back from now (10m), "
		"or a time\n"
		"  --until T      up to T\n"
		"  --stdout       only what came on stdout\n"
		"  --stderr       only what came on stderr\n"
		"  --json         {\"time\",\"stream\",\"offset\",\"text\"} "
		"for each line\n",
	.run = cmd_logs_run,
};
