/*
 * test_stop.c - every cell of the stop sequence's table, and whom a signal
 * reaches.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "stop.h"
#include "supervisor.h"

/*
 * What a state becomes, a column for each event: Warn, Ask, Time, Kill,
 * eXit. The letters are those of the states; '.' means that it stays.
 */
static const char expected[STOP_STATES][STOP_EVENTS + 1] = {
	/* idle   */ "wa.fd",
	/* warned */ "..afd",
	/* asked  */ "..ffd",
	/* forced */ "..f.d",
	/* done   */ ".....",
};

static char
letter(enum stop_state state)
{
	static const char letters[STOP_STATES] = ".wafd";

	return letters[state];
}

static void
every_cell(void **state)
{
	(void)state;
	assert_int_equal(STOP_STATES, 5);
	assert_int_equal(STOP_EVENTS, 5);
	for (int from = 0; from < STOP_STATES; from++)
		for (int event = 0; event < STOP_EVENTS; event++)
			if (letter(stop_next[from][event]) !=
			    expected[from][event])
				fail_msg("state %d on event %d goes to %d",
				    from, event, stop_next[from][event]);
}

static void
done_is_never_left(void **state)
{
	(void)state;
	for (int event = 0; event < STOP_EVENTS; event++)
		assert_int_equal(stop_next[STOP_DONE][event], STOP_IDLE);
}

/* Whatever happens, time and the job's end lead out of every state. */
static void
every_stop_ends(void **state)
{
	(void)state;
	for (int from = STOP_WARNED; from < STOP_DONE; from++) {
		enum stop_state at = from;

		for (int i = 0; i < STOP_STATES; i++)
			at = stop_next[at][STOP_EV_TIME];
		assert_int_equal(at, STOP_FORCED);
		assert_int_equal(stop_next[from][STOP_EV_EXIT], STOP_DONE);
	}
}

static void
asked_states(void **state)
{
	struct stop stop = { .state = STOP_IDLE };

	(void)state;
	assert_false(stop_is_asked(&stop));
	stop.state = STOP_WARNED;
	assert_true(stop_is_asked(&stop));
	stop.state = STOP_ASKED;
	assert_true(stop_is_asked(&stop));
	stop.state = STOP_FORCED;
	assert_true(stop_is_asked(&stop));
	stop.state = STOP_DONE;
	assert_false(stop_is_asked(&stop));
}

/* --- signals ------------------------------------------------------------ */

/* A process that waits for its end, leader of a group or not. */
static pid_t
sleeper(int own_group)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (own_group)
			setpgid(0, 0);
		signal(SIGHUP, SIG_DFL); /* nohup(1) may have run the tests */
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	return pid;
}

static int
ended_by(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status);
}

static void
signal_reaches_the_group(void **state)
{
	static struct supervisor supervisor;
	struct stop stop = { .supervisor = &supervisor };

	(void)state;
	supervisor.life.stage = LIFE_RUNNING;
	supervisor.life.pidfd = -1;
	supervisor.life.job.phase = JOB_PHASE_RUNNING;
	supervisor.life.job.pid = sleeper(1);
	assert_int_equal(stop_signal(&stop, SIGUSR1), 0);
	assert_int_equal(ended_by(supervisor.life.job.pid), SIGUSR1);
}

/* Before its setsid the job has no group of its own yet. */
static void
signal_reaches_a_job_without_group(void **state)
{
	static struct supervisor supervisor;
	struct stop stop = { .supervisor = &supervisor };

	(void)state;
	supervisor.life.stage = LIFE_RUNNING;
	supervisor.life.pidfd = -1;
	supervisor.life.job.phase = JOB_PHASE_NONE;
	supervisor.life.job.pid = sleeper(0);
	assert_int_equal(stop_signal(&stop, SIGTERM), 0);
	assert_int_equal(ended_by(supervisor.life.job.pid), SIGTERM);
}

/* A pid that may be another's by now is left alone. */
static void
signal_spares_others(void **state)
{
	static struct supervisor supervisor;
	struct stop stop = { .supervisor = &supervisor };
	pid_t pid = sleeper(1);

	(void)state;
	assert_int_equal(stop_signal(&stop, SIGKILL), -1);
	assert_int_equal(errno, ESRCH); /* no pid is known */
	supervisor.life.job.pid = pid;
	supervisor.life.job.phase = JOB_PHASE_ENDED;
	assert_int_equal(stop_signal(&stop, SIGKILL), -1);
	assert_int_equal(errno, ESRCH);
	supervisor.life.job.phase = JOB_PHASE_RUNNING;
	supervisor.life.stage = LIFE_DRAINING;
	assert_int_equal(stop_signal(&stop, SIGKILL), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGHUP);
	assert_int_equal(ended_by(pid), SIGHUP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell),
		cmocka_unit_test(done_is_never_left),
		cmocka_unit_test(every_stop_ends),
		cmocka_unit_test(asked_states),
		cmocka_unit_test(signal_reaches_the_group),
		cmocka_unit_test(signal_reaches_a_job_without_group),
		cmocka_unit_test(signal_spares_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
