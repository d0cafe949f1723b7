/*
 * test_classify.c - a classifier that is far behind, or does not read, gets
 * every segment once, in order, and never more than it can hold.
 *
 * The classifier is this program, started as the supervisor starts the real
 * one; it checks what it is given, and dies of what is wrong.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"
#include "fixture.h"
#include "supervisor.h"
#include "writer_queue.h"

#define SEGMENTS 50 /* far more than it may have at a time */
#define PATIENCE_S 30
#define PATIENCE_US (PATIENCE_S * INT64_C(1000000))

/* --- the classifier ----------------------------------------------------- */

struct reading {
	uint64_t bases[MESSAGE_SEGMENTS_MAX]; /* given, not passed */
	unsigned count;
	uint64_t position;
	uint64_t end; /* of the last segment, where it is closed */
};

static void
expect(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "the classifier was given %s\n", what);
	_exit(1);
}

static void
read_pass(struct reading *reading)
{
	unsigned passed = 0;

	while (passed + 1 < reading->count &&
	    reading->bases[passed + 1] <= reading->position)
		passed++;
	reading->count -= passed;
	memmove(reading->bases, reading->bases + passed,
	    reading->count * sizeof(reading->bases[0]));
}

static void
read_segment(struct reading *reading, const struct message *message)
{
	const struct message_segment *body = (const void *)message->body;
	struct stat st;

	read_pass(reading);
	expect(message->fd_count == 2, "a segment without descriptors");
	expect(fstat(message->fds[0], &st) == 0, "no log");
	expect(reading->count < MESSAGE_SEGMENTS_MAX, "too many segments");
	expect(reading->count == 0 || body->base == reading->end,
	    "a segment out of order");
	reading->bases[reading->count++] = body->base;
	reading->end = body->base + (uint64_t)st.st_size;
	close(message->fds[0]);
	close(message->fds[1]);
}

static void
read_grown(struct reading *reading, const struct message *message)
{
	const struct message_grown *body = (const void *)message->body;
	const struct message_cursor cursor = {
		.offset = body->end,
		.end = body->end,
		.final = body->final,
	};

	expect(body->end > reading->position || body->final,
	    "an end that is none");
	expect(body->end <= reading->end, "an end without its segment");
	reading->position = body->end;
	message_send(FAMILY_FD_PEER, MESSAGE_CURSOR, &cursor, sizeof(cursor),
	    NULL, 0, NULL, 0);
}

static int
classifier_main(void)
{
	static struct message message;
	struct reading reading = { .count = 0 };

	while (message_recv(FAMILY_FD_PEER, PROC_CLASSIFIER, &message) == 1)
		if (message.type == MESSAGE_SEGMENT)
			read_segment(&reading, &message);
		else if (message.type == MESSAGE_GROWN)
			read_grown(&reading, &message);
	return 0;
}

/* --- the stand ---------------------------------------------------------- */

static struct supervisor supervisor;
static struct fixture fixture;
static struct event *patience;
static unsigned descriptors; /* open before */

static unsigned
count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(list);
	while (readdir(list) != NULL)
		count++;
	closedir(list);
	return count;
}

static void
wake_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	writer_ack(supervisor.writer);
	writer_progress(supervisor.writer, &supervisor.progress);
	classify_step(&supervisor.classify);
}

static void
children_cb(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = &supervisor.classify.child;
	int status;
	pid_t pid;

	(void)fd;
	(void)what;
	(void)arg;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == child->pid)
			child_reaped(child, status);
}

static void
patience_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fail_msg("nothing happens any more");
}

/* Waits for the writer, whose news are not for the loop yet. */
static void
wait_for_writer(void)
{
	int64_t end = clock_mono_us() + PATIENCE_US;

	do {
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
		writer_progress(supervisor.writer, &supervisor.progress);
		assert_true(clock_mono_us() < end);
	} while (supervisor.progress.busy);
}

/* A line each; what was active before is closed first. */
static void
write_segments(unsigned count)
{
	const struct timeval most = { .tv_sec = PATIENCE_S };
	uint64_t before = supervisor.progress.log_end;

	for (unsigned i = 0; i < count; i++) {
		writer_rotate(supervisor.writer, TRIGGER_REQUEST);
		wait_for_writer();
		fixture_stage(&fixture, STREAM_STDOUT, "a line\n");
		assert_int_equal(writer_chunk(supervisor.writer, STREAM_STDOUT,
				     7, clock_real_us()),
		    0);
		wait_for_writer();
	}
	assert_int_equal(supervisor.progress.log_end, before + 7 * count);
	event_add(patience, &most); /* the disk had its own */
}

static int
setup(void **state)
{
	static const char policy[] = "{}";
	struct why why;

	(void)state;
	descriptors = count_descriptors();
	memset(&supervisor, 0, sizeof(supervisor));
	fixture_init(&fixture);
	supervisor.life.supervisor = &supervisor;
	supervisor.base = event_base_new();
	assert_int_equal(policy_from_json(&supervisor.policy, policy,
			     strlen(policy), &why),
	    0);
	supervisor.gate = gate_new(&supervisor.policy);
	supervisor.writer = writer_new(fixture.dir, fixture.reads, 0, 0, &why);
	assert_non_null(supervisor.writer);
	assert_int_equal(writer_start(supervisor.writer), 0);
	supervisor.children = evsignal_new(supervisor.base, SIGCHLD,
	    children_cb, NULL);
	supervisor.wake = event_new(supervisor.base,
	    writer_wake_fd(supervisor.writer), EV_READ | EV_PERSIST, wake_cb,
	    NULL);
	patience = evtimer_new(supervisor.base, patience_cb, NULL);
	event_add(supervisor.children, NULL);
	event_add(supervisor.wake, NULL);
	assert_int_equal(classify_init(&supervisor.classify, &supervisor, &why),
	    0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	classify_release(&supervisor.classify);
	while (waitpid(-1, NULL, 0) > 0)
		;
	event_free(supervisor.children);
	event_free(supervisor.wake);
	event_free(patience);
	writer_free(supervisor.writer, 20000);
	gate_free(supervisor.gate);
	policy_release(&supervisor.policy);
	event_base_free(supervisor.base);
	fixture_release(&fixture);
	assert_int_equal(count_descriptors(), descriptors);
	return 0;
}

static void
turn(void)
{
	assert_int_equal(event_base_loop(supervisor.base, EVLOOP_ONCE), 0);
	assert_true(supervisor.classify.ahead_count <= MESSAGE_SEGMENTS_MAX);
}

/* Until all output is answered, with what is still to come. */
static void
finish(void)
{
	classify_finish(&supervisor.classify);
	while (!supervisor.classify.done)
		turn();
	assert_int_equal(supervisor.classify.offset,
	    supervisor.progress.log_end);
}

/* --- tests -------------------------------------------------------------- */

static void
one_far_behind_gets_them_by_and_by(void **state)
{
	struct child *child = &supervisor.classify.child;
	pid_t pid;

	(void)state;
	write_segments(SEGMENTS);
	child_start(child);
	pid = child->pid;
	finish();
	assert_int_equal(child->pid, pid);
	assert_int_equal(child->quick_deaths, 0);
}

/* While it is stopped, it is given what it may have, and no more. */
static void
one_that_does_not_read_gets_no_more(void **state)
{
	struct classify *classify = &supervisor.classify;
	pid_t pid;

	(void)state;
	write_segments(SEGMENTS);
	child_start(&classify->child);
	pid = classify->child.pid;
	kill(pid, SIGSTOP);
	while (classify->ahead_count < MESSAGE_SEGMENTS_MAX)
		turn();
	classify_step(classify);
	assert_int_equal(classify->ahead_count, MESSAGE_SEGMENTS_MAX);
	kill(pid, SIGCONT);
	finish();
	assert_int_equal(classify->child.pid, pid);
}

/* The writer opens a few more than fit, and knows of more; what it knows of may
 * have another name by the time that it is needed, or not be the last. */
static void
rotated_meanwhile(unsigned count)
{
	struct child *child = &supervisor.classify.child;

	write_segments(count);
	child_start(child);
	kill(child->pid, SIGSTOP);
	while (supervisor.classify.ahead_count < MESSAGE_SEGMENTS_MAX)
		turn();
	wait_for_writer();
	write_segments(3);
	kill(child->pid, SIGCONT);
	finish();
	assert_int_equal(child->quick_deaths, 0);
}

static void
rotated_with_all_open(void **state)
{
	(void)state;
	rotated_meanwhile(MESSAGE_SEGMENTS_MAX + SEGMENTS_MAX - 1);
}

static void
rotated_with_all_open_and_no_room(void **state)
{
	(void)state;
	rotated_meanwhile(MESSAGE_SEGMENTS_MAX + SEGMENTS_MAX);
}

static void
rotated_with_one_more_known(void **state)
{
	(void)state;
	rotated_meanwhile(MESSAGE_SEGMENTS_MAX + SEGMENTS_MAX + 1);
}

/* Starts one that is stopped, behind a socket that takes few messages, and
 * feeds it until that is full. */
static pid_t
start_behind_a_full_socket(void)
{
	struct classify *classify = &supervisor.classify;
	const int least = 1;

	write_segments(SEGMENTS);
	child_start(&classify->child);
	kill(classify->child.pid, SIGSTOP);
	assert_int_equal(setsockopt(classify->child.fd, SOL_SOCKET, SO_SNDBUF,
			     &least, sizeof(least)),
	    0);
	while (classify->next.log_fd == -1)
		turn();
	assert_true(classify->ahead_count < MESSAGE_SEGMENTS_MAX);
	assert_true(evtimer_pending(classify->child.patience, NULL));
	return classify->child.pid;
}

static void
a_full_socket_is_waited_for(void **state)
{
	pid_t pid = start_behind_a_full_socket();

	(void)state;
	kill(pid, SIGCONT);
	finish();
	assert_int_equal(supervisor.classify.child.pid, pid);
}

/* The one that was kept for it is not for the next: that starts over. */
static void
a_new_one_starts_over(void **state)
{
	struct child *child = &supervisor.classify.child;
	pid_t pid = start_behind_a_full_socket();

	(void)state;
	kill(pid, SIGKILL);
	finish();
	assert_int_not_equal(child->pid, pid);
	assert_int_equal(child->quick_deaths, 1);
}

/* It reads on through rotations that happen while it reads. */
static void
one_that_keeps_up_is_told_of_the_active_one(void **state)
{
	struct classify *classify = &supervisor.classify;

	(void)state;
	write_segments(3);
	child_start(&classify->child);
	while (classify->offset < supervisor.progress.log_end)
		turn();
	assert_int_equal(classify->ahead_count, 1);
	assert_false(evtimer_pending(classify->child.patience, NULL));
	finish();
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    one_far_behind_gets_them_by_and_by, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_does_not_read_gets_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(rotated_with_all_open, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    rotated_with_all_open_and_no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(rotated_with_one_more_known,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_socket_is_waited_for,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_one_starts_over, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_keeps_up_is_told_of_the_active_one, setup,
		    teardown),
	};

	if (argc == 1 && strcmp(argv[0], "jobwatch-classifier") == 0)
		return classifier_main();
	/* At its number before anything else may be opened there. */
	if (dup2(fixture_high(open("/proc/self/exe", O_PATH | O_CLOEXEC)),
		FAMILY_FD_CLASSIFIER_EXE) == -1 ||
	    fcntl(FAMILY_FD_CLASSIFIER_EXE, F_SETFD, FD_CLOEXEC) == -1)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
