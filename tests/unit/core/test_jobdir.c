/*
 * test_jobdir.c - ids that are never given twice, and who holds a lock.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "home.h"
#include "jobdir.h"
#include "scratch.h"

struct fixture {
	char *path;
	int home;
};

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));
	struct why why;

	*state = fix;
	fix->path = scratch_new();
	setenv("JOBWATCH_HOME", fix->path, 1);
	fix->home = home_open(&why);
	return fix->home == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	close(fix->home);
	scratch_remove(fix->path);
	free(fix);
	return 0;
}

static void
expect_create(struct fixture *fix, const char *name, const char *want)
{
	char id[JOB_ID_MAX];
	struct why why;
	int fd = jobdir_create(fix->home, name, id, &why);

	assert_int_not_equal(fd, -1);
	assert_string_equal(id, want);
	close(fd);
}

static void
expect_find(struct fixture *fix, const char *job, const char *want)
{
	char id[JOB_ID_MAX];
	struct why why;
	int fd = jobdir_find(fix->home, job, id, &why);

	assert_int_not_equal(fd, -1);
	assert_string_equal(id, want);
	close(fd);
}

/* --- names and numbers -------------------------------------------------- */

static void
test_names(void **state)
{
	char name[JOB_NAME_MAX + 1], longest[80];

	(void)state;
	memset(longest, 'a', 79);
	longest[79] = '\0';
	assert_true(job_name_ok("a") && job_name_ok("9") &&
	    job_name_ok("Train_v1.2-x"));
	assert_true(job_name_ok(longest + 79 - 63));
	assert_false(job_name_ok(longest + 79 - 64));
	assert_false(job_name_ok("") || job_name_ok("-a") ||
	    job_name_ok(".a") || job_name_ok("a b") || job_name_ok("a/b") ||
	    job_name_ok("\xc3\xa9") || job_name_ok("a\n"));
	job_name_from("./my train.py", name);
	assert_string_equal(name, "my-train.py");
	job_name_from("\xc3\xa9\xc3\xa9", name);
	assert_string_equal(name, "job");
	job_name_from("", name);
	assert_string_equal(name, "job");
	job_name_from(longest, name);
	assert_true(job_name_ok(name));
	assert_int_equal(strlen(name), JOB_NAME_MAX);
}

static void
test_numbers_count_up(void **state)
{
	struct fixture *fix = *state;

	expect_create(fix, "train", "train-1");
	expect_create(fix, "train", "train-2");
	expect_create(fix, "other", "other-1");
	expect_create(fix, "train", "train-3");
}

static void
test_numbers_are_not_given_again(void **state)
{
	struct fixture *fix = *state;

	expect_create(fix, "train", "train-1");
	expect_create(fix, "train", "train-2");
	assert_int_equal(jobdir_remove(fix->home, "train-2"), 0);
	expect_create(fix, "train", "train-3");
	assert_int_equal(jobdir_remove(fix->home, "train-1"), 0);
	assert_int_equal(jobdir_remove(fix->home, "train-3"), 0);
	expect_create(fix, "train", "train-4");
}

/* The counter is lost or rubbish: what is there is counted past. */
static void
test_lost_counter(void **state)
{
	struct fixture *fix = *state;

	for (int i = 0; i < 3; i++)
		close(jobdir_create(fix->home, "train", (char[JOB_ID_MAX]){ 0 },
		    &(struct why){ "" }));
	assert_int_equal(unlinkat(fix->home, "counters/train", 0), 0);
	expect_create(fix, "train", "train-4");
	assert_int_equal(unlinkat(fix->home, "counters/train", 0), 0);
	scratch_append(fix->home, "counters/train", "rubbish", 7);
	expect_create(fix, "train", "train-5");
	expect_create(fix, "train", "train-6");
}

static void
create_many(struct fixture *fix)
{
	for (int i = 0; i < 20; i++) {
		char id[JOB_ID_MAX];
		struct why why;
		int fd = jobdir_create(fix->home, "busy", id, &why);

		if (fd == -1)
			_exit(1);
		/* Who else had this id would find the mark. */
		if (mkdirat(fd, "mine", 0700) == -1)
			_exit(2);
		close(fd);
	}
	_exit(0);
}

static int
count_visit(const char *id, void *arg)
{
	(void)id;
	(*(int *)arg)++;
	return 0;
}

static void
test_fifty_at_once(void **state)
{
	struct fixture *fix = *state;
	int count = 0, status;

	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();

		assert_int_not_equal(pid, -1);
		if (pid == 0)
			create_many(fix);
	}
	for (int i = 0; i < 50; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(jobdir_each(fix->home, false, count_visit, &count), 0);
	assert_int_equal(count, 1000);
	expect_create(fix, "busy", "busy-1001");
}

static void
test_find(void **state)
{
	struct fixture *fix = *state;
	static const char *const none[] = { "nosuch", "", ".", "..", "../x",
		"/etc", "a/", "train-99", "train-", "trai", "jobs/train-1" };
	char id[JOB_ID_MAX], longest[300];
	struct why why;

	for (int i = 0; i < 11; i++)
		close(jobdir_create(fix->home, "train", id, &why));
	expect_create(fix, "train-2", "train-2-1");
	expect_find(fix, "train-3", "train-3");
	expect_find(fix, "train", "train-11");	/* by number, not text */
	expect_find(fix, "train-2", "train-2"); /* an id beats a name */
	assert_int_equal(jobdir_remove(fix->home, "train-2"), 0);
	expect_find(fix, "train-2", "train-2-1");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(jobdir_find(fix->home, none[i], id, &why), -1);
		assert_int_equal(errno, ENOENT);
		assert_non_null(strstr(why.text, "no such job"));
	}
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(jobdir_find(fix->home, longest, id, &why), -1);
	assert_int_equal(errno, ENOENT);
}

/* --- directories -------------------------------------------------------- */

static void
test_remove_follows_no_link(void **state)
{
	struct fixture *fix = *state;
	struct stat st;
	int dir;

	expect_create(fix, "train", "train-1");
	dir = jobdir_open(fix->home, "train-1");
	scratch_append(fix->home, "precious", "x", 1);
	assert_int_equal(symlinkat("../..", dir, "up"), 0);
	assert_int_equal(mkdirat(dir, "deep", 0700), 0);
	assert_int_equal(mkdirat(dir, "deep/er", 0700), 0);
	assert_int_equal(symlinkat("/", dir, "deep/er/root"), 0);
	scratch_append(dir, "deep/er/file", "x", 1);
	close(dir);
	assert_int_equal(jobdir_remove(fix->home, "train-1"), 0);
	assert_int_equal(jobdir_open(fix->home, "train-1"), -1);
	assert_int_equal(fstatat(fix->home, "precious", &st, 0), 0);
	assert_int_equal(jobdir_remove(fix->home, "train-1"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(jobdir_remove(fix->home, "../jobs"), -1);
}

static int
stop_visit(const char *id, void *arg)
{
	(void)arg;
	return strcmp(id, "train-2") == 0 ? 42 : 0;
}

static void
test_each_and_marks(void **state)
{
	struct fixture *fix = *state;
	int count = 0;

	expect_create(fix, "train", "train-1");
	expect_create(fix, "train", "train-2");
	assert_int_equal(jobdir_each(fix->home, false, stop_visit, NULL), 42);
	assert_int_equal(jobdir_each(fix->home, true, count_visit, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(jobdir_mark(fix->home, "train-1"), 0);
	assert_int_equal(jobdir_mark(fix->home, "train-1"), 0);
	assert_int_equal(jobdir_each(fix->home, true, count_visit, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(jobdir_unmark(fix->home, "train-1"), 0);
	assert_int_equal(jobdir_unmark(fix->home, "train-1"), -1);
}

/* --- locks -------------------------------------------------------------- */

static void
test_lock(void **state)
{
	struct fixture *fix = *state;
	int dir, lock, copy;

	expect_create(fix, "train", "train-1");
	dir = jobdir_open(fix->home, "train-1");
	assert_int_equal(jobdir_alive(dir), 0); /* no such file yet */
	lock = jobdir_lock(dir);
	assert_int_not_equal(lock, -1);
	assert_int_equal(jobdir_alive(dir), 1); /* from the same process */
	assert_int_equal(jobdir_lock(dir), -1);
	assert_int_equal(errno, EAGAIN);
	copy = dup(lock); /* as the keeper's child has it */
	close(lock);
	assert_int_equal(jobdir_alive(dir), 1);
	close(copy);
	assert_int_equal(jobdir_alive(dir), 0);
	lock = jobdir_lock(dir);
	assert_int_not_equal(lock, -1);
	close(lock);
	close(dir);
}

static void
test_lock_of_a_killed_process(void **state)
{
	struct fixture *fix = *state;
	int dir, ready[2];
	char byte;
	pid_t pid;

	expect_create(fix, "train", "train-1");
	dir = jobdir_open(fix->home, "train-1");
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (jobdir_lock(dir) != -1 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(jobdir_alive(dir), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(jobdir_alive(dir), 0);
	close(ready[0]);
	close(ready[1]);
	close(dir);
}

static void
test_identity(void **state)
{
	struct fixture *fix = *state;
	struct why why;
	char boot[40];
	json_t *identity;
	int dir;

	expect_create(fix, "train", "train-1");
	dir = jobdir_open(fix->home, "train-1");
	assert_null(jobdir_identity(dir, &why));
	scratch_append(dir, "job.json", "[1]", 3);
	assert_null(jobdir_identity(dir, &why));
	unlinkat(dir, "job.json", 0);
	scratch_append(dir, "job.json", "{\"id\":\"train-1\"}", 16);
	identity = jobdir_identity(dir, &why);
	assert_non_null(identity);
	json_decref(identity);
	assert_int_equal(strlen(jobdir_boot_id(boot)), 36);
	close(dir);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		TEST(test_numbers_count_up),
		TEST(test_numbers_are_not_given_again),
		TEST(test_lost_counter),
		TEST(test_fifty_at_once),
		TEST(test_find),
		TEST(test_remove_follows_no_link),
		TEST(test_each_and_marks),
		TEST(test_lock),
		TEST(test_lock_of_a_killed_process),
		TEST(test_identity),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
