/*
 * test_plan.c - what the keeper takes for a plan, and how it starts a job by
 * one.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "io.h"
#include "keeper.h"

/* For keeper_job.c and keeper_supervisor.c, which are linked with us; the
 * real ones are beside the keeper's main. */
void
keeper_log(const char *what)
{
	fail_msg("%s", what);
}

void
keeper_arm(int timer, int64_t ms)
{
	(void)timer;
	(void)ms;
}

void
keeper_watch(struct keeper *keeper, int op, int fd, uint32_t events)
{
	(void)keeper;
	(void)op;
	(void)fd;
	(void)events;
}

/* A plan as it lies in its file. */
struct paper {
	_Alignas(8) char bytes[65536];
	size_t size;
};

static struct family_plan *
head(struct paper *paper)
{
	return (struct family_plan *)paper->bytes;
}

static uint32_t
put(struct paper *paper, const char *bytes, size_t n)
{
	uint32_t at = (uint32_t)paper->size;

	memcpy(paper->bytes + at, bytes, n);
	paper->size += n;
	return at;
}

static uint32_t
put_list(struct paper *paper, const char *const *list, uint32_t *count)
{
	uint32_t at = (uint32_t)paper->size;

	for (*count = 0; list[*count] != NULL; (*count)++)
		put(paper, list[*count], strlen(list[*count]) + 1);
	return at;
}

/* A good plan for argv. */
static void
write_plan(struct paper *paper, const char *const *argv, const char *cwd)
{
	static const char *const env[] = { "A=1",
		"EMPTY=", "PATH=/usr/bin:/bin", NULL };
	static const char attempt[32] = "JOBWATCH_ATTEMPT=1";
	struct family_plan plan = { .magic = FAMILY_PLAN_MAGIC, .umask = -1 };
	uint32_t at;

	memset(paper, 0, sizeof(*paper));
	paper->size = sizeof(plan);
	plan.argv_offset = put_list(paper, argv, &plan.argc);
	plan.cwd_offset = put(paper, cwd, strlen(cwd) + 1);
	plan.env_offset = put_list(paper, env, &plan.envc);
	at = put(paper, attempt, sizeof(attempt));
	plan.attempt_offset = at + (uint32_t)strlen("JOBWATCH_ATTEMPT=");
	plan.envc++;
	plan.size = (uint32_t)paper->size;
	memcpy(paper->bytes, &plan, sizeof(plan));
}

static int
hand_over(const struct paper *paper, struct keeper_job *job)
{
	int fd = memfd_create("plan", MFD_CLOEXEC), result;

	assert_int_not_equal(fd, -1);
	assert_int_equal(io_write_all(fd, paper->bytes, paper->size), 0);
	errno = 0;
	result = keeper_job_init(job, fd);
	close(fd);
	return result;
}

static void
release(struct keeper_job *job)
{
	free(job->argv);
	free(job->env);
	munmap(job->plan, job->plan->size);
}

static const char *const words[] = { "prog", "", "two words", "\xff\x01",
	NULL };

static void
good_plan(void **state)
{
	struct keeper_job job;
	struct paper paper;

	(void)state;
	write_plan(&paper, words, "/tmp");
	assert_int_equal(hand_over(&paper, &job), 0);
	for (int i = 0; words[i] != NULL; i++)
		assert_string_equal(job.argv[i], words[i]);
	assert_null(job.argv[4]);
	assert_string_equal(job.env[0], "A=1");
	assert_string_equal(job.env[1], "EMPTY=");
	assert_string_equal(job.env[3], "JOBWATCH_ATTEMPT=1");
	assert_null(job.env[4]);
	release(&job);
}

static void
refused(struct paper *paper, const char *what)
{
	struct keeper_job job;

	if (hand_over(paper, &job) != -1)
		fail_msg("%s is taken for a plan", what);
	if (errno != EBADMSG)
		fail_msg("%s: errno is %d", what, errno);
}

static void
too_short(void **state)
{
	struct paper paper;

	(void)state;
	write_plan(&paper, words, "/tmp");
	paper.size = 0;
	refused(&paper, "an empty file");
	paper.size = sizeof(struct family_plan) - 1;
	refused(&paper, "half a head");
	paper.size = sizeof(struct family_plan);
	refused(&paper, "a head alone");
}

#define SPOILED(field, value)                         \
	do {                                          \
		write_plan(&paper, words, "/tmp");    \
		head(&paper)->field = (value);        \
		refused(&paper, #field " = " #value); \
	} while (0)

static void
bad_head(void **state)
{
	struct paper paper;

	(void)state;
	SPOILED(magic, FAMILY_PLAN_MAGIC + 1);
	SPOILED(size, (uint32_t)paper.size + 1);
	SPOILED(size, (uint32_t)paper.size - 1);
	SPOILED(size, 0);
	SPOILED(argc, 0);
	SPOILED(argc, 1000);
	SPOILED(argc, UINT32_MAX);
	SPOILED(envc, 1000);
	SPOILED(envc, UINT32_MAX);
	SPOILED(argv_offset, (uint32_t)paper.size);
	SPOILED(argv_offset, UINT32_MAX);
	SPOILED(env_offset, (uint32_t)paper.size);
	SPOILED(env_offset, UINT32_MAX);
	SPOILED(cwd_offset, (uint32_t)paper.size);
	SPOILED(cwd_offset, UINT32_MAX);
	SPOILED(attempt_offset, (uint32_t)paper.size - FAMILY_ATTEMPT_DIGITS);
	SPOILED(attempt_offset, UINT32_MAX);
	SPOILED(attempt_offset, UINT32_MAX - 5);
}

static void
unterminated_string(void **state)
{
	struct paper paper;

	(void)state;
	write_plan(&paper, words, "/tmp");
	memset(paper.bytes + head(&paper)->attempt_offset, 'x',
	    paper.size - head(&paper)->attempt_offset);
	refused(&paper, "a plan whose last string has no end");
	/* A directory's name up to the end of a page, and beyond. */
	write_plan(&paper, words, "/tmp");
	head(&paper)->cwd_offset = (uint32_t)paper.size;
	while (paper.size % 4096 != 0)
		paper.bytes[paper.size++] = 'x';
	head(&paper)->size = (uint32_t)paper.size;
	refused(&paper, "a directory without end");
}

/* --- starting ----------------------------------------------------------- */

/* What the job said on its output; *failure is what its exec said. */
static int
start(const char *const *argv, const char *cwd, uint32_t attempt, char *said,
    size_t cap, int failure[2])
{
	struct keeper_job job;
	struct paper paper;
	int out[2], fds[3] = { STDIN_FILENO }, report, status;
	ssize_t n;
	pid_t pid;

	write_plan(&paper, argv, cwd);
	assert_int_equal(hand_over(&paper, &job), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	fds[1] = fds[2] = out[1];
	pid = keeper_job_spawn(&job, attempt, fds, &report);
	assert_int_not_equal(pid, -1);
	close(out[1]);
	n = io_read_full(out[0], said, cap - 1);
	assert_int_not_equal(n, -1);
	said[n] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	n = io_read_full(report, failure, 2 * sizeof(int));
	if (n == 0)
		failure[0] = failure[1] = 0;
	else
		assert_int_equal(n, 2 * sizeof(int));
	close(report);
	release(&job);
	return status;
}

static void
starts_a_job(void **state)
{
	static const char *const argv[] = { "sh", "-c",
		"pwd; echo $A $JOBWATCH_ATTEMPT; "
		"read stat < /proc/$$/stat; set -- $stat; "
		"test $6 = $$ && echo leads; exit 3",
		NULL };
	char said[256];
	int failure[2];

	(void)state;
	assert_int_equal(start(argv, "/usr", 4294967295u, said, sizeof(said),
			     failure),
	    3 << 8);
	assert_int_equal(failure[0], 0);
	assert_string_equal(said, "/usr\n1 4294967295\nleads\n");
}

/* What comes out of a terminal until nobody has it any more. */
static void
read_terminal(int master, char *said, size_t cap)
{
	size_t have = 0;
	ssize_t n;

	while ((n = read(master, said + have, cap - 1 - have)) > 0)
		have += (size_t)n;
	assert_int_equal(n, -1);
	assert_int_equal(errno, EIO);
	said[have] = '\0';
}

/* All three are its terminal, or all but its input; it is its own in either
 * case, and it leads what is in the foreground there. */
static void
starts_it_on_a_terminal(void **state)
{
	static const char *const argv[] = { "sh", "-c",
		"test -t 0 && test -t 2 && echo input; test -t 1 && echo "
		"output; read stat < /proc/$$/stat; set -- $stat; "
		"test $6 = $$ && test $8 = $$ && echo leads > /dev/tty",
		NULL };
	static const char *const said[] = { "output\r\nleads\r\n",
		"input\r\noutput\r\nleads\r\n" };

	(void)state;
	for (int all = 0; all < 2; all++) {
		int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		int slave, fds[3], report, status;
		struct keeper_job job;
		struct paper paper;
		char got[256];

		assert_int_equal(unlockpt(master), 0);
		slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
		fds[0] = all ? slave : open("/dev/null", O_RDONLY | O_CLOEXEC);
		fds[1] = fds[2] = slave;
		write_plan(&paper, argv, "/");
		head(&paper)->terminal = all ? FAMILY_TERMINAL_ALL
					     : FAMILY_TERMINAL_OUTPUT;
		assert_int_equal(hand_over(&paper, &job), 0);
		assert_true(keeper_job_spawn(&job, 1, fds, &report) > 0);
		if (!all)
			close(fds[0]);
		close(slave);
		read_terminal(master, got, sizeof(got));
		assert_string_equal(got, said[all]);
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
		close(report);
		close(master);
		release(&job);
	}
}

/* 32 and 33 are glibc's own; it lets nobody set them, and whoever runs the
 * tests may have had them ignored. */
#define LIBC_SIGNALS (3ULL << 31)

static void
starts_it_with_plain_signals(void **state)
{
	static const char *const argv[] = { "grep", "-E", "SigBlk|SigIgn",
		"/proc/self/status", NULL };
	char said[256];
	int failure[2];
	unsigned long long blocked, ignored;
	sigset_t all, before;

	(void)state;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(start(argv, "/", 1, said, sizeof(said), failure), 0);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_int_equal(sscanf(said, "SigBlk: %llx SigIgn: %llx", &blocked,
			     &ignored),
	    2);
	assert_int_equal(blocked, 0);
	assert_int_equal(ignored & ~LIBC_SIGNALS, 0);
}

static void
says_why_not(void **state)
{
	static const char *const missing[] = { "/nonexistent/program", NULL };
	static const char *const folder[] = { "/tmp", NULL };
	static const char *const good[] = { "true", NULL };
	char said[256];
	int failure[2];

	(void)state;
	start(missing, "/", 1, said, sizeof(said), failure);
	assert_int_equal(failure[0], ENOENT);
	assert_int_equal(failure[1], 0);
	start(folder, "/", 1, said, sizeof(said), failure);
	assert_int_equal(failure[0], EACCES);
	assert_int_equal(failure[1], 0);
	start(good, "/nonexistent", 1, said, sizeof(said), failure);
	assert_int_equal(failure[0], ENOENT);
	assert_int_not_equal(failure[1], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_plan),
		cmocka_unit_test(too_short),
		cmocka_unit_test(bad_head),
		cmocka_unit_test(unterminated_string),
		cmocka_unit_test(starts_a_job),
		cmocka_unit_test(starts_it_on_a_terminal),
		cmocka_unit_test(starts_it_with_plain_signals),
		cmocka_unit_test(says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
