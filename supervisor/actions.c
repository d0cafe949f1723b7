/*
 * actions.c - see actions.h.
 */
#include "actions.h"

#include <errno.h>
#include <fcntl.h>

#include "family.h"

#define MOVE_MAX (1u << 16)

/* The FIFO is readable still when staging is full: then we wait for room. */
static void
actions_readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct actions *actions = arg;
	ssize_t n = splice(fd, NULL, FAMILY_FD_STAGE_ACT_WRITE, NULL, MOVE_MAX,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	(void)what;
	if (n == -1 && errno == EAGAIN)
		event_del(actions->readable);
	if (n > 0)
		writer_actions(actions->writer);
}

int
actions_init(struct actions *actions, struct event_base *base,
    struct writer *writer, struct why *why)
{
	actions->writer = writer;
	actions->readable = event_new(base, FAMILY_FD_ACTIONS,
	    EV_READ | EV_PERSIST, actions_readable_cb, actions);
	if (actions->readable == NULL ||
	    event_add(actions->readable, NULL) == -1)
		return why_errno(why, "cannot read the action FIFO");
	writer_actions(writer); /* what a predecessor has left in staging */
	return 0;
}

void
actions_release(struct actions *actions)
{
	if (actions->readable != NULL)
		event_free(actions->readable);
}

void
actions_resume(struct actions *actions)
{
	if (actions->readable != NULL)
		event_add(actions->readable, NULL);
}
