/*
 * test_writer_log.c - lines for family.log: whoever says them does not wait.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "io.h"
#include "log.h"
#include "writer.h"

#define LINE_MAX_HERE 1200

/* Descriptor 2 is a pipe without room, as a disk that hangs. */
struct stuck {
	struct fixture fixture;
	struct writer *writer;
	int ends[2];
	int stderr_was;
	size_t filled;
};

static struct stuck stuck;

static int
setup(void **state)
{
	char byte = 0;
	struct why why;

	(void)state;
	fixture_init(&stuck.fixture);
	assert_int_equal(pipe2(stuck.ends, O_CLOEXEC | O_NONBLOCK), 0);
	for (stuck.filled = 0; write(stuck.ends[1], &byte, 1) == 1;)
		stuck.filled++;
	io_nonblock(stuck.ends[1], false);
	stuck.stderr_was = dup(STDERR_FILENO);
	dup2(stuck.ends[1], STDERR_FILENO);
	close(stuck.ends[1]);
	stuck.writer = writer_new(stuck.fixture.dir, stuck.fixture.reads, 0, 0,
	    &why);
	assert_non_null(stuck.writer);
	assert_int_equal(writer_start(stuck.writer), 0);
	log_divert(writer_log, stuck.writer);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	log_divert(NULL, NULL);
	dup2(stuck.stderr_was, STDERR_FILENO);
	close(stuck.stderr_was);
	close(stuck.ends[0]);
	fixture_release(&stuck.fixture);
	return 0;
}

/* What comes out of the pipe, to its end. */
static size_t
read_pipe(char *text, size_t cap)
{
	size_t have = 0;
	ssize_t n;

	dup2(stuck.stderr_was, STDERR_FILENO); /* the last write end */
	io_nonblock(stuck.ends[0], false);
	while (have < cap - 1 &&
	    (n = read(stuck.ends[0], text + have, cap - 1 - have)) > 0)
		have += (size_t)n;
	text[have] = '\0';
	return have;
}

static void
nobody_waits(void **state)
{
	static char text[1 << 20];
	size_t n;

	(void)state;
	log_warn("the first of %d", 2);
	log_warn("the second");
	/* Here the loop goes on, while the thread may wait in its write. */
	for (size_t left = stuck.filled; left > 0; left -= n) {
		n = (size_t)read(stuck.ends[0], text,
		    left < sizeof(text) ? left : sizeof(text));
		assert_true(n > 0 && n <= left);
	}
	writer_free(stuck.writer, 20000);
	read_pipe(text, sizeof(text));
	assert_non_null(strstr(text, ": the first of 2\n"));
	assert_non_null(strstr(text, ": the second\n"));
}

/* More than the queue takes: the first ones stay, whole. */
static void
too_many_are_dropped(void **state)
{
	static char text[1 << 20];
	char body[1000];
	size_t n;

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		log_warn("%s", body);
	for (size_t left = stuck.filled; left > 0; left -= n)
		n = (size_t)read(stuck.ends[0], text,
		    left < sizeof(text) ? left : sizeof(text));
	writer_free(stuck.writer, 20000);
	n = read_pipe(text, sizeof(text));
	assert_true(n > 0 && n < 32 * LINE_MAX_HERE);
	assert_int_equal(text[n - 1], '\n');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_are_dropped, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
