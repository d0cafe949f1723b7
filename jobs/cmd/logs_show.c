/*
 * logs_show.c - see logs_show.h.
 */
#include "logs_show.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#include "alerts.h"
#include "cmd.h"

int
show_init(struct show *show, const struct logs *logs,
    const struct logs_range *range)
{
	const struct jobref *ref = &logs->ref;
	struct why why;

	*show = (struct show){ .logs = logs };
	show->follow = follow_open(ref->dir, ref->id, range->read, &why);
	if (show->follow != NULL && logs->follow)
		show->track = track_open(ref->dir, ref->path, ref->id, &why);
	if (show->follow == NULL || (logs->follow && show->track == NULL))
		return cmd_error(CMD_FAILED, "%s: %s", ref->id, why.text);
	follow_to(show->follow, range->end);
	follow_until(show->follow, logs->until_us);
	return CMD_OK;
}

void
show_release(struct show *show)
{
	track_close(show->track);
	follow_close(show->follow);
}

int
show_failed(const struct show *show)
{
	struct why why;

	follow_why(show->follow, &why);
	return cmd_error(CMD_FAILED, "cannot read the output of %s: %s",
	    show->logs->ref.id, why.text);
}

int
show_closed(struct show *show)
{
	if (errno == EPIPE)
		show->left = true;
	else
		cmd_error(0, "cannot write to stdout: %s", strerror(errno));
	__fpurge(stdout); /* it is not to be tried, and told of, again */
	return CMD_FAILED;
}

bool
show_is_left(struct show *show)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = 0 };

	if (poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0)
		show->left = true;
	return show->left;
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

/* All output is in the log; and where alerts are asked for, it is judged,
 * or the family has gone and nobody will. */
static bool
show_is_last(const struct show *show)
{
	if (show->track == NULL)
		return true;
	if (!show->logs->alerts)
		return track_drained(show->track);
	return track_settled(show->track) ||
	    (track_drained(show->track) &&
		alerts_horizon(show->logs->ref.dir) >= track_end(show->track));
}

int
show_run(struct show *show, int (*step)(void *arg), void *arg)
{
	int code = CMD_OK;

	while (code == CMD_OK && !show->last && !show->done) {
		/* Looked at before the log is, so that its end is seen. */
		show->last = show_is_last(show);
		code = step(arg);
		if (code != CMD_OK || show->last || show->done)
			break;
		if (!show_wait(show)) {
			show->left = true;
			code = CMD_FAILED;
		}
	}
	if (code == CMD_OK && follow_damaged(show->follow))
		code = CMD_FAILED;
	return code;
}
