/*
 * test_watchdog.c - how long the keeper waits for a sign of life: long for a
 * supervisor that has only been started, shortly for one that has spoken, and
 * for neither for ever.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "keeper.h"

#define MINUTE (60 * INT64_C(1000000))

/* What keeper_supervisor.c asks of the keeper's main, seen from outside. */
static int64_t armed_ms; /* 0: not since the last look */
static unsigned words;

void
keeper_log(const char *what)
{
	(void)what;
	words++;
}

void
keeper_arm(int timer, int64_t ms)
{
	(void)timer;
	armed_ms = ms;
}

void
keeper_watch(struct keeper *keeper, int op, int fd, uint32_t events)
{
	(void)keeper;
	(void)op;
	(void)fd;
	(void)events;
}

/* A keeper of a job that has ended: its supervisor has something to do. */
struct stand {
	struct keeper keeper;
	int supervisor_end; /* of its channel */
};

static void
stand_init(struct stand *stand, int64_t age_us)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(message_pair(ends), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	*stand = (struct stand){
		.supervisor_end = ends[1],
		.keeper = {
			.job = { .phase = JOB_PHASE_ENDED },
			.supervisor = pid,
			.peer = ends[0],
			.epoll = -1,
			.watch = WATCH_ARMED,
			.started_us = clock_mono_us() - age_us,
		},
	};
	armed_ms = 0;
	words = 0;
}

static void
stand_release(struct stand *stand)
{
	kill(stand->keeper.supervisor, SIGKILL);
	waitpid(stand->keeper.supervisor, NULL, 0);
	close(stand->keeper.peer);
	close(stand->supervisor_end);
}

/* True when it was killed, and then the keeper says so. */
static bool
is_killed(struct stand *stand)
{
	siginfo_t info = { .si_pid = 0 };
	int options = WEXITED | WNOWAIT | (words > 0 ? 0 : WNOHANG);

	assert_int_equal(waitid(P_PID, (id_t)stand->keeper.supervisor, &info,
			     options),
	    0);
	if (info.si_pid == 0)
		return false;
	assert_int_equal(info.si_code, CLD_KILLED);
	assert_int_equal(info.si_status, SIGKILL);
	return true;
}

/* The timer runs out; a question is asked, and the timer set again. */
static void
asks(struct stand *stand)
{
	static struct message message;

	keeper_on_watchdog(&stand->keeper);
	assert_false(is_killed(stand));
	assert_int_equal(stand->keeper.watch, WATCH_ASKED);
	assert_true(armed_ms > 0);
	armed_ms = 0;
	assert_int_equal(message_recv(stand->supervisor_end, PROC_SUPERVISOR,
			     &message),
	    1);
	assert_int_equal(message.type, MESSAGE_PING);
}

/* The supervisor answers, and the keeper reads it. */
static void
answers(struct stand *stand)
{
	assert_int_equal(message_send(stand->supervisor_end, MESSAGE_PONG, NULL,
			     0, NULL, 0, NULL, 0),
	    0);
	keeper_on_peer(&stand->keeper);
	assert_int_equal(stand->keeper.watch, WATCH_IDLE);
}

/* It reads first what its predecessors have written. */
static void
a_start_may_take_a_minute(void **state)
{
	struct stand stand;

	(void)state;
	stand_init(&stand, MINUTE);
	for (int i = 0; i < 5; i++)
		asks(&stand);
	stand_release(&stand);
}

static void
a_start_without_end_is_ended(void **state)
{
	struct stand stand;

	(void)state;
	stand_init(&stand, MINUTE);
	asks(&stand);
	stand.keeper.started_us -= 9 * MINUTE;
	keeper_on_watchdog(&stand.keeper);
	assert_true(is_killed(&stand));
	assert_int_equal(stand.keeper.watch, WATCH_IDLE);
	stand_release(&stand);
}

/* Even then it is asked first: nobody may have asked it so far. */
static void
nobody_is_killed_unasked(void **state)
{
	struct stand stand;

	(void)state;
	stand_init(&stand, 10 * MINUTE);
	asks(&stand);
	stand_release(&stand);
}

static void
one_that_has_spoken_is_not_starting(void **state)
{
	struct stand stand;

	(void)state;
	stand_init(&stand, 0);
	asks(&stand);
	answers(&stand);
	stand.keeper.watch = WATCH_ARMED;
	asks(&stand);
	keeper_on_watchdog(&stand.keeper);
	assert_true(is_killed(&stand));
	stand_release(&stand);
}

static void
one_that_answers_lives(void **state)
{
	struct stand stand;

	(void)state;
	stand_init(&stand, 10 * MINUTE);
	for (int i = 0; i < 3; i++) {
		stand.keeper.watch = WATCH_ARMED;
		asks(&stand);
		answers(&stand);
		keeper_on_watchdog(&stand.keeper);
		assert_false(is_killed(&stand));
		assert_int_equal(armed_ms, 0); /* until there is work again */
	}
	stand_release(&stand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_may_take_a_minute),
		cmocka_unit_test(a_start_without_end_is_ended),
		cmocka_unit_test(nobody_is_killed_unasked),
		cmocka_unit_test(one_that_has_spoken_is_not_starting),
		cmocka_unit_test(one_that_answers_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
