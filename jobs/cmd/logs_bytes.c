/*
 * logs_bytes.c - prints a range of the output byte for byte: from file to
 * descriptor, without passing through us.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "logs_show.h"

struct copy {
	struct show show;
	struct outlet out;
	unsigned long skip;
};

/* Steps over the lines before the first wanted one. CMD_OK, or said. */
static int
copy_skip_lines(struct copy *copy)
{
	const struct logs *logs = copy->show.logs;
	struct follow *follow = copy->show.follow;
	char bytes[SHOW_BLOCK];

	while (copy->skip > 0) {
		struct segment_chunk chunk;
		ssize_t n = follow_read(follow, bytes, sizeof(bytes), &chunk);
		const char *p = bytes;

		if (n == 0)
			break;
		if (n == -1)
			return show_failed(&copy->show);
		if (!logs->streams[chunk.stream])
			continue;
		while (copy->skip > 0 &&
		    (p = memchr(p, '\n', (size_t)(bytes + n - p))) != NULL) {
			p++;
			copy->skip--;
		}
		if (copy->skip == 0)
			follow_seek(follow,
			    chunk.offset + (uint64_t)(p - bytes));
	}
	return CMD_OK;
}

/* All that is there now. CMD_OK, or an exit code. */
static int
copy_step(void *arg)
{
	struct copy *copy = arg;
	const bool *wanted = copy->show.logs->streams;
	struct outlet *const outlets[] = {
		wanted[STREAM_STDOUT] ? &copy->out : NULL,
		wanted[STREAM_STDERR] ? &copy->out : NULL,
	};

	for (;;) {
		struct pollfd p = { .events = POLLOUT };

		switch (follow_send(copy->show.follow, outlets)) {
		case FOLLOW_MORE:
			break;
		case FOLLOW_IDLE:
			return CMD_OK;
		case FOLLOW_BLOCKED:
			p.fd = outlet_poll_fd(&copy->out);
			poll(&p, 1, -1);
			break;
		case FOLLOW_CLOSED:
			return show_closed(&copy->show);
		case FOLLOW_FAILED:
			return show_failed(&copy->show);
		}
	}
}

int
logs_show_bytes(const struct logs *logs, const struct logs_range *range)
{
	struct copy copy = { .skip = range->skip };
	int code = show_init(&copy.show, logs, range);

	if (code == CMD_OK && logs->streams[STREAM_STDOUT] &&
	    logs->streams[STREAM_STDERR])
		follow_mix(copy.show.follow);
	outlet_init(&copy.out, STDOUT_FILENO, "stdout");
	if (code == CMD_OK)
		code = copy_skip_lines(&copy);
	if (code == CMD_OK)
		code = show_run(&copy.show, copy_step, &copy);
	outlet_release(&copy.out);
	show_release(&copy.show);
	return code;
}
