/*
 * keeper.c - starts the job and its supervisor, and outlives both.
 *
 * Read main, then keeper_loop: five things can happen (a child ended, the
 * job's exec was decided, the supervisor spoke, a timer ran out, there is
 * something for the supervisor to do), each has one function.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"

void
keeper_log(const char *what)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "jobwatch-keeper: %s: %s\n", what,
	    strerror(errno));

	io_write_all(STDERR_FILENO, line, (size_t)n);
}

void
keeper_arm(int timer, int64_t ms)
{
	struct itimerspec spec = { .it_value = { ms / 1000,
				       ms % 1000 * 1000000 } };

	if (timerfd_settime(timer, 0, &spec, NULL) == -1)
		keeper_log("cannot set a timer");
}

void
keeper_watch(struct keeper *keeper, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(keeper->epoll, op, fd, &event) == -1 &&
	    !(op == EPOLL_CTL_DEL && errno == ENOENT))
		keeper_log("cannot watch a descriptor");
}

/* --- the loop ----------------------------------------------------------- */

static void
keeper_reap(struct keeper *keeper)
{
	struct signalfd_siginfo info;
	struct rusage used;
	int status;
	pid_t pid;

	while (read(keeper->signals, &info, sizeof(info)) > 0)
		;
	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0)
		if (pid == keeper->job.pid &&
		    keeper->job.phase <= JOB_PHASE_RUNNING)
			keeper_job_ended(keeper, status, &used);
		else if (pid == keeper->supervisor)
			keeper_supervisor_ended(keeper, status);
}

static void
keeper_clear_timer(int timer)
{
	uint64_t times;

	if (read(timer, &times, sizeof(times)) == -1 && !io_again(errno))
		keeper_log("cannot read a timer");
}

static void
keeper_dispatch(struct keeper *keeper, int fd, uint32_t events)
{
	if (fd == keeper->signals)
		keeper_reap(keeper);
	else if (fd == keeper->peer)
		keeper_on_peer(keeper);
	else if (fd == keeper->report)
		keeper_on_report(keeper);
	else if (fd == keeper->watchdog) {
		keeper_clear_timer(fd);
		keeper_on_watchdog(keeper);
	} else if (fd == keeper->backoff) {
		keeper_clear_timer(fd);
		if (keeper->supervisor == 0)
			keeper_start_supervisor(keeper);
	} else
		keeper_on_work(keeper, fd, events);
}

static int
keeper_loop(struct keeper *keeper)
{
	struct epoll_event events[8];

	while (!keeper->finished) {
		int n = epoll_wait(keeper->epoll, events, 8, -1);

		if (n == -1 && errno != EINTR) {
			keeper_log("cannot wait");
			return 1;
		}
		for (int i = 0; i < n; i++)
			keeper_dispatch(keeper, events[i].data.fd,
			    events[i].events);
	}
	return 0;
}

/* Every signal is ours to look at: a family must not die of a Ctrl-C. */
static int
keeper_signals(void)
{
	sigset_t children, blocked;

	sigfillset(&blocked);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	return signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int
keeper_init(struct keeper *keeper)
{
	keeper->peer = keeper->report = keeper->pidfd = keeper->terminal = -1;
	keeper->epoll = epoll_create1(EPOLL_CLOEXEC);
	keeper->signals = keeper_signals();
	keeper->watchdog = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	keeper->backoff = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	if (keeper->epoll == -1 || keeper->signals == -1 ||
	    keeper->watchdog == -1 || keeper->backoff == -1)
		return -1;
	for (int fd = FAMILY_FD_DIR; fd < FAMILY_FD_COUNT; fd++)
		io_cloexec(fd, true); /* EBADF: not in this family */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1 ||
	    keeper_job_init(&keeper->plan, FAMILY_FD_PLAN) == -1)
		return -1;
	close(FAMILY_FD_PLAN);
	keeper_watch(keeper, EPOLL_CTL_ADD, keeper->signals, EPOLLIN);
	keeper_watch(keeper, EPOLL_CTL_ADD, keeper->watchdog, EPOLLIN);
	keeper_watch(keeper, EPOLL_CTL_ADD, keeper->backoff, EPOLLIN);
	for (size_t i = 0; i < KEEPER_WATCHED; i++)
		if (fcntl(keeper_watched[i], F_GETFD) != -1)
			keeper_watch(keeper, EPOLL_CTL_ADD, keeper_watched[i],
			    EPOLLIN | EPOLLONESHOT);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct keeper keeper;

	if (argc != 2) {
		fputs("jobwatch-keeper is started by jobwatch run\n", stderr);
		return 2;
	}
	keeper.job_id = argv[1];
	if (keeper_init(&keeper) == -1) {
		keeper_log("cannot start");
		return 1;
	}
	keeper_spawn_job(&keeper, 1);
	keeper_start_supervisor(&keeper);
	return keeper_loop(&keeper);
}
