/*
 * eventfeed.c - see eventfeed.h.
 */
#include "eventfeed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "notice.h"

void
eventfeed_open(struct eventfeed *feed, int dir)
{
	*feed = (struct eventfeed){ .dir = dir, .fd = -1 };
	feed->notice = notice_open(dir);
}

void
eventfeed_close(struct eventfeed *feed)
{
	if (feed->fd != -1)
		close(feed->fd);
	if (feed->notice != -1)
		close(feed->notice);
	feed->fd = feed->notice = -1;
}

int
eventfeed_fd(const struct eventfeed *feed)
{
	return feed->notice;
}

int
eventfeed_wait_ms(const struct eventfeed *feed)
{
	return feed->notice == -1 ? NOTICE_BLIND_MS : -1;
}

/* Where the last whole line ends; a torn one may be cut off by the next
 * writer. 0, or -1 with errno. */
static int
eventfeed_look(struct eventfeed *feed)
{
	char block[EVENT_LINE_MAX];
	off_t from = feed->end;
	ssize_t n;

	if (feed->fd == -1)
		feed->fd = openat(feed->dir, EVENTS_FILE, O_RDONLY | O_CLOEXEC);
	if (feed->fd == -1)
		return errno == ENOENT ? 0 : -1;
	while ((n = pread(feed->fd, block, sizeof(block), from)) > 0) {
		const char *last = memrchr(block, '\n', (size_t)n);

		if (last != NULL)
			feed->end = from + (last - block) + 1;
		from += n;
	}
	return n == -1 ? -1 : 0;
}

enum follow_result
eventfeed_send(struct eventfeed *feed, struct outlet *outlet)
{
	ssize_t done;

	if (feed->at == feed->end) {
		notice_drain(feed->notice);
		if (eventfeed_look(feed) == -1)
			return FOLLOW_FAILED;
	}
	if (outlet->closed)
		feed->at = feed->end;
	if (feed->at == feed->end)
		return FOLLOW_IDLE;
	done = outlet_send(outlet, feed->fd, &feed->at,
	    (size_t)(feed->end - feed->at));
	if (done == 0)
		return FOLLOW_BLOCKED;
	return done == -1 ? FOLLOW_CLOSED : FOLLOW_MORE;
}
