/*
 * test_strays.c - which processes a look finds, and that KILL reaches them.
 *
 * The keeper is said to be gone unless a test has one: else our own parent's
 * children would count as the job's.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "fixture.h"
#include "strays.h"
#include "supervisor.h"

static struct fixture fixture;
static struct supervisor supervisor;

static int
setup(void **state)
{
	static const int no_stages[STREAM_COUNT] = { -1, -1 };
	struct why why;

	(void)state;
	fixture_init(&fixture);
	supervisor = (struct supervisor){ .base = event_base_new() };
	supervisor.writer = writer_new(fixture.dir, no_stages, 0, 0, &why);
	supervisor.life.supervisor = &supervisor;
	supervisor.life.keeper_gone = true;
	return supervisor.base == NULL || supervisor.writer == NULL ||
	    writer_start(supervisor.writer) == -1 ||
	    strays_init(&supervisor.strays, &supervisor, &why) == -1;
}

static int
teardown(void **state)
{
	(void)state;
	strays_release(&supervisor.strays);
	writer_free(supervisor.writer, 5000);
	event_base_free(supervisor.base);
	fixture_release(&fixture);
	return 0;
}

/* A look, until it is over. */
static void
look(pid_t job, bool must_kill)
{
	strays_look(&supervisor.strays, job, must_kill);
	assert_true(strays_are_busy(&supervisor.strays));
	while (strays_are_busy(&supervisor.strays))
		event_base_loop(supervisor.base, EVLOOP_ONCE);
}

static const char *
found_name(pid_t pid)
{
	const struct strays *strays = &supervisor.strays;

	for (unsigned i = 0; i < strays->count && i < STRAYS_MAX; i++)
		if (strays->found[i].pid == pid)
			return strays->found[i].name;
	return NULL;
}

/* How a process of a test places itself before it waits for its end. */
enum place {
	PLACE_SAME,    /* as its parent */
	PLACE_GROUP,   /* a process group of its own */
	PLACE_SESSION, /* a session of its own */
};

static void
take_place(enum place place, const char *name)
{
	if (place == PLACE_GROUP)
		setpgid(0, 0);
	if (place == PLACE_SESSION)
		setsid();
	prctl(PR_SET_NAME, name);
}

static void
say_pid(int fd)
{
	pid_t self = getpid();

	io_write_all(fd, &self, sizeof(self));
	close(fd);
	for (;;)
		pause();
}

/* Starts a job in a session of its own with one child; both pids. */
static void
job_start(enum place place, pid_t pids[2])
{
	int say[2];

	assert_int_equal(pipe(say), 0);
	pids[0] = fork();
	assert_int_not_equal(pids[0], -1);
	if (pids[0] == 0) {
		take_place(PLACE_SESSION, "job main");
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fork() == 0) {
			take_place(place, "a) S 1 (b");
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			say_pid(say[1]);
		}
		for (;;)
			pause();
	}
	close(say[1]);
	assert_int_equal(io_read_full(say[0], &pids[1], sizeof(pids[1])),
	    sizeof(pids[1]));
	close(say[0]);
}

static void
finds(enum place place)
{
	pid_t pids[2];

	job_start(place, pids);
	look(pids[0], false);
	assert_int_equal(supervisor.strays.count, 2);
	assert_string_equal(found_name(pids[0]), "job main");
	assert_string_equal(found_name(pids[1]), "a) S 1 (b");
	kill(pids[0], SIGKILL);
	kill(pids[1], SIGKILL);
	waitpid(pids[0], NULL, 0);
}

static void
finds_the_session(void **state)
{
	(void)state;
	finds(PLACE_SAME);
	finds(PLACE_GROUP);
}

static void
finds_who_left_the_session(void **state)
{
	(void)state;
	finds(PLACE_SESSION);
}

/* Neither us, nor what else we have started. */
static void
finds_nobody_else(void **state)
{
	pid_t other = fork(), job[2];

	(void)state;
	assert_int_not_equal(other, -1);
	if (other == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	job_start(PLACE_SAME, job);
	look(job[0], true);
	assert_int_equal(supervisor.strays.count, 2);
	assert_null(found_name(other));
	assert_null(found_name(getpid()));
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	waitpid(job[0], NULL, 0);
}

static void
kills_them_all(void **state)
{
	pid_t pids[2];
	int status;

	(void)state;
	job_start(PLACE_SESSION, pids);
	look(pids[0], true);
	assert_int_equal(waitpid(pids[0], &status, 0), pids[0]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	do
		look(pids[0], true);
	while (supervisor.strays.count > 0);
}

/* --- with a keeper ------------------------------------------------------ */

/* What the supervisor's side finds when `orphan` was adopted by the keeper,
 * our parent. Never returns: 0 for all well. */
static void
supervisor_main(pid_t job, pid_t orphan)
{
	supervisor.life.keeper_gone = false;
	look(job, true);
	_exit(
	    supervisor.strays.count == 1 && found_name(orphan) != NULL ? 0 : 1);
}

/* The keeper: its job has left a daemon behind and is gone. Never returns. */
static void
keeper_main(void)
{
	int say[2], status;
	pid_t job, orphan, looker;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pipe(say) == -1 || (job = fork()) == -1)
		_exit(10);
	if (job == 0) {
		setsid();
		if (fork() == 0) {
			take_place(PLACE_SESSION, "daemon");
			say_pid(say[1]);
		}
		_exit(0);
	}
	if (waitpid(job, NULL, 0) != job ||
	    io_read_full(say[0], &orphan, sizeof(orphan)) != sizeof(orphan))
		_exit(11);
	if ((looker = fork()) == 0)
		supervisor_main(job, orphan);
	if (waitpid(looker, &status, 0) != looker || status != 0)
		_exit(12);
	if (waitpid(orphan, &status, 0) != orphan || status != SIGKILL)
		_exit(13);
	_exit(0);
}

static void
finds_what_the_keeper_adopted(void **state)
{
	int status;
	pid_t keeper;

	(void)state;
	keeper = fork();
	assert_int_not_equal(keeper, -1);
	if (keeper == 0) {
		/* A loop of its own: epoll is shared across fork. */
		if (event_reinit(supervisor.base) == -1)
			_exit(14);
		keeper_main();
	}
	assert_int_equal(waitpid(keeper, &status, 0), keeper);
	assert_int_equal(status, 0);
}

/* --- words -------------------------------------------------------------- */

static void
written_for_people(void **state)
{
	struct strays strays = { .count = 2,
		.found = { { 12, "sleep" }, { 7, "\"odd\"\n" } } };
	char text[256];
	struct jsonw w;

	(void)state;
	jsonw_start(&w, text, sizeof(text));
	jsonw_open(&w, NULL, '{');
	strays_write(&strays, &w, "strays");
	jsonw_close(&w, '}');
	assert_int_not_equal(jsonw_end(&w), -1);
	assert_string_equal(text,
	    "{\"strays\":[\"sleep (12)\",\"\\\"odd\\\"\\n (7)\"]}");
	strays.count = 0;
	jsonw_start(&w, text, sizeof(text));
	jsonw_open(&w, NULL, '{');
	strays_write(&strays, &w, "strays");
	jsonw_close(&w, '}');
	assert_int_not_equal(jsonw_end(&w), -1);
	assert_string_equal(text, "{}");
}

/* More than are named are still counted. */
static void
written_within_bounds(void **state)
{
	static struct strays strays;
	char text[8192];
	struct jsonw w;
	json_t *list;

	(void)state;
	strays.count = 1000;
	jsonw_start(&w, text, sizeof(text));
	jsonw_open(&w, NULL, '{');
	strays_write(&strays, &w, "strays");
	jsonw_close(&w, '}');
	assert_int_not_equal(jsonw_end(&w), -1);
	list = json_loads(text, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(list, "strays")),
	    STRAYS_MAX);
	json_decref(list);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(finds_the_session),
		TEST(finds_who_left_the_session),
		TEST(finds_nobody_else),
		TEST(kills_them_all),
		TEST(finds_what_the_keeper_adopted),
		TEST(written_for_people),
		TEST(written_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
