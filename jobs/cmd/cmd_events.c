/*
 * cmd_events.c - `jobwatch events JOB`: what happened, as the supervisor
 * wrote it down.
 *
 * --json hands the lines on as they stand; for people each becomes a line
 * with what the job printed escaped.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "event.h"
#include "jobend.h"
#include "jobref.h"
#include "jobtext.h"
#include "notice.h"
#include "options.h"
#include "track.h"
#include "utf8.h"

struct events {
	struct jobref ref;
	bool follow;
	bool json;
	bool colour;
	bool docs;    /* the registry's table instead of a job's events */
	int severity; /* the least to show */
	int fd;	      /* of the file; -1: not there yet */
	struct event_reader reader;
	bool over; /* the last word on the job's life was its end */
};

/* --- one event ---------------------------------------------------------- */

static const char *
events_colour(const struct events *events, int severity)
{
	static const char *const colours[SEVERITY_COUNT] = {
		[SEVERITY_NONE] = "\033[2m",
		[SEVERITY_LOW] = "\033[32m",
		[SEVERITY_MEDIUM] = "\033[33m",
		[SEVERITY_HIGH] = "\033[31m",
		[SEVERITY_CRITICAL] = "\033[1;31m",
	};

	return events->colour ? colours[severity] : "";
}

static void
events_print(const struct events *events, const json_t *event, int severity)
{
	const char *time = jobtext_or_dash(event, "time");
	const char *name = jobtext_or_dash(event, "event");
	json_t *message = json_object_get(event, "message");
	json_int_t count = json_integer_value(json_object_get(event, "count"));
	char local[CLOCK_TEXT];
	int64_t us;

	if (clock_parse(time, &us) == 0)
		time = clock_local(us, local);
	utf8_print(stdout, time, strlen(time));
	printf("  %s%-8s%s  ", events_colour(events, severity),
	    severity_name((enum severity)severity),
	    events->colour ? "\033[0m" : "");
	utf8_print(stdout, name, strlen(name));
	for (size_t n = strlen(name); n < 16; n++)
		putchar(' ');
	putchar(' ');
	if (json_is_string(message)) /* which may hold any byte, NUL too */
		utf8_print(stdout, json_string_value(message),
		    json_string_length(message));
	if (count > 1)
		printf("  (%" JSON_INTEGER_FORMAT " times)", count);
	putchar('\n');
}

/* A line that is not an event is passed over. */
static void
events_line(struct events *events, const char *line, size_t n)
{
	json_t *event = json_loadb(line, n, JSON_ALLOW_NUL, NULL);
	const char *word = jobtext_or_dash(event, "severity");
	int severity = severity_parse(word);

	events->over = jobend_after(jobtext_or_dash(event, "event"),
	    events->over);
	if (severity == -1)
		severity = SEVERITY_NONE;
	if (event != NULL && severity >= events->severity) {
		if (events->json) {
			fwrite(line, 1, n, stdout);
			putchar('\n');
		} else {
			events_print(events, event, severity);
		}
	}
	json_decref(event);
}

/* --- all of them -------------------------------------------------------- */

/* 0, also when the file is not there yet; -1: errno. */
static int
events_open(struct events *events)
{
	if (events->fd != -1)
		return 0;
	events->fd = openat(events->ref.dir, EVENTS_FILE, O_RDONLY | O_CLOEXEC);
	if (events->fd == -1)
		return errno == ENOENT ? 0 : -1;
	return event_reader_init(&events->reader, events->fd, 0);
}

/* Shows what is there. CMD_OK, or CMD_FAILED and said (or stdout is gone). */
static int
events_read(struct events *events)
{
	char *line;
	size_t n;
	int result = events_open(events);

	while (result == 0 && events->fd != -1) {
		int found = event_reader_next(&events->reader, &line, &n);

		if (found == 0)
			break;
		if (found == 1)
			events_line(events, line, n);
		else if (errno != EMSGSIZE)
			result = -1;
	}
	if (result == -1)
		return cmd_error(CMD_FAILED,
		    "cannot read the events of %s: "
		    "%s",
		    events->ref.id, strerror(errno));
	return cmd_flush();
}

/* Sleeps until there may be more. False: nobody reads us any more. */
static bool
events_poll(struct track *track, int notice)
{
	struct pollfd p[] = {
		{ .fd = notice, .events = POLLIN },
		{ .fd = track_fd(track), .events = POLLIN },
		{ .fd = STDOUT_FILENO, .events = 0 },
	};
	int wait = track_wait_ms(track);

	if (notice == -1 && (wait == -1 || wait > NOTICE_BLIND_MS))
		wait = NOTICE_BLIND_MS;
	if (poll(p, sizeof(p) / sizeof(p[0]), wait) == -1)
		return true;
	if (p[1].revents != 0 || p[1].fd == -1)
		track_step(track);
	return (p[2].revents & POLLERR) == 0;
}

/* Until the job is over and its last event was seen. */
static int
events_follow(struct events *events)
{
	struct why why;
	struct track *track = track_open(events->ref.dir, events->ref.path,
	    events->ref.id, &why);
	int notice, code;

	if (track == NULL)
		return cmd_error(CMD_FAILED, "%s", why.text);
	notice = notice_open(events->ref.dir);
	for (;;) {
		bool last = track_settled(track);

		notice_drain(notice);
		code = events_read(events);
		if (code != CMD_OK || last ||
		    (track_drained(track) && events->over))
			break;
		if (!events_poll(track, notice)) {
			code = CMD_FAILED;
			break;
		}
	}
	if (notice != -1)
		close(notice);
	track_close(track);
	return code;
}

static void
events_release(struct events *events)
{
	if (events->fd != -1) {
		event_reader_release(&events->reader);
		close(events->fd);
	}
	jobref_close(&events->ref);
}

/* 0, or -1: said. */
static int
events_option(struct events *events, const struct cmd *cmd, int option)
{
	switch (option) {
	case 'f':
		events->follow = true;
		return 0;
	case 'j':
		events->json = true;
		return 0;
	case 'd':
		events->docs = true;
		return 0;
	case 's':
		events->severity = options_severity(cmd, optarg);
		return events->severity == -1 ? -1 : 0;
	default:
		return -1;
	}
}

static int
cmd_events_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "severity", required_argument, NULL, 's' },
		{ "docs", no_argument, NULL, 'd' },
		{ 0 },
	};
	struct events events = { .fd = -1 };
	const char *job;
	int option, code;

	while ((option = options_next(cmd, argc, argv, ":fs:", longs)) != -1)
		if (events_option(&events, cmd, option) == -1)
			return CMD_USAGE;
	if (events.docs) {
		registry_print(stdout);
		return cmd_flush();
	}
	if ((job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	events.colour = jobtext_colour(stdout);
	code = jobref_open(&events.ref, job);
	if (code == CMD_OK)
		code = events.follow ? events_follow(&events)
				     : events_read(&events);
	events_release(&events);
	return code;
}

const struct cmd cmd_events = {
	.name = "events",
	.usage = "[-f] [--severity S] [--json] JOB | --docs",
	.brief = "show what happened to a job",
	.help = "  -f, --follow       go on until the job is over\n"
		"  -s, --severity S   only those of severity S and above\n"
		"                     (critical, high, medium, low, none)\n"
		"  --json             one JSON object a line, as recorded\n"
		"  --docs             the events that there are, in Markdown\n",
	.run = cmd_events_run,
};
