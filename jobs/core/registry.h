/*
 * registry.h - every event that jobwatch itself may write: one row each.
 *
 * The row says the event's name, its usual severity, the data keys it may
 * carry (keys outside the list are dropped and counted) and what it means.
 * Code, checks and the documentation table are all made from these rows;
 * renaming an event is a breaking change, a new key is not.
 */
#ifndef JOBS_CORE_REGISTRY_H
#define JOBS_CORE_REGISTRY_H

#include <stdio.h>

#include "severity.h"

/* X(ENUM, name, severity, "data keys, space-separated", summary) */
#define REGISTRY_EVENTS(X)                                                    \
	X(JOB_START, "job.start", NONE, "pid attempt started_at",             \
	    "the job's process was started")                                  \
	X(JOB_EXIT, "job.exit", LOW,                                          \
	    "exit_code signal reason strays cpu_s max_rss_bytes runtime_s "   \
	    "actions_open",                                                   \
	    "the job ended; high after a failure, critical when killed")      \
	X(JOB_RESTART, "job.restart", MEDIUM, "attempt reason delay_s",       \
	    "the job is started once more")                                   \
	X(JOB_STOP, "job.stop", LOW, "by signal grace_s reason",              \
	    "the stop sequence began")                                        \
	X(JOB_LOST, "job.lost", CRITICAL, "pid last_output_at",               \
	    "the job's end was not seen; its exit status cannot be known")    \
	X(JOB_RECOVERED, "job.recovered", LOW, "process reason recoveries",   \
	    "a process of the family died and was replaced")                  \
	X(JOB_STALL, "job.stall", HIGH, "silent_s timeout_s evidence",        \
	    "no output for longer than the policy allows")                    \
	X(JOB_STALL_CLEAR, "job.stall.clear", LOW, "silent_s",                \
	    "output came again after a stall")                                \
	X(JOB_LIMIT, "job.limit", CRITICAL, "limit value",                    \
	    "a limit of the policy was reached")                              \
	X(OUTPUT_ALERT, "output.alert", HIGH, "rule suppressed",              \
	    "a line that is worth a person's attention")                      \
	X(OUTPUT_MILESTONE, "output.milestone", LOW, "rule suppressed",       \
	    "a line that tells of progress worth knowing")                    \
	X(ACTION_BEGIN, "action.begin", NONE, "id name detail timeout_s",     \
	    "the job began an action")                                        \
	X(ACTION_END, "action.end", NONE, "id name duration_s",               \
	    "an action ended")                                                \
	X(ACTION_CANCEL, "action.cancel", NONE, "id name duration_s",         \
	    "an action was cancelled")                                        \
	X(ACTION_ERROR, "action.error", MEDIUM, "id name duration_s error",   \
	    "an action failed")                                               \
	X(ACTION_TIMEOUT, "action.timeout", HIGH,                             \
	    "id name detail timeout_s evidence",                              \
	    "an action outlived its timeout")                                 \
	X(METRIC_ALARM, "metric.alarm", MEDIUM, "metric when value window",   \
	    "a metric left the range that the policy allows")                 \
	X(RESOURCE_ALARM, "resource.alarm", MEDIUM, "resource value limit",   \
	    "a resource is nearly used up")                                   \
	X(LOG_ROTATE, "log.rotate", NONE, "segment bytes trigger step error", \
	    "the active segment was closed")                                  \
	X(LOG_LOSS, "log.loss", CRITICAL, "offset length reason",             \
	    "output was lost; offset and length say which")                   \
	X(NOTIFY_SENT, "notify.sent", NONE, "channel of message_id attempts", \
	    "a notification was accepted by its receiver")                    \
	X(NOTIFY_FAILED, "notify.failed", NONE,                               \
	    "channel of message_id attempts error permanent",                 \
	    "a notification was refused, or its receiver not reached")        \
	X(NOTIFY_GAVEUP, "notify.gaveup", MEDIUM,                             \
	    "channel of message_id attempts error",                           \
	    "a notification expired undelivered")                             \
	X(FEEDBACK_GIVEN, "feedback.given", NONE, "of label comment",         \
	    "a person judged an event")

enum registry_event {
#define REGISTRY_ENUM(id, name, severity, keys, summary) EVENT_##id,
	REGISTRY_EVENTS(REGISTRY_ENUM)
#undef REGISTRY_ENUM
	    EVENT_COUNT
};

struct registry_row {
	const char *name;
	enum severity severity;
	const char *keys;
	const char *summary;
};

extern const struct registry_row registry_rows[EVENT_COUNT];

/* The event's value, or -1 for a name that is not registered. */
int registry_find(const char *name);
/* 1 when the row's list has the key, else 0. */
int registry_allows(enum registry_event event, const char *key);
/* The documentation table, in Markdown. */
void registry_print(FILE *out);

#endif
