/*
 * keeper_supervisor.c - the keeper and its supervisor.
 *
 * The watchdog costs an idle job nothing. A pipe or listening socket that
 * becomes readable wakes us once; if it is readable still when the timer
 * runs out, the supervisor is asked for a sign of life, and replaced when
 * it gives none.
 */
#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"

#define WATCHDOG_S 5	    /* asked after this, replaced after twice */
#define START_S 120	    /* a supervisor that starts may take so long */
#define BACKOFF_FIRST_MS 50 /* then doubled */
#define BACKOFF_MAX_MS 5000
#define CRASH_WINDOW_US 60000000 /* one that lived longer starts afresh */
#define CRASHES_MAX 5		 /* then the next one only captures */

const int keeper_watched[KEEPER_WATCHED] = { FAMILY_FD_JOB_OUT,
	FAMILY_FD_JOB_ERR, FAMILY_FD_CONTROL, FAMILY_FD_CONTROL_SHORT };

void
keeper_tell(struct keeper *keeper)
{
	unsigned fds = keeper->job.phase <= JOB_PHASE_RUNNING &&
	    keeper->pidfd != -1;

	if (keeper->peer == -1)
		return;
	keeper->job.capture_only = keeper->crashes >= CRASHES_MAX;
	if (message_send(keeper->peer, MESSAGE_JOB, &keeper->job,
		sizeof(keeper->job), NULL, 0, &keeper->pidfd, fds) == -1)
		keeper_log("cannot tell the supervisor");
	/* The job's end must be heard, too, though no pipe says so. */
	if (keeper->job.phase >= JOB_PHASE_FAILED &&
	    keeper->watch == WATCH_IDLE) {
		keeper->watch = WATCH_ARMED;
		keeper_arm(keeper->watchdog, WATCHDOG_S * 1000);
	}
}

void
keeper_start_supervisor(struct keeper *keeper)
{
	pid_t pid;

	keeper->watch = WATCH_IDLE;
	pid = keeper_supervisor_spawn(keeper);
	if (pid == -1) {
		keeper_log("cannot start the supervisor");
		keeper_arm(keeper->backoff, BACKOFF_MAX_MS);
		return;
	}
	keeper->supervisor = pid;
	keeper->heard = false;
	keeper->started_us = clock_mono_us();
	keeper_watch(keeper, EPOLL_CTL_ADD, keeper->peer, EPOLLIN);
}

static void
keeper_drop_peer(struct keeper *keeper)
{
	if (keeper->peer == -1)
		return;
	keeper_watch(keeper, EPOLL_CTL_DEL, keeper->peer, 0);
	close(keeper->peer);
	keeper->peer = -1;
}

/* The job directory was deleted: no supervisor could find its way. */
static bool
keeper_is_homeless(void)
{
	struct stat st;

	return fstat(FAMILY_FD_DIR, &st) == 0 && st.st_nlink == 0;
}

/* A SIGKILL is somebody else's doing: it asks for a new supervisor, not for
 * a careful one. */
void
keeper_supervisor_ended(struct keeper *keeper, int status)
{
	int64_t delay = 0;

	keeper_drop_peer(keeper);
	keeper->supervisor = 0;
	if (keeper->job.phase >= JOB_PHASE_FAILED &&
	    ((WIFEXITED(status) && WEXITSTATUS(status) == FAMILY_EXIT_DONE) ||
		keeper_is_homeless())) {
		keeper->finished = true;
		return;
	}
	keeper->job.recoveries++;
	if (clock_mono_us() - keeper->started_us > CRASH_WINDOW_US)
		keeper->quick_deaths = keeper->crashes = 0;
	if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		keeper->crashes++;
	if (keeper->quick_deaths++ > 0)
		delay = BACKOFF_FIRST_MS
		    << (keeper->quick_deaths > 8 ? 7
						 : keeper->quick_deaths - 2);
	if (delay == 0)
		keeper_start_supervisor(keeper);
	else
		keeper_arm(keeper->backoff,
		    delay > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : delay);
}

void
keeper_on_peer(struct keeper *keeper)
{
	const struct message_spawn *spawn = (const void *)keeper->in.body;
	int n = message_recv(keeper->peer, PROC_KEEPER, &keeper->in);

	if (n == -1 && io_again(errno))
		return;
	if (n != 1) {
		keeper_drop_peer(keeper); /* waitpid says the rest */
		if (n == -1)
			kill(keeper->supervisor, SIGKILL);
		return;
	}
	keeper->heard = true;
	if (keeper->in.type == MESSAGE_SPAWN &&
	    keeper->job.phase >= JOB_PHASE_FAILED &&
	    spawn->attempt == keeper->job.attempt + 1)
		keeper_spawn_job(keeper, spawn->attempt);
	else if (keeper->in.type == MESSAGE_PONG)
		keeper->watch = WATCH_IDLE;
}

/* --- the watchdog ------------------------------------------------------- */

/* True when some watched descriptor has something for the supervisor. A
 * pipe at its end has nothing, though it would wake us for ever. */
static bool
keeper_has_work(void)
{
	struct pollfd fds[KEEPER_WATCHED];

	for (size_t i = 0; i < KEEPER_WATCHED; i++)
		fds[i] = (struct pollfd){ .fd = keeper_watched[i],
			.events = POLLIN };
	if (poll(fds, KEEPER_WATCHED, 0) <= 0)
		return false;
	for (size_t i = 0; i < KEEPER_WATCHED; i++)
		if ((fds[i].revents & POLLIN) != 0)
			return true;
	return false;
}

/* Taken out of the epoll set, not only disarmed: an entry there costs the
 * job time at each of its writes, a tenth of it with short lines. */
void
keeper_on_work(struct keeper *keeper, int fd, uint32_t events)
{
	keeper_watch(keeper, EPOLL_CTL_DEL, fd, 0);
	if ((events & EPOLLIN) == 0 || keeper->watch != WATCH_IDLE)
		return; /* at its end, or looked at already */
	keeper->watch = WATCH_ARMED;
	keeper_arm(keeper->watchdog, WATCHDOG_S * 1000);
}

/* Watches again what is neither watched nor at its end. */
static void
keeper_rearm(struct keeper *keeper)
{
	keeper->watch = WATCH_IDLE;
	for (size_t i = 0; i < KEEPER_WATCHED; i++) {
		struct pollfd now = { .fd = keeper_watched[i],
			.events = POLLIN };
		struct epoll_event event = {
			.events = EPOLLIN | EPOLLONESHOT,
			.data.fd = keeper_watched[i],
		};

		if (poll(&now, 1, 0) == 1 && (now.revents & POLLIN) == 0)
			continue;
		epoll_ctl(keeper->epoll, EPOLL_CTL_ADD, keeper_watched[i],
		    &event); /* EEXIST: nothing has come since */
	}
}

/* It reads what its predecessors have written first, which may be much. */
static bool
keeper_is_starting(const struct keeper *keeper)
{
	return !keeper->heard &&
	    clock_mono_us() - keeper->started_us < START_S * INT64_C(1000000);
}

void
keeper_on_watchdog(struct keeper *keeper)
{
	if (keeper->watch == WATCH_IDLE || keeper->supervisor == 0 ||
	    (keeper->job.phase < JOB_PHASE_FAILED && !keeper_has_work())) {
		keeper_rearm(keeper);
		return;
	}
	if (keeper->watch == WATCH_ASKED && !keeper_is_starting(keeper)) {
		kill(keeper->supervisor, SIGKILL);
		errno = ETIMEDOUT;
		keeper_log("the supervisor gives no sign of life");
		keeper_rearm(keeper);
		return;
	}
	if (keeper->peer != -1)
		message_send(keeper->peer, MESSAGE_PING, NULL, 0, NULL, 0, NULL,
		    0);
	keeper->watch = WATCH_ASKED;
	keeper_arm(keeper->watchdog, WATCHDOG_S * 1000);
}
