/*
 * policy_schema.c - see policy_schema.h.
 */
#include "policy_schema.h"

#include <string.h>

#define SEVERITIES "critical high medium low none"
#define KINDS "failure warning milestone completion metric progress noise"
#define DO "notify kill restart none"
#define CHANNELS                                                        \
	"webhook ntfy slack discord telegram pushover teams pagerduty " \
	"opsgenie twilio email alertmanager gotify matrix apprise exec file"

/* What zstd would do, gzip does where the build has no libzstd. */
#ifdef HAVE_ZSTD
#define COMPRESS "zstd"
#else
#define COMPRESS "gzip"
#endif

/* Milliseconds: what no job outlives, and the unit of "min" below. */
#define SECOND INT64_C(1000)
#define AGES (INT64_C(3660) * 86400 * SECOND)
#define BYTES (INT64_C(1) << 60)
#define COUNT_MAX 1000000

/* The columns of a row, named once; the rows then read as a table. */
#define ROW(s, k, t, ...)                          \
	{                                          \
		s, k, POLICY_TYPE_##t, __VA_ARGS__ \
	}
#define PLAIN false, NULL, NULL, 0, 0
#define NEEDED true, NULL, NULL, 0, 0
#define IS(initial) false, initial, NULL, 0, 0
#define ONE_OF(initial, choices) false, initial, choices, 0, 0
#define SPAN(initial, min) false, initial, NULL, min, AGES
#define SIZED(initial) false, initial, NULL, 1, BYTES
#define RANGE(initial, min, max) false, initial, NULL, min, max

const struct policy_section policy_sections[] = {
	{ "job", false },
	{ "stall", false },
	{ "limits", false },
	{ "stop", false },
	{ "restart", false },
	{ "log", false },
	{ "classify", false },
	{ "classify.example", true },
	{ "rule", true },
	{ "action", true },
	{ "metrics", false },
	{ "metrics.pattern", true },
	{ "metrics.alarm", true },
	{ "event", true },
	{ "redact", false },
	{ "notify", false },
	{ "notify.threshold", true },
	{ "channel", true },
	{ "heartbeat", false },
	{ "sandbox", false },
	{ NULL, false },
};

const struct policy_row policy_rows[] = {
	ROW("job", "name", JOB_NAME, PLAIN),
	ROW("job", "kind", NAME, PLAIN),
	ROW("job", "cwd", PATH, PLAIN),
	ROW("job", "env", ENV, PLAIN),
	ROW("job", "pty", BOOL, IS("false")),
	ROW("job", "umask", UMASK, PLAIN),
	ROW("job", "nice", INT, RANGE("0", -20, 19)),
	ROW("job", "merge", BOOL, IS("false")),
	ROW("job", "python_buffering", ENUM, ONE_OF("line", "line none keep")),
	ROW("job", "correlation_id", NAME, PLAIN),
	ROW("job", "events", INPUT, PLAIN),

	ROW("stall", "timeout", DURATION_AUTO, SPAN(NULL, 1)),
	ROW("stall", "startup_timeout", DURATION, SPAN(NULL, 1)),
	ROW("stall", "do", ENUM, ONE_OF("notify", DO)),
	ROW("stall", "kill_after", DURATION, SPAN(NULL, 0)),
	ROW("stall", "evidence", BOOL, IS("true")),

	ROW("limits", "wall_time", DURATION, SPAN(NULL, 1)),
	ROW("limits", "rss", SIZE, SIZED(NULL)),
	ROW("limits", "min_runtime", DURATION, SPAN(NULL, 0)),
	ROW("limits", "disk_free", SIZE, SIZED(NULL)),

	ROW("stop", "signal", SIGNAL, IS("TERM")),
	ROW("stop", "grace", DURATION, SPAN("30s", 0)),
	ROW("stop", "pre_signal", SIGNAL, PLAIN),
	ROW("stop", "strays", ENUM, ONE_OF("leave", "leave kill")),

	ROW("restart", "on", ENUM,
	    ONE_OF("never", "never failure stall always")),
	ROW("restart", "max", INT, RANGE("3", 0, COUNT_MAX)),
	ROW("restart", "within", DURATION, SPAN("1h", 1)),
	ROW("restart", "backoff", DURATION, SPAN("10s", 0)),
	ROW("restart", "backoff_max", DURATION, SPAN("5m", 0)),
	ROW("restart", "no_restart_codes", INTS, RANGE(NULL, 0, 255)),

	ROW("log", "max_size", SIZE, SIZED("100MB")),
	ROW("log", "max_age", DURATION, SPAN("1d", SECOND)),
	ROW("log", "keep", INT, RANGE("10", 1, COUNT_MAX)),
	ROW("log", "total_size", SIZE, SIZED("2GB")),
	ROW("log", "compress", ENUM, ONE_OF(COMPRESS, "zstd gzip none")),
	ROW("log", "delay_compress", BOOL, IS("true")),
	ROW("log", "schedule", ENUM, ONE_OF(NULL, "hourly daily")),
	ROW("log", "max_retention", DURATION, SPAN(NULL, SECOND)),
	ROW("log", "archive", PATH, PLAIN),
	ROW("log", "on_rotate", TEXT, PLAIN),
	ROW("log", "on_rotate_timeout", DURATION, SPAN("1m", 1)),
	ROW("log", "on_full", ENUM, ONE_OF("drop-oldest", "drop-oldest block")),

	ROW("classify", "program", PROGRAM, PLAIN),
	ROW("classify", "spec", INPUT, PLAIN),
	ROW("classify", "focus", TEXTS, PLAIN),
	ROW("classify", "ignore", TEXTS, PLAIN),
	ROW("classify", "threshold", REAL, RANGE("0.5", 0, 1)),
	ROW("classify", "base", BOOL, IS("true")),
	ROW("classify", "novelty", ENUM,
	    ONE_OF("off", "off low medium high critical")),

	ROW("classify.example", "input", TEXT, NEEDED),
	ROW("classify.example", "output", ENUM, true, NULL, "ALERT QUIET", 0,
	    0),
	ROW("classify.example", "severity", ENUM, ONE_OF(NULL, SEVERITIES)),

	ROW("rule", "name", NAME, NEEDED),
	ROW("rule", "pattern", PATTERN, NEEDED),
	ROW("rule", "stream", ENUM, ONE_OF("any", "any stdout stderr")),
	ROW("rule", "severity", ENUM, ONE_OF("high", SEVERITIES)),
	ROW("rule", "kind", ENUM, ONE_OF("failure", KINDS)),
	ROW("rule", "do", ENUM, ONE_OF("notify", DO)),
	ROW("rule", "title", STRING, PLAIN),
	ROW("rule", "runbook", STRING, PLAIN),
	ROW("rule", "count", INT, RANGE("1", 1, 1000)),
	ROW("rule", "window", DURATION, SPAN(NULL, 1)),
	ROW("rule", "cooldown", DURATION, SPAN(NULL, 0)),

	ROW("action", "name", NAME, NEEDED),
	ROW("action", "begin", PATTERN, PLAIN),
	ROW("action", "end", PATTERN, PLAIN),
	ROW("action", "error", PATTERN, PLAIN),
	ROW("action", "timeout", DURATION, SPAN(NULL, 1)),
	ROW("action", "severity", ENUM, ONE_OF("high", SEVERITIES)),
	ROW("action", "do", ENUM, ONE_OF("notify", DO)),

	ROW("metrics", "extract", BOOL, IS("true")),
	ROW("metrics.pattern", "name", NAME, NEEDED),
	ROW("metrics.pattern", "pattern", PATTERN, NEEDED),
	ROW("metrics.alarm", "metric", NAME, NEEDED),
	ROW("metrics.alarm", "when", ENUM, true, NULL,
	    "nan spike plateau overfit above below", 0, 0),
	ROW("metrics.alarm", "value", REAL, PLAIN),
	ROW("metrics.alarm", "window", WINDOW, SPAN(NULL, 1)),
	ROW("metrics.alarm", "severity", ENUM, ONE_OF("medium", SEVERITIES)),
	ROW("metrics.alarm", "do", ENUM, ONE_OF("notify", DO)),

	ROW("event", "name", EVENT_NAME, NEEDED),
	ROW("event", "severity", ENUM, ONE_OF(NULL, SEVERITIES)),
	ROW("event", "keys", NAMES, PLAIN),
	ROW("event", "summary", TEXT, PLAIN),

	ROW("redact", "patterns", PATTERNS, PLAIN),
	ROW("redact", "builtin", BOOL, IS("true")),

	ROW("notify", "min_severity", ENUM, ONE_OF("medium", SEVERITIES)),
	ROW("notify", "dedup", DURATION, SPAN("30m", 0)),
	ROW("notify", "group_wait", DURATION, SPAN("2s", 0)),
	ROW("notify", "quiet_hours", HOURS, PLAIN),
	ROW("notify", "digest", DURATION, SPAN(NULL, SECOND)),
	ROW("notify", "repeat", DURATION, SPAN(NULL, SECOND)),
	ROW("notify", "max_per_hour", INT, RANGE("30", 1, COUNT_MAX)),
	ROW("notify", "context_lines", INT, RANGE("20", 0, 200)),
	ROW("notify", "linger", DURATION, SPAN("15s", 0)),
	ROW("notify.threshold", "severity", ENUM, true, NULL, SEVERITIES, 0, 0),
	ROW("notify.threshold", "count", INT, true, NULL, NULL, 1, COUNT_MAX),
	ROW("notify.threshold", "window", DURATION, SPAN("1h", 1)),

	/* policy_tree_fill names a channel that has no name by its type. */
	ROW("channel", "name", NAME, PLAIN),
	ROW("channel", "type", ENUM, true, NULL, CHANNELS, 0, 0),
	ROW("channel", "min_severity", ENUM, ONE_OF(NULL, SEVERITIES)),
	ROW("channel", "kinds", ENUMS, ONE_OF(NULL, KINDS)),
	ROW("channel", "jobs", NAMES, PLAIN),
	ROW("channel", "fallback", NAME, PLAIN),
	ROW("channel", "continue", BOOL, IS("true")),
	ROW("channel", "secret", SECRET, PLAIN),
	ROW("channel", "allow_private", BOOL, IS("true")),
	ROW("channel", "expire", DURATION, SPAN("1d", SECOND)),
	ROW("channel", "url", URL, PLAIN),
	ROW("channel", "token", SECRET, PLAIN),
	ROW("channel", "priority", INT, RANGE(NULL, 1, 5)),
	ROW("channel", "reply_topic", SECRET, PLAIN),
	ROW("channel", "channel", STRING, PLAIN),
	ROW("channel", "chat", ID, PLAIN),
	ROW("channel", "user", SECRET, PLAIN),
	ROW("channel", "password", SECRET, PLAIN),
	ROW("channel", "routing_key", SECRET, PLAIN),
	ROW("channel", "key", SECRET, PLAIN),
	ROW("channel", "sid", STRING, PLAIN),
	ROW("channel", "from", STRING, PLAIN),
	ROW("channel", "to", STRING, PLAIN),
	ROW("channel", "room", STRING, PLAIN),
	ROW("channel", "command", STRING, PLAIN),
	ROW("channel", "path", PATH, PLAIN),

	ROW("heartbeat", "url", URL, PLAIN),
	ROW("heartbeat", "every", DURATION, SPAN("5m", SECOND)),

	ROW("sandbox", "network", BOOL, IS("true")),
	ROW("sandbox", "ptrace", BOOL, IS("true")),
	ROW("sandbox", "write", PATHS, PLAIN),
	{ NULL, NULL, POLICY_TYPE_NONE, PLAIN },
};

const struct policy_channel policy_channels[] = {
	{ "webhook", "url", NULL, "" },
	{ "ntfy", "url", NULL, "token priority reply_topic" },
	{ "slack", "url", "token channel", "" },
	{ "discord", "url", NULL, "" },
	{ "telegram", "token chat", NULL, "url" },
	{ "pushover", "token user", NULL, "url" },
	{ "teams", "url", NULL, "" },
	{ "pagerduty", "routing_key", NULL, "url" },
	{ "opsgenie", "key", NULL, "url" },
	{ "twilio", "sid token from to", NULL, "url" },
	{ "email", "url from to", NULL, "user password" },
	{ "alertmanager", "url", NULL, "" },
	{ "gotify", "url token", NULL, "" },
	{ "matrix", "url token room", NULL, "" },
	{ "apprise", "url", NULL, "" },
	{ "exec", "command", NULL, "" },
	{ "file", "path", NULL, "" },
	{ NULL, NULL, NULL, NULL },
};

const struct policy_row *
policy_row_find(const char *section, const char *key)
{
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++)
		if (strcmp(row->section, section) == 0 &&
		    strcmp(row->key, key) == 0)
			return row;
	return NULL;
}

const struct policy_row *
policy_row_of(const char *dotted)
{
	const char *dot = strrchr(dotted, '.');
	size_t length = dot == NULL ? 0 : (size_t)(dot - dotted);

	for (const struct policy_row *row = policy_rows;
	     dot != NULL && row->section != NULL; row++)
		if (strlen(row->section) == length &&
		    strncmp(row->section, dotted, length) == 0 &&
		    strcmp(row->key, dot + 1) == 0)
			return row;
	return NULL;
}

const struct policy_section *
policy_section_find(const char *name)
{
	for (const struct policy_section *section = policy_sections;
	     section->name != NULL; section++)
		if (strcmp(section->name, name) == 0)
			return section;
	return NULL;
}

const struct policy_channel *
policy_channel_find(const char *type)
{
	for (const struct policy_channel *channel = policy_channels;
	     channel->type != NULL; channel++)
		if (strcmp(channel->type, type) == 0)
			return channel;
	return NULL;
}

size_t
policy_words_next(const char **p, const char **word)
{
	size_t length;

	*p += strspn(*p, " ");
	*word = *p;
	length = strcspn(*p, " ");
	*p += length;
	return length;
}

bool
policy_words_have(const char *list, const char *word, size_t length)
{
	const char *p = list, *each;
	size_t n;

	while ((n = policy_words_next(&p, &each)) > 0)
		if (n == length && memcmp(each, word, n) == 0)
			return true;
	return false;
}
