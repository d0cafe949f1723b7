/*
 * keeper_job.c - the job's start and end, as the keeper sees them.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"

static void
keeper_job_started(struct keeper *keeper, pid_t pid, uint32_t attempt)
{
	keeper->pidfd = pidfd_open(pid, 0);
	if (keeper->pidfd != -1)
		io_cloexec(keeper->pidfd, true);
	keeper->job = (struct message_job){
		.phase = JOB_PHASE_NONE,
		.pid = pid,
		.attempt = attempt,
		.recoveries = keeper->job.recoveries,
		.started_real_us = clock_real_us(),
		.started_mono_us = clock_mono_us(),
	};
	keeper_watch(keeper, EPOLL_CTL_ADD, keeper->report, EPOLLIN);
}

static void
keeper_close_terminal(struct keeper *keeper)
{
	if (keeper->terminal != -1)
		close(keeper->terminal);
	keeper->terminal = -1;
}

static void
keeper_job_failed(struct keeper *keeper, int error, int chdir_failed)
{
	keeper_close_terminal(keeper);
	keeper->job.phase = JOB_PHASE_FAILED;
	keeper->job.error = error;
	keeper->job.chdir_failed = chdir_failed != 0;
	keeper_tell(keeper);
}

/* The first start uses the write ends that `run` made, a later one opens
 * the pipes again: nobody but the job may hold them, or EOF never comes. */
static int
keeper_open_end(int spawn_fd, int read_fd, bool first)
{
	char path[32];

	if (first)
		return spawn_fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", read_fd);
	return open(path, O_WRONLY | O_CLOEXEC);
}

/* What `run` has handed over is for the first start. */
static int
keeper_open_input(bool first)
{
	return first ? FAMILY_FD_SPAWN_IN
		     : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
keeper_open_pipes(const struct keeper *keeper, bool first, int fds[3])
{
	bool merged = keeper->plan.plan->merge != 0;

	fds[0] = keeper_open_input(first);
	fds[1] = keeper_open_end(FAMILY_FD_SPAWN_OUT, FAMILY_FD_JOB_OUT, first);
	fds[2] = merged
	    ? fds[1]
	    : keeper_open_end(FAMILY_FD_SPAWN_ERR, FAMILY_FD_JOB_ERR, first);
}

/*
 * We hold the job's end of its terminal for as long as the job runs: a
 * terminal that nobody holds for a moment is at its end for whoever reads
 * it, though the job may open it again. What is in it when the job ends is
 * read all the same.
 */
static int
keeper_open_terminal(struct keeper *keeper, bool first, int fds[3])
{
	keeper->terminal = ioctl(FAMILY_FD_JOB_OUT, TIOCGPTPEER,
	    O_RDWR | O_NOCTTY | O_CLOEXEC);
	fds[0] = fds[1] = fds[2] = keeper->terminal;
	if (keeper->plan.plan->terminal == FAMILY_TERMINAL_OUTPUT)
		fds[0] = keeper_open_input(first);
	return keeper->terminal == -1 ? -1 : 0;
}

/* The job has them now, and nobody else is to. */
static void
keeper_close_ends(const struct keeper *keeper, bool first, const int fds[3])
{
	for (int i = 0; i < 3; i++)
		if (fds[i] != keeper->terminal && (i < 2 || fds[2] != fds[1]))
			close(fds[i]);
	if (first && fds[2] != FAMILY_FD_SPAWN_ERR)
		close(FAMILY_FD_SPAWN_ERR);
}

static pid_t
keeper_start_job(struct keeper *keeper, uint32_t attempt, int fds[3])
{
	bool first = attempt == 1;

	if (keeper->plan.plan->terminal == FAMILY_TERMINAL_NONE)
		keeper_open_pipes(keeper, first, fds);
	else if (keeper_open_terminal(keeper, first, fds) == -1)
		return -1;
	return keeper_job_spawn(&keeper->plan, attempt, fds, &keeper->report);
}

void
keeper_spawn_job(struct keeper *keeper, uint32_t attempt)
{
	int fds[3];
	pid_t pid = keeper_start_job(keeper, attempt, fds);
	int error = errno;

	keeper_close_ends(keeper, attempt == 1, fds);
	if (pid == -1) {
		keeper->job.attempt = attempt;
		keeper_job_failed(keeper, error, 0);
	} else {
		keeper_job_started(keeper, pid, attempt);
	}
}

/* exec was decided: EOF means that it worked. */
void
keeper_on_report(struct keeper *keeper)
{
	int failure[2];
	ssize_t n = io_read_full(keeper->report, failure, sizeof(failure));

	if (n == -1 && io_again(errno))
		return;
	keeper_watch(keeper, EPOLL_CTL_DEL, keeper->report, 0);
	close(keeper->report);
	keeper->report = -1;
	if (n == sizeof(failure)) {
		keeper_job_failed(keeper, failure[0], failure[1]);
		return;
	}
	keeper->job.phase = JOB_PHASE_RUNNING;
	keeper_tell(keeper);
}

static int64_t
keeper_timeval_us(struct timeval tv)
{
	return tv.tv_sec * INT64_C(1000000) + tv.tv_usec;
}

void
keeper_job_ended(struct keeper *keeper, int status, const struct rusage *used)
{
	if (keeper->report != -1)
		keeper_on_report(keeper); /* exec's fate comes first */
	if (keeper->pidfd != -1)
		close(keeper->pidfd);
	keeper->pidfd = -1;
	keeper_close_terminal(keeper);
	if (keeper->job.phase == JOB_PHASE_FAILED)
		return;
	keeper->job.phase = JOB_PHASE_ENDED;
	keeper->job.wait_status = status;
	keeper->job.ended_real_us = clock_real_us();
	keeper->job.ended_mono_us = clock_mono_us();
	keeper->job.cpu_us = keeper_timeval_us(used->ru_utime) +
	    keeper_timeval_us(used->ru_stime);
	keeper->job.rss_bytes = used->ru_maxrss * INT64_C(1024);
	keeper_tell(keeper);
}
