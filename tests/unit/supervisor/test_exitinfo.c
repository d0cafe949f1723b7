/*
 * test_exitinfo.c - how a process that is not our child has ended, told by
 * the kernel: while it is a zombie, and once it was reaped.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "exitinfo.h"
#include "io.h"

#define PATIENCE_US (20 * INT64_C(1000000))

/* A grandchild, whose parent reaps it when it is told to. */
struct grandchild {
	pid_t pid;
	int pidfd;
	pid_t parent;
	int end;  /* closed: the grandchild ends */
	int reap; /* closed: the parent reaps it */
};

static void
wait_for_close(int fd)
{
	char byte;

	while (read(fd, &byte, 1) == -1)
		;
}

/* Never returns: ends as `how` says, an exit code or a signal's negative. */
static void
grandchild_main(int end, int how)
{
	wait_for_close(end);
	if (how >= 0)
		_exit(how);
	signal(-how, SIG_DFL);
	kill(getpid(), -how);
	_exit(99);
}

static void
parent_main(int end[2], int reap[2], int say, int how)
{
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(reap[1]);
	pid = fork();
	if (pid == 0) {
		close(end[1]);
		grandchild_main(end[0], how);
	}
	close(end[1]);
	io_write_all(say, &pid, sizeof(pid));
	wait_for_close(reap[0]);
	waitpid(pid, NULL, 0);
	_exit(0);
}

static struct grandchild
grandchild_start(int how)
{
	struct grandchild it;
	int end[2], reap[2], say[2];

	assert_int_equal(pipe(end), 0);
	assert_int_equal(pipe(reap), 0);
	assert_int_equal(pipe(say), 0);
	it.parent = fork();
	assert_int_not_equal(it.parent, -1);
	if (it.parent == 0)
		parent_main(end, reap, say[1], how);
	close(end[0]);
	close(reap[0]);
	close(say[1]);
	assert_int_equal(io_read_full(say[0], &it.pid, sizeof(it.pid)),
	    sizeof(it.pid));
	close(say[0]);
	it.pidfd = pidfd_open(it.pid, 0);
	assert_int_not_equal(it.pidfd, -1);
	it.end = end[1];
	it.reap = reap[1];
	return it;
}

/* Waits until something is known; what exitinfo_get says then. */
static int
ask(const struct grandchild *it, int *status)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	int found;

	while ((found = exitinfo_get(it->pidfd, it->pid, status)) == 0) {
		assert_true(clock_mono_us() < end);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return found;
}

static void
grandchild_reap(struct grandchild *it)
{
	close(it->reap);
	assert_int_equal(waitpid(it->parent, NULL, 0), it->parent);
}

/* True where the kernel is new enough to tell of a reaped process. */
static bool
kernel_tells(void)
{
	struct grandchild it = grandchild_start(0);
	int status, found;

	close(it.end);
	grandchild_reap(&it);
	found = exitinfo_get(it.pidfd, it.pid, &status);
	close(it.pidfd);
	return found == 1;
}

static void
unknown_while_it_runs(void **state)
{
	struct grandchild it = grandchild_start(0);
	int status = 4711, found = exitinfo_get(it.pidfd, it.pid, &status);

	(void)state;
	assert_true(found == 0 || found == -1);
	assert_int_equal(status, 4711);
	close(it.end);
	grandchild_reap(&it);
	close(it.pidfd);
}

static void
zombie(int how, int expected)
{
	struct grandchild it;
	int status = -1;

	if (!kernel_tells())
		skip();
	it = grandchild_start(how);
	close(it.end);
	assert_int_equal(ask(&it, &status), 1);
	assert_int_equal(status, expected);
	grandchild_reap(&it);
	close(it.pidfd);
}

static void
reaped(int how, int expected)
{
	struct grandchild it;
	int status = -1;

	if (!kernel_tells())
		skip();
	it = grandchild_start(how);
	close(it.end);
	grandchild_reap(&it);
	assert_int_equal(exitinfo_get(it.pidfd, it.pid, &status), 1);
	assert_int_equal(status, expected);
	close(it.pidfd);
}

static void
zombie_with_a_code(void **state)
{
	(void)state;
	zombie(0, 0);
	zombie(3, 3 << 8);
}

static void
zombie_of_a_signal(void **state)
{
	(void)state;
	zombie(-SIGKILL, SIGKILL);
	zombie(-SIGTERM, SIGTERM);
}

static void
reaped_with_a_code(void **state)
{
	(void)state;
	reaped(0, 0);
	reaped(255, 255 << 8);
}

static void
reaped_of_a_signal(void **state)
{
	(void)state;
	reaped(-SIGKILL, SIGKILL);
	reaped(-SIGINT, SIGINT);
}

/* An old kernel answers so: the call is not known. */
static void
not_a_pidfd(void **state)
{
	int ends[2], status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(exitinfo_get(ends[0], getpid(), &status), -1);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_while_it_runs),
		cmocka_unit_test(zombie_with_a_code),
		cmocka_unit_test(zombie_of_a_signal),
		cmocka_unit_test(reaped_with_a_code),
		cmocka_unit_test(reaped_of_a_signal),
		cmocka_unit_test(not_a_pidfd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
