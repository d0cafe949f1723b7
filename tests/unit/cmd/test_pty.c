/*
 * test_pty.c - a new terminal and its size.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pty.h"

static void
size_by_the_variables(void **state)
{
	static const struct {
		const char *columns, *lines;
		unsigned short ws_col, ws_row;
	} rows[] = {
		{ NULL, NULL, 80, 24 },
		{ "132", "50", 132, 50 },
		{ "132", NULL, 132, 24 },
		{ NULL, "1", 80, 1 },
		{ "", " 50", 80, 24 },
		{ "0", "00", 80, 24 },
		{ "-1", "+5", 80, 24 },
		{ "80x", "5.", 80, 24 },
		{ "32767", "32768", 32767, 24 },
		{ "99999999999999999999", "65616", 80, 24 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct winsize size = pty_default_size(rows[i].columns,
		    rows[i].lines);

		assert_int_equal(size.ws_col, rows[i].ws_col);
		assert_int_equal(size.ws_row, rows[i].ws_row);
	}
}

/* The other end, as the keeper opens it. */
static struct winsize
size_at_the_other_end(int master)
{
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct winsize size;

	assert_int_not_equal(slave, -1);
	assert_int_equal(ioctl(slave, TIOCGWINSZ, &size), 0);
	close(slave);
	return size;
}

/* In a process of its own, whose descriptors 0 to 2 are what we say. */
static void
with_streams(int fd, int (*check)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		for (int i = 0; i < 3; i++)
			dup2(fd, i);
		setenv("COLUMNS", "40", 1);
		setenv("LINES", "10", 1);
		_exit(check());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Columns of a new terminal, which is what it should be; 0, or where not. */
static int
check_new(unsigned short columns)
{
	struct why why;
	int master = pty_open(&why);

	if (master == -1)
		return 1;
	if ((fcntl(master, F_GETFL) & O_NONBLOCK) == 0 ||
	    (fcntl(master, F_GETFD) & FD_CLOEXEC) == 0)
		return 2;
	return size_at_the_other_end(master).ws_col == columns ? 0 : 3;
}

static int
check_without_terminal(void)
{
	return check_new(40);
}

static int
check_with_terminal(void)
{
	const struct winsize changed = { .ws_col = 55, .ws_row = 5 };
	struct why why;
	int master = pty_open(&why);

	if (check_new(123) != 0 || master == -1)
		return 1;
	if (ioctl(STDIN_FILENO, TIOCSWINSZ, &changed) == -1)
		return 2;
	pty_follow_size(master);
	return size_at_the_other_end(master).ws_col == 55 ? 0 : 3;
}

static void
size_of_our_own(void **state)
{
	const struct winsize size = { .ws_col = 123, .ws_row = 45 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), master, slave;
	struct why why;

	(void)state;
	with_streams(null, check_without_terminal);
	close(null);
	master = pty_open(&why);
	assert_int_not_equal(master, -1);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	with_streams(slave, check_with_terminal);
	close(slave);
	close(master);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(size_by_the_variables),
		cmocka_unit_test(size_of_our_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
