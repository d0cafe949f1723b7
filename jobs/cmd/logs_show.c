/*
 * logs_show.c - prints a range of the output, and what is added to it.
 *
 * Bytes go from file to descriptor without passing through us; lines are
 * cut, stamped and printed through stdio.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "follow.h"
#include "jsonw.h"
#include "lines.h"
#include "logs.h"
#include "track.h"
#include "utf8.h"

#define SHOW_BLOCK 65536
/* An escaped byte is six characters; the other keys fit in the rest. */
#define SHOW_JSON_MAX (6 * LINES_MAX + 512)

struct show {
	const struct logs *logs;
	struct follow *follow;
	struct track *track; /* NULL: shows what is there and ends */
	struct outlet out;
	unsigned long skip;
	struct lines *lines;
	char *json; /* SHOW_JSON_MAX */
	bool clean; /* stdout is a terminal: escape */
};

/* --- bytes -------------------------------------------------------------- */

static int
show_failed(const struct show *show)
{
	return cmd_error(CMD_FAILED, "cannot read the output of %s: %s",
	    show->logs->ref.id, strerror(errno));
}

static int
show_closed(void)
{
	if (errno != EPIPE)
		cmd_error(0, "cannot write to stdout: %s", strerror(errno));
	return CMD_FAILED;
}

/* Steps over the lines before the first wanted one. CMD_OK, or said. */
static int
show_skip_lines(struct show *show)
{
	const struct logs *logs = show->logs;
	char bytes[SHOW_BLOCK];

	while (show->skip > 0) {
		struct segment_chunk chunk;
		ssize_t n = follow_read(show->follow, bytes, sizeof(bytes),
		    &chunk);
		const char *p = bytes;

		if (n == 0)
			break;
		if (n == -1)
			return show_failed(show);
		if (!logs->streams[chunk.stream])
			continue;
		while (show->skip > 0 &&
		    (p = memchr(p, '\n', (size_t)(bytes + n - p))) != NULL) {
			p++;
			show->skip--;
		}
		if (show->skip == 0)
			follow_seek(show->follow,
			    chunk.offset + (uint64_t)(p - bytes));
	}
	return CMD_OK;
}

/* All that is there now. CMD_OK, or an exit code. */
static int
show_bytes(struct show *show)
{
	const bool *wanted = show->logs->streams;
	struct outlet *const outlets[] = {
		wanted[STREAM_STDOUT] ? &show->out : NULL,
		wanted[STREAM_STDERR] ? &show->out : NULL,
	};

	for (;;) {
		struct pollfd p = { .events = POLLOUT };

		switch (follow_send(show->follow, outlets)) {
		case FOLLOW_MORE:
			break;
		case FOLLOW_IDLE:
			return CMD_OK;
		case FOLLOW_BLOCKED:
			p.fd = outlet_poll_fd(&show->out);
			poll(&p, 1, -1);
			break;
		case FOLLOW_CLOSED:
			return show_closed();
		case FOLLOW_FAILED:
			return show_failed(show);
		}
	}
}

/* --- lines -------------------------------------------------------------- */

static void
show_json(const struct show *show, const struct line *line)
{
	struct jsonw w;
	long n;

	jsonw_start(&w, show->json, SHOW_JSON_MAX);
	jsonw_open(&w, NULL, '{');
	jsonw_time(&w, "time", line->time_us);
	jsonw_str(&w, "stream", stream_name(line->stream));
	jsonw_int(&w, "offset", (int64_t)line->offset);
	jsonw_text(&w, "text", line->text, line->length);
	jsonw_close(&w, '}');
	n = jsonw_end(&w);
	if (n > 0)
		fwrite(show->json, 1, (size_t)n, stdout);
	putchar('\n');
}

static void
show_line_cb(const struct line *line, void *arg)
{
	const struct show *show = arg;
	char time[CLOCK_TEXT];

	if (!show->logs->streams[line->stream])
		return;
	if (show->logs->json) {
		show_json(show, line);
		return;
	}
	fputs(clock_local(line->time_us, time), stdout);
	fputs("  ", stdout);
	if (show->clean)
		utf8_print(stdout, line->text, line->length);
	else
		fwrite(line->text, 1, line->length, stdout);
	putchar('\n');
}

static int
show_lines(struct show *show)
{
	char bytes[SHOW_BLOCK];
	struct segment_chunk chunk;
	ssize_t n;

	while (
	    (n = follow_read(show->follow, bytes, sizeof(bytes), &chunk)) > 0) {
		lines_feed(show->lines, &chunk, bytes, (size_t)n);
		if (ferror(stdout))
			return CMD_FAILED; /* main says why */
	}
	if (n == -1)
		return show_failed(show);
	return cmd_flush();
}

/* --- until the end ------------------------------------------------------ */

/* Sleeps until there may be more. False: nobody reads us any more. */
static bool
show_wait(struct show *show)
{
	struct pollfd p[] = {
		{ .fd = follow_fd(show->follow), .events = POLLIN },
		{ .fd = track_fd(show->track), .events = POLLIN },
		{ .fd = STDOUT_FILENO, .events = 0 },
	};
	int wait = track_wait_ms(show->track);
	int look = follow_wait_ms(show->follow);

	if (look != -1 && (wait == -1 || look < wait))
		wait = look;
	if (poll(p, sizeof(p) / sizeof(p[0]), wait) == -1)
		return true;
	if (p[1].revents != 0 || p[1].fd == -1)
		track_step(show->track);
	return (p[2].revents & POLLERR) == 0;
}

static int
show_all(struct show *show, int (*step)(struct show *show))
{
	int code = show_skip_lines(show);

	while (code == CMD_OK) {
		/* Looked at before the log is, so that its end is seen. */
		bool last = show->track == NULL || track_drained(show->track);

		if ((code = step(show)) != CMD_OK || last)
			break;
		if (!show_wait(show))
			code = CMD_FAILED;
	}
	return code;
}

static void
show_release(struct show *show)
{
	outlet_release(&show->out);
	lines_free(show->lines);
	free(show->json);
	track_close(show->track);
	follow_close(show->follow);
}

static int
show_init(struct show *show, const struct logs *logs,
    const struct logs_range *range)
{
	const struct jobref *ref = &logs->ref;
	struct why why;

	*show = (struct show){
		.logs = logs,
		.skip = range->skip,
		.clean = isatty(STDOUT_FILENO),
	};
	outlet_init(&show->out, STDOUT_FILENO, "stdout");
	show->follow = follow_open(ref->dir, ref->id, range->from, &why);
	if (show->follow != NULL && logs->follow)
		show->track = track_open(ref->dir, ref->path, ref->id, &why);
	if (show->follow == NULL || (logs->follow && show->track == NULL))
		return cmd_error(CMD_FAILED, "%s: %s", ref->id, why.text);
	follow_to(show->follow, range->end);
	follow_until(show->follow, logs->until_us);
	return CMD_OK;
}

int
logs_show_bytes(const struct logs *logs, const struct logs_range *range)
{
	struct show show;
	int code = show_init(&show, logs, range);

	if (code == CMD_OK)
		code = show_all(&show, show_bytes);
	show_release(&show);
	return code;
}

int
logs_show_lines(const struct logs *logs, const struct logs_range *range)
{
	struct show show;
	int code = show_init(&show, logs, range);

	if (code == CMD_OK) {
		show.lines = lines_new(false, show_line_cb, &show);
		show.json = malloc(SHOW_JSON_MAX);
		if (show.lines == NULL || show.json == NULL)
			code = cmd_error(CMD_FAILED, "%s: out of memory",
			    logs->ref.id);
		else
			code = show_all(&show, show_lines);
	}
	if (code == CMD_OK)
		lines_flush(show.lines);
	show_release(&show);
	return code;
}
