/*
 * test_child.c - a helper that is stopped, loops, hangs up or cannot be
 * started: it is replaced. One that answers, or waits for the disk, is not.
 *
 * The helpers are this program, in the parts that `main` gives it by argv[0].
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "family.h"

#define PATIENCE_S 30 /* far more than it takes */
#define SOON_MS 20
#define LATE_MS 600000

/* --- the parts ---------------------------------------------------------- */

static struct message part_message;

static int
part_hear(void)
{
	return message_recv(FAMILY_FD_PEER, PROC_NOTIFIER, &part_message);
}

static void
part_answer(void)
{
	const struct message_events *heard = (void *)part_message.body;
	const struct message_outbox outbox = { .end = heard->end };

	message_send(FAMILY_FD_PEER, MESSAGE_OUTBOX, &outbox, sizeof(outbox),
	    NULL, 0, NULL, 0);
}

static int
part_answers(void)
{
	while (part_hear() == 1)
		part_answer();
	return 0;
}

static int
part_says_nothing(void)
{
	while (pause() == -1)
		;
	return 0;
}

static int
part_hangs_up(void)
{
	close(FAMILY_FD_PEER);
	return part_says_nothing();
}

/* A parent in vfork(2) is in state D, as one that waits for a disk; its child
 * says when it is. */
static int
part_waits(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		part_answer();
		part_hear();
		_exit(0);
	}
	part_answer();
	return part_answers();
}

static int
part_ends(void)
{
	return part_hear() == 1 ? 0 : 1;
}

static const struct part {
	const char *name;
	int (*play)(void);
} parts[] = {
	{ "answers", part_answers },
	{ "says-nothing", part_says_nothing },
	{ "hangs-up", part_hangs_up },
	{ "waits", part_waits },
	{ "ends", part_ends },
};

/* --- the stand ---------------------------------------------------------- */

struct stand {
	struct event_base *base;
	struct event *children;
	struct event *patience;
	struct child_type type;
	struct child child;
	unsigned started;
	unsigned answers;
	unsigned ends;
	bool crashed; /* the last one did */
};

static void
started_cb(void *arg)
{
	((struct stand *)arg)->started++;
}

static void
message_cb(const struct message *message, void *arg)
{
	struct stand *stand = arg;

	assert_int_equal(message->type, MESSAGE_OUTBOX);
	stand->answers++;
	child_excuse(&stand->child);
}

static void
writable_cb(void *arg)
{
	(void)arg;
}

static void
ended_cb(bool crashed, void *arg)
{
	struct stand *stand = arg;

	stand->ends++;
	stand->crashed = crashed;
}

static void
children_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stand *stand = arg;
	int status;
	pid_t pid;

	(void)fd;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == stand->child.pid)
			child_reaped(&stand->child, status);
}

static void
patience_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fail_msg("nothing happens any more");
}

static void
stand_init(struct stand *stand, const char *part)
{
	static const int no_fds[] = { -1 };
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	*stand = (struct stand){
		.base = event_base_new(),
		.type = {
			.name = part,
			.proc = PROC_NOTIFIER,
			.exe_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC),
			.fds = no_fds,
			.started = started_cb,
			.message = message_cb,
			.writable = writable_cb,
			.ended = ended_cb,
		},
	};
	assert_non_null(stand->base);
	stand->children = evsignal_new(stand->base, SIGCHLD, children_cb,
	    stand);
	assert_int_equal(event_add(stand->children, NULL), 0);
	stand->patience = evtimer_new(stand->base, patience_cb, stand);
	assert_int_equal(event_add(stand->patience, &patience), 0);
	assert_int_equal(child_init(&stand->child, &stand->type, stand->base,
			     stand),
	    0);
}

static void
stand_start(struct stand *stand, const char *part)
{
	stand_init(stand, part);
	child_start(&stand->child);
	assert_int_equal(stand->started, 1);
}

static void
stand_turn(struct stand *stand)
{
	assert_int_equal(event_base_loop(stand->base, EVLOOP_ONCE), 0);
}

static void
stand_run_until(struct stand *stand, const unsigned *count, unsigned value)
{
	while (*count < value)
		stand_turn(stand);
}

static void
stand_ask(struct stand *stand)
{
	const struct message_events body = { .end = 7 };

	assert_int_equal(child_send(&stand->child, MESSAGE_EVENTS, &body,
			     sizeof(body), NULL, 0),
	    0);
}

static void
stand_release(struct stand *stand)
{
	pid_t pid = stand->child.pid;

	child_release(&stand->child);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	event_free(stand->children);
	event_free(stand->patience);
	event_base_free(stand->base);
	close(stand->type.exe_fd);
}

/* --- answers ------------------------------------------------------------ */

static void
one_that_answers_is_left_alone(void **state)
{
	struct stand stand;

	(void)state;
	stand_start(&stand, "answers");
	for (unsigned i = 1; i <= 3; i++) {
		/* No timer runs while nothing is owed. */
		assert_false(evtimer_pending(stand.child.patience, NULL));
		stand_ask(&stand);
		child_expect(&stand.child, LATE_MS);
		assert_true(evtimer_pending(stand.child.patience, NULL));
		stand_run_until(&stand, &stand.answers, i);
	}
	assert_false(evtimer_pending(stand.child.patience, NULL));
	assert_int_equal(stand.ends, 0);
	stand_release(&stand);
}

static void
one_that_does_not_is_replaced(void **state)
{
	struct stand stand;
	pid_t first;

	(void)state;
	stand_start(&stand, "says-nothing");
	first = stand.child.pid;
	child_expect(&stand.child, SOON_MS);
	stand_run_until(&stand, &stand.ends, 1);
	assert_true(stand.crashed);
	assert_false(child_is_up(&stand.child));
	assert_false(evtimer_pending(stand.child.patience, NULL));
	child_start(&stand.child);
	stand_run_until(&stand, &stand.started, 2);
	assert_int_not_equal(stand.child.pid, first);
	stand_release(&stand);
}

static void
a_stopped_one_is_replaced(void **state)
{
	struct stand stand;

	(void)state;
	stand_start(&stand, "answers");
	kill(stand.child.pid, SIGSTOP);
	stand_ask(&stand);
	child_expect(&stand.child, SOON_MS);
	stand_run_until(&stand, &stand.ends, 1);
	assert_true(stand.crashed);
	assert_int_equal(stand.answers, 0);
	stand_release(&stand);
}

static void
the_sooner_time_counts(void **state)
{
	static const int orders[][2] = { { SOON_MS, LATE_MS },
		{ LATE_MS, SOON_MS } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct stand stand;

		stand_start(&stand, "says-nothing");
		child_expect(&stand.child, orders[i][0]);
		child_expect(&stand.child, orders[i][1]);
		stand_run_until(&stand, &stand.ends, 1);
		assert_true(stand.crashed);
		stand_release(&stand);
	}
}

/* One that hangs whenever it is started is started ever more slowly, however
 * long we wait for it; one that had been well for long is replaced at once. */
static void
hanging_is_dying_quickly(void **state)
{
	const int64_t hour = 3600 * INT64_C(1000000);
	struct stand stand;

	(void)state;
	stand_start(&stand, "says-nothing");
	child_expect(&stand.child, SOON_MS);
	stand.child.started_us -= hour; /* silent since then */
	stand.child.owed_us -= hour;
	stand_run_until(&stand, &stand.ends, 1);
	assert_int_equal(stand.child.quick_deaths, 1);
	child_start(&stand.child);
	stand_run_until(&stand, &stand.started, 2);
	stand.child.started_us -= hour;
	child_expect(&stand.child, SOON_MS);
	stand_run_until(&stand, &stand.ends, 2);
	assert_int_equal(stand.child.quick_deaths, 0);
	stand_release(&stand);
}

/* A kill would not end it sooner, and the next one would wait as well. */
static void
one_that_waits_for_the_disk_is_left_alone(void **state)
{
	struct stand stand;
	int64_t due;

	(void)state;
	stand_start(&stand, "waits");
	stand_run_until(&stand, &stand.answers, 1);
	child_expect(&stand.child, SOON_MS);
	for (due = stand.child.due_us; stand.child.due_us == due;)
		stand_turn(&stand);
	assert_int_equal(stand.ends, 0);
	assert_true(child_is_up(&stand.child));
	/* It is looked at again, until it answers. */
	assert_true(evtimer_pending(stand.child.patience, NULL));
	stand_ask(&stand);
	stand_run_until(&stand, &stand.answers, 2);
	assert_false(evtimer_pending(stand.child.patience, NULL));
	stand_release(&stand);
}

/* --- ends --------------------------------------------------------------- */

static void
one_that_hangs_up_is_replaced(void **state)
{
	struct stand stand;

	(void)state;
	stand_start(&stand, "hangs-up");
	stand_run_until(&stand, &stand.ends, 1);
	assert_false(child_is_up(&stand.child));
	assert_int_equal(stand.child.pid, 0);
	stand_release(&stand);
}

/* Its socket closes before waitpid tells of it; that must not look like a
 * death of another kind. */
static void
an_end_in_good_order_is_no_crash(void **state)
{
	struct stand stand;

	(void)state;
	stand_start(&stand, "ends");
	child_expect(&stand.child, LATE_MS);
	stand_ask(&stand);
	stand_run_until(&stand, &stand.ends, 1);
	assert_false(stand.crashed);
	assert_int_equal(stand.child.quick_deaths, 0);
	assert_false(evtimer_pending(stand.child.patience, NULL));
	stand_release(&stand);
}

/* For want of descriptors, say: the next try comes by itself. */
static void
one_that_cannot_be_started_is_tried_again(void **state)
{
	struct rlimit before, none;
	struct stand stand;

	(void)state;
	stand_init(&stand, "answers");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	child_start(&stand.child);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(stand.started, 0);
	assert_false(child_is_up(&stand.child));
	stand_run_until(&stand, &stand.started, 1);
	stand_release(&stand);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_answers_is_left_alone),
		cmocka_unit_test(one_that_does_not_is_replaced),
		cmocka_unit_test(a_stopped_one_is_replaced),
		cmocka_unit_test(the_sooner_time_counts),
		cmocka_unit_test(hanging_is_dying_quickly),
		cmocka_unit_test(one_that_waits_for_the_disk_is_left_alone),
		cmocka_unit_test(one_that_hangs_up_is_replaced),
		cmocka_unit_test(an_end_in_good_order_is_no_crash),
		cmocka_unit_test(one_that_cannot_be_started_is_tried_again),
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (argc == 1 && strcmp(argv[0], parts[i].name) == 0)
			return parts[i].play();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
