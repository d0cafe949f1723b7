/*
 * commands.c - the table of all commands, in the order in which help lists
 * them: what starts a job, what looks at it, what changes it, the rest.
 *
 * A command of the contract that is not built yet is a row all the same, so
 * that its name is known, and asking for it gives an honest answer.
 */
#include "commands.h"

#include <stddef.h>

#define LATER(id, words, options, what)      \
	static const struct cmd cmd_##id = { \
		.name = words,               \
		.usage = options,            \
		.brief = what,               \
		.flags = CMD_LATER,          \
	}

LATER(restart, "restart", "JOB", "start a job once more, same log, same seq");
LATER(compile, "compile", "SPEC [-o FILE]", "compile a classifier program");
LATER(programs, "programs", "[--json]", "list compiled classifier programs");
LATER(feedback, "feedback", "JOB SEQ good|bad [--label ALERT|QUIET]",
    "teach: was this alert right?");
LATER(trace, "trace", "list|read|anomalies [FILE|JOB] [--json]",
    "actions that hang, failed or were cancelled");
LATER(action, "action", "begin|end|cancel|error|run NAME",
    "tell of an action from a script inside a job");
LATER(metrics, "metrics", "JOB [--json|--csv|--plot|--report]",
    "metrics and progress found in the output");
LATER(mute, "mute", "JOB DURATION", "send nothing about a job for a while");
LATER(ack, "ack", "JOB SEQ", "take an alert as seen");
LATER(timeline, "timeline", "CORRELATION_ID",
    "what all jobs of one correlation id said and did");
LATER(report, "report", "--daily|--weekly [--json] [--send CHANNEL]",
    "alerts, errors and failed jobs of a day or a week");
LATER(collect, "collect", "[--watch] [--logs DIR]...",
    "bring job files and LLM call logs into the database");
LATER(serve, "serve", "[--listen ADDR:PORT]", "web pages, API and metrics");
LATER(llm, "llm", "list|show|checks|stats|feedback|prices",
    "look at LLM call logs");
LATER(fake, "fake", "--count N --hours H", "make up LLM call logs to try with");
LATER(doctor, "doctor", "", "check the installation");

const struct cmd *const commands[] = {
	&cmd_run,
	&cmd_watch,
	&cmd_ps,
	&cmd_status,
	&cmd_logs,
	&cmd_events,
	&cmd_attach,
	&cmd_wait,
	&cmd_stop,
	&cmd_kill,
	&cmd_restart,
	&cmd_rotate,
	&cmd_rm,
	&cmd_prune,
	&cmd_recover,
	&cmd_policy,
	&cmd_notify,
	&cmd_mute,
	&cmd_ack,
	&cmd_compile,
	&cmd_programs,
	&cmd_classify,
	&cmd_feedback,
	&cmd_trace,
	&cmd_action,
	&cmd_metrics,
	&cmd_timeline,
	&cmd_report,
	&cmd_collect,
	&cmd_serve,
	&cmd_llm,
	&cmd_fake,
	&cmd_doctor,
	&cmd_help,
	NULL,
};
