/*
 * test_capture.c - from the job's pipes into the log: all of it, in order,
 * whatever the writer's speed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "stand.h"

/* A process that writes numbered lines until there are `bytes` of them. */
static pid_t
writer_process(struct stand *stand, enum stream stream, size_t bytes,
    size_t at_once)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		static char block[1 << 16];
		size_t done = 0;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (done < bytes) {
			size_t n = at_once > bytes - done ? bytes - done
							  : at_once;

			for (size_t i = 0; i < n; i++)
				block[i] = (char)('a' + (done + i) % 23);
			if (io_write_all(stand->job[stream], block, n) == -1)
				_exit(1);
			done += n;
		}
		_exit(0);
	}
	return pid;
}

static void
reap(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The bytes of one stream, in the order in which the log has them. */
static size_t
check_stream(struct stand *stand, enum stream stream)
{
	static char bytes[1 << 16];
	struct why why;
	struct logread *reader = logread_open(stand->fixture.dir, &why);
	struct segment_chunk chunk;
	uint64_t offset = 0;
	size_t seen = 0;
	ssize_t n;

	assert_non_null(reader);
	while ((n = logread_get(reader, offset, bytes, sizeof(bytes), &chunk)) >
	    0) {
		offset += (uint64_t)n;
		for (ssize_t i = 0; chunk.stream == stream && i < n; i++)
			if (bytes[i] != (char)('a' + seen++ % 23))
				fail_msg("byte %zu of stream %d is not the "
					 "one written",
				    seen - 1, stream);
	}
	logread_close(reader);
	return seen;
}

/* --- the tests ---------------------------------------------------------- */

static void
bytes_arrive_in_order(void **state)
{
	const size_t out = 3 << 20, err = 1 << 20;
	struct stand stand;
	pid_t pids[2];

	(void)state;
	stand_init(&stand, NULL, 0);
	pids[0] = writer_process(&stand, STREAM_STDOUT, out, 60000);
	pids[1] = writer_process(&stand, STREAM_STDERR, err, 777);
	stand_hang_up(&stand, STREAM_STDOUT);
	stand_hang_up(&stand, STREAM_STDERR);
	stand_capture(&stand);
	assert_int_equal(writer_start(stand.writer), 0);
	stand_run(&stand, out + err);
	reap(pids[0]);
	reap(pids[1]);
	assert_int_equal(check_stream(&stand, STREAM_STDOUT), out);
	assert_int_equal(check_stream(&stand, STREAM_STDERR), err);
	assert_int_equal(capture_bytes(stand.capture, STREAM_STDOUT), out);
	assert_int_equal(capture_bytes(stand.capture, STREAM_STDERR), err);
	assert_true(stand.outputs > 0);
	while (!capture_is_ended(stand.capture))
		event_base_loop(stand.base, EVLOOP_ONCE);
	assert_int_equal(stand.ends, 1);
	stand_release(&stand);
}

/* A byte at a time, faster than is worth a wake-up each. */
static void
flood_of_small_writes(void **state)
{
	const size_t bytes = 200000;
	struct stand stand;
	pid_t pid;

	(void)state;
	stand_init(&stand, NULL, 0);
	stand_capture(&stand);
	assert_int_equal(writer_start(stand.writer), 0);
	pid = writer_process(&stand, STREAM_STDOUT, bytes, 1);
	stand_run(&stand, bytes);
	reap(pid);
	assert_int_equal(check_stream(&stand, STREAM_STDOUT), bytes);
	assert_int_equal(stand.ends, 0);
	stand_release(&stand);
}

static void
end_comes_once_for_both(void **state)
{
	struct stand stand;

	(void)state;
	stand_init(&stand, NULL, 0);
	stand_capture(&stand);
	assert_int_equal(writer_start(stand.writer), 0);
	assert_false(capture_is_ended(stand.capture));
	stand_hang_up(&stand, STREAM_STDERR);
	event_base_loop(stand.base, EVLOOP_ONCE);
	assert_int_equal(stand.ends, 0);
	fixture_put(stand.job[STREAM_STDOUT], "last");
	stand_hang_up(&stand, STREAM_STDOUT);
	while (!capture_is_ended(stand.capture))
		event_base_loop(stand.base, EVLOOP_ONCE);
	assert_int_equal(stand.ends, 1);
	assert_false(capture_drain(stand.capture));
	capture_stop(stand.capture);
	assert_int_equal(stand.ends, 1);
	stand_run(&stand, 4);
	assert_string_equal(fixture_output(&stand.fixture), "last");
	stand_release(&stand);
}

/* True when the job's pipe takes no more, so that the job waits. */
static bool
is_full(int write_end)
{
	struct pollfd pipe = { .fd = write_end, .events = POLLOUT };

	return poll(&pipe, 1, 0) == 0;
}

/* The writer does not run: staging fills, then the job's pipe, and that is
 * where the job waits. Afterwards all of it goes on. */
static void
full_staging_is_resumed(void **state)
{
	const size_t bytes = 4 << 20;
	struct stand stand;
	uint64_t taken = 0, before;
	pid_t pid;

	(void)state;
	stand_init(&stand, NULL, 0);
	stand_capture(&stand);
	pid = writer_process(&stand, STREAM_STDERR, bytes, 50000);
	do {
		before = taken;
		event_base_loop(stand.base, EVLOOP_NONBLOCK);
		capture_drain(stand.capture);
		taken = capture_bytes(stand.capture, STREAM_STDERR);
	} while (taken == 0 || taken != before ||
	    !is_full(stand.job[STREAM_STDERR]));
	assert_in_range(taken, 1, bytes - 1);
	/* The loop is not woken again and again for what has no room. */
	before = stand.outputs;
	for (int i = 0; i < 100; i++)
		event_base_loop(stand.base, EVLOOP_NONBLOCK);
	assert_int_equal(stand.outputs, before);
	assert_int_equal(writer_start(stand.writer), 0);
	stand_run(&stand, bytes);
	reap(pid);
	assert_int_equal(check_stream(&stand, STREAM_STDERR), bytes);
	stand_release(&stand);
}

/* A byte each takes as much room in staging as a page would. */
static void
small_pieces_fill_staging(void **state)
{
	const unsigned chunks = 1500;
	struct stand stand;

	(void)state;
	stand_init(&stand, NULL, 0);
	stand_capture(&stand);
	for (unsigned i = 0; i < chunks; i++) {
		char byte = (char)('a' + i % 23);

		assert_int_equal(write(stand.job[STREAM_STDOUT], &byte, 1), 1);
		capture_drain(stand.capture);
	}
	assert_true(capture_bytes(stand.capture, STREAM_STDOUT) < chunks);
	assert_int_equal(writer_start(stand.writer), 0);
	stand_run(&stand, chunks);
	assert_int_equal(check_stream(&stand, STREAM_STDOUT), chunks);
	stand_release(&stand);
}

/* --- from a terminal ---------------------------------------------------- */

/* Between the program and libc's: Linux 5.10 could not splice from a
 * terminal. */
static bool splices_terminals = true;
static unsigned refused;

ssize_t
splice(int from, off64_t *from_at, int to, off64_t *to_at, size_t n,
    unsigned flags)
{
	struct winsize size;

	if (splices_terminals || ioctl(from, TIOCGWINSZ, &size) == -1)
		return syscall(SYS_splice, from, from_at, to, to_at, n, flags);
	refused++;
	errno = EINVAL;
	return -1;
}

/* The job's stdout is a terminal that changes nothing of what is written. */
static void
stand_on_terminal(struct stand *stand)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	struct termios mode;

	assert_int_equal(unlockpt(master), 0);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	assert_int_not_equal(slave, -1);
	assert_int_equal(tcgetattr(slave, &mode), 0);
	cfmakeraw(&mode);
	assert_int_equal(tcsetattr(slave, TCSANOW, &mode), 0);
	stand_init(stand, NULL, 0);
	stand_hang_up(stand, STREAM_STDOUT);
	stand_hang_up(stand, STREAM_STDERR);
	place(master, FAMILY_FD_JOB_OUT);
	stand->job[STREAM_STDOUT] = slave;
}

static void
terminal_arrives_whole(size_t at_once)
{
	const size_t bytes = 1 << 20;
	struct stand stand;
	pid_t pid;

	stand_on_terminal(&stand);
	pid = writer_process(&stand, STREAM_STDOUT, bytes, at_once);
	stand_hang_up(&stand, STREAM_STDOUT);
	stand_capture(&stand);
	assert_int_equal(writer_start(stand.writer), 0);
	stand_run(&stand, bytes);
	reap(pid);
	while (!capture_is_ended(stand.capture))
		event_base_loop(stand.base, EVLOOP_ONCE);
	assert_int_equal(stand.ends, 1);
	assert_int_equal(check_stream(&stand, STREAM_STDOUT), bytes);
	stand_release(&stand);
}

static void
terminal_in_order(void **state)
{
	(void)state;
	terminal_arrives_whole(60000);
	terminal_arrives_whole(7);
}

static void
terminal_without_splice(void **state)
{
	(void)state;
	splices_terminals = false;
	terminal_arrives_whole(60000);
	terminal_arrives_whole(7);
	assert_int_equal(refused, 2); /* each asks once */
	splices_terminals = true;
}

/* Nothing is taken out of the terminal for which staging has no room. */
static void
terminal_waits_for_room(bool splices)
{
	const size_t bytes = 1 << 20;
	struct stand stand;
	uint64_t taken = 0, before;
	pid_t pid;

	splices_terminals = splices;
	stand_on_terminal(&stand);
	stand_capture(&stand);
	pid = writer_process(&stand, STREAM_STDOUT, bytes, 5000);
	do {
		before = taken;
		event_base_loop(stand.base, EVLOOP_NONBLOCK);
		capture_drain(stand.capture);
		taken = capture_bytes(stand.capture, STREAM_STDOUT);
	} while (taken == 0 || taken != before ||
	    !is_full(stand.job[STREAM_STDOUT]));
	assert_in_range(taken, 1, bytes - 1);
	assert_int_equal(writer_start(stand.writer), 0);
	stand_run(&stand, bytes);
	reap(pid);
	assert_int_equal(check_stream(&stand, STREAM_STDOUT), bytes);
	stand_release(&stand);
	splices_terminals = true;
}

static void
terminal_is_resumed(void **state)
{
	(void)state;
	terminal_waits_for_room(true);
	terminal_waits_for_room(false);
}

/* --- what others have left ---------------------------------------------- */

/* What a predecessor put into staging, promised or not, comes first. */
static void
adopts_what_was_staged(void **state)
{
	struct segment_header header = { .magic = SEGMENT_MAGIC,
		.sequence = 1 };
	struct segment_record record = { .length = 9 };
	char index[sizeof(header) + sizeof(record)];
	struct stand stand;

	(void)state;
	memcpy(index, &header, sizeof(header));
	memcpy(index + sizeof(header), &record, sizeof(record));
	stand_init(&stand, index, sizeof(index));
	fixture_put(FAMILY_FD_STAGE_OUT_WRITE, "promised\nstaged\n");
	fixture_put(FAMILY_FD_STAGE_ERR_WRITE, "errors\n");
	fixture_put(stand.job[STREAM_STDOUT], "new\n");
	stand_capture(&stand);
	/* The promised nine were counted when they were promised. */
	assert_int_equal(capture_bytes(stand.capture, STREAM_STDOUT), 7);
	assert_int_equal(capture_bytes(stand.capture, STREAM_STDERR), 7);
	assert_int_equal(writer_start(stand.writer), 0);
	stand_run(&stand, 27);
	assert_string_equal(fixture_output(&stand.fixture),
	    "promised\nstaged\nerrors\nnew\n");
	stand_release(&stand);
}

static void
stop_gives_up_what_a_stray_holds(void **state)
{
	struct stand stand;

	(void)state;
	stand_init(&stand, NULL, 0);
	stand_capture(&stand);
	assert_int_equal(writer_start(stand.writer), 0);
	fixture_put(stand.job[STREAM_STDOUT], "held\n");
	assert_true(capture_drain(stand.capture));
	capture_stop(stand.capture);
	assert_true(capture_is_ended(stand.capture));
	capture_resume(stand.capture);
	fixture_put(stand.job[STREAM_STDOUT], "late\n");
	event_base_loop(stand.base, EVLOOP_NONBLOCK);
	stand_run(&stand, 5);
	assert_string_equal(fixture_output(&stand.fixture), "held\n");
	stand_release(&stand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_arrive_in_order),
		cmocka_unit_test(flood_of_small_writes),
		cmocka_unit_test(end_comes_once_for_both),
		cmocka_unit_test(full_staging_is_resumed),
		cmocka_unit_test(small_pieces_fill_staging),
		cmocka_unit_test(terminal_in_order),
		cmocka_unit_test(terminal_without_splice),
		cmocka_unit_test(terminal_is_resumed),
		cmocka_unit_test(adopts_what_was_staged),
		cmocka_unit_test(stop_gives_up_what_a_stray_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
