/*
 * test_follower.c - a name, and the files that it comes to mean.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "family.h"
#include "follower.h"
#include "ground.h"
#include "io.h"

/* Done one after the other; what is read then (NULL: there is no room). */
struct act {
	const char *done;
	const char *read;
};

static void
act_out(const struct act *acts, const char *first)
{
	struct follower follower;
	struct ground ground;
	char bytes[8192];
	int fd;

	ground_init(&ground);
	ground_do(&ground, first);
	fd = open(ground.log, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(lseek(fd, 0, SEEK_END) >= 0);
	follower_init(&follower, ground.log, fd);
	for (; acts->done != NULL; acts++) {
		size_t have = 0, n;

		ground_do(&ground, acts->done);
		follower_step(&follower);
		if (acts->read == NULL)
			continue;
		while ((n = follower_read(&follower, bytes + have, 1000)) > 0)
			have += n;
		bytes[have] = '\0';
		assert_string_equal(bytes, acts->read);
	}
	follower_release(&follower);
	ground_release(&ground);
}

static void
grows(void **state)
{
	static const struct act acts[] = {
		{ ":", "" },
		{ "echo one >> log", "one\n" },
		{ "printf two >> log", "two" },
		{ "echo more >> log; echo three >> log", "more\nthree\n" },
		{ NULL, NULL },
	};

	(void)state;
	act_out(acts, "echo before > log");
}

static void
is_rotated(void **state)
{
	static const struct act acts[] = {
		{ "echo one >> log; mv log log.1", "one\n" },
		{ "echo two >> log.1", "two\n" }, /* nobody has told it yet */
		{ "echo a > log; echo three >> log.1", "three\na\n" },
		{ "echo b >> log; echo four >> log.1", "four\nb\n" },
		{ "mv log.1 log.2; mv log log.1; echo x > log; echo c >> log.1",
		    "c\nx\n" },
		{ "rm log.1 log.2; echo y >> log", "y\n" },
		{ NULL, NULL },
	};

	(void)state;
	act_out(acts, "echo before > log");
}

/* Files come and go while there is no room for what they hold. */
static void
is_rotated_while_we_wait(void **state)
{
	static const struct act acts[] = {
		{ "echo 1 >> log", NULL },
		{ "mv log 1; echo 2 > log", NULL },
		{ "mv log 2; echo 3 > log", NULL },
		{ "mv log 3; echo 4 > log", NULL },
		{ "mv log 4; echo 5 > log", NULL },
		{ "mv log 5; echo 6 > log", NULL },
		{ "mv log 6; echo 7 > log", NULL },
		{ "mv log 7; echo 8 > log", NULL },
		{ "mv log 8; echo 9 > log", NULL },
		{ "echo last >> 5", "1\n2\n3\n4\n5\nlast\n6\n7\n8\n" },
		{ ":", "9\n" },
		{ "echo more >> log", "more\n" },
		{ NULL, NULL },
	};

	(void)state;
	act_out(acts, ": > log");
}

static void
is_truncated(void **state)
{
	static const struct act acts[] = {
		{ "echo one >> log", "one\n" },
		{ ": > log", "" },
		{ "echo two >> log", "two\n" },
		{ "cp log log.1; : > log; echo three >> log", "three\n" },
		{ "echo four4 > log", "four4\n" },
		{ "echo five5 > log", "five5\n" },
		{ NULL, NULL },
	};

	(void)state;
	act_out(acts, "echo before > log");
}

static void
appears(void **state)
{
	static const struct act acts[] = {
		{ ":", "" },
		{ ": > other", "" },
		{ "echo one > log", "one\n" },
		{ "rm log", "" },
		{ "echo two > log", "two\n" },
		{ "mv log away", "" },
		{ "mv away log; echo three >> log", "three\n" },
		{ NULL, NULL },
	};

	(void)state;
	act_out(acts, "rm -f log");
}

/* From link to link, and back: nothing is read twice. */
static void
is_a_link(void **state)
{
	static const struct act acts[] = {
		{ "echo a1 >> a", "a1\n" },
		{ "echo b1 > b; ln -sfn b log", "b1\n" },
		{ "echo a2 >> a; echo b2 >> b", "a2\nb2\n" },
		{ "ln -sfn a log; echo a3 >> a", "a3\n" },
		{ "ln -sfn none log", "" },
		{ "echo n > none", "n\n" },
		{ NULL, NULL },
	};

	(void)state;
	act_out(acts, "echo before > a; ln -s a log");
}

/* Let go and found again, a file is read on where it was left. */
static void
comes_back(void **state)
{
	static const struct act acts[] = {
		{ "echo one >> log", "one\n" },
		{ "for i in 1 2 3 4 5 6 7; do echo $i > f$i; done; mv log f0;"
		  " ln -s f1 log",
		    "1\n" },
		{ "ln -sfn f2 log", "2\n" },
		{ "ln -sfn f3 log", "3\n" },
		{ "ln -sfn f4 log", "4\n" },
		{ "ln -sfn f5 log", "5\n" },
		{ "ln -sfn f6 log", "6\n" },
		{ "ln -sfn f7 log", "7\n" },
		{ "echo 8 > f8; ln -sfn f8 log", "8\n" },
		{ "echo two >> f0; ln -sfn f0 log", "two\n" },
		{ "rm f1; ln -sfn f1 log", "" },
		{ "echo three > f1", "three\n" },
		{ NULL, NULL },
	};

	(void)state;
	act_out(acts, ": > log");
}

/* What was said through fd while act_out was at work. */
static void
said(int fd, const struct act *acts, char *text, size_t cap)
{
	int words = memfd_create("words", MFD_CLOEXEC), saved = dup(fd);
	ssize_t n;

	dup2(words, fd);
	act_out(acts, "rm -f log; printf 0123456789 > log");
	if (saved == -1)
		close(fd);
	else
		dup2(saved, fd);
	close(saved);
	n = io_pread_full(words, text, cap - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	close(words);
}

static void
says_what_may_be_missing(void **state)
{
	static const struct act cut[] = {
		{ ": > log; echo on >> log", "on\n" },
		{ NULL, NULL },
	};
	static const struct act folder[] = {
		{ "rm log; mkdir log", "" },
		{ ":", "" },
		{ NULL, NULL },
	};
	char text[512];

	(void)state;
	said(FEEDER_FD_LOG, cut, text, sizeof(text));
	assert_non_null(strstr(text, "/log was truncated; 10 bytes"));
	assert_non_null(strstr(text, "may be missing\n"));
	said(STDERR_FILENO, cut, text, sizeof(text));
	assert_string_equal(text, "");
	said(STDERR_FILENO, folder, text, sizeof(text));
	assert_non_null(strstr(text, "jobwatch: cannot read /tmp/"));
	assert_ptr_equal(strstr(text, "Is a directory\n") +
		strlen("Is a directory\n"),
	    text + strlen(text)); /* once */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(is_rotated),
		cmocka_unit_test(is_rotated_while_we_wait),
		cmocka_unit_test(is_truncated),
		cmocka_unit_test(appears),
		cmocka_unit_test(is_a_link),
		cmocka_unit_test(comes_back),
		cmocka_unit_test(says_what_may_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
