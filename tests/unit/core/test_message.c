/*
 * test_message.c - messages between processes: what fits its row goes
 * through, and everything else costs the sender the channel and us nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "message.h"

struct fixture {
	int ends[2];
	struct message message;
	char bytes[MESSAGE_BODY_MAX + 4096];
};

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));

	*state = fix;
	return message_pair(fix->ends);
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	close(fix->ends[0]);
	close(fix->ends[1]);
	free(fix);
	return 0;
}

static int
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void
test_rows(void **state)
{
	(void)state;
	for (int i = 0; i < MESSAGE_COUNT; i++) {
		const struct message_row *row = &message_rows[i];

		assert_non_null(row->name);
		assert_true(row->min <= row->max);
		assert_true(row->max <= MESSAGE_BODY_MAX);
		assert_true(row->fds <= MESSAGE_FDS_MAX);
		assert_true(row->from < PROC_COUNT && row->to < PROC_COUNT);
		assert_true(row->from != row->to);
	}
}

/* Least and most of each row arrive as they were sent; one byte less or
 * more does not leave. */
static void
test_every_row(void **state)
{
	struct fixture *fix = *state;

	memset(fix->bytes, 7, sizeof(fix->bytes));
	for (int i = 0; i < MESSAGE_COUNT; i++) {
		const struct message_row *row = &message_rows[i];
		const size_t good[] = { row->min, row->max };

		for (int k = 0; k < 2; k++) {
			assert_int_equal(message_send(fix->ends[0],
					     (enum message_type)i, fix->bytes,
					     good[k], NULL, 0, NULL, 0),
			    0);
			assert_int_equal(message_recv(fix->ends[1], row->to,
					     &fix->message),
			    1);
			assert_int_equal(fix->message.type, i);
			assert_int_equal(fix->message.length, good[k]);
			assert_memory_equal(fix->message.body, fix->bytes,
			    good[k]);
			assert_int_equal(fix->message.fd_count, 0);
		}
		assert_int_equal(message_send(fix->ends[0],
				     (enum message_type)i, fix->bytes,
				     row->max + 1, NULL, 0, NULL, 0),
		    -1);
		assert_int_equal(errno, EINVAL);
		if (row->min > 0)
			assert_int_equal(message_send(fix->ends[0],
					     (enum message_type)i, fix->bytes,
					     row->min - 1, NULL, 0, NULL, 0),
			    -1);
	}
}

static void
test_body_and_tail(void **state)
{
	struct fixture *fix = *state;
	const struct message_finding finding = { .offset = 9,
		.source_length = 3,
		.message_length = 2 };

	assert_int_equal(message_send(fix->ends[0], MESSAGE_FINDING, &finding,
			     sizeof(finding), "srcms", 5, NULL, 0),
	    0);
	assert_int_equal(message_recv(fix->ends[1], PROC_SUPERVISOR,
			     &fix->message),
	    1);
	assert_memory_equal(fix->message.body, &finding, sizeof(finding));
	assert_memory_equal(message_tail(&fix->message, sizeof(finding)),
	    "srcms", 5);
}

static void
test_descriptors(void **state)
{
	struct fixture *fix = *state;
	const struct message_segment segment = { .base = 5 };
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(message_send(fix->ends[0], MESSAGE_SEGMENT, &segment,
			     sizeof(segment), NULL, 0, pipes, 2),
	    0);
	assert_int_equal(message_recv(fix->ends[1], PROC_CLASSIFIER,
			     &fix->message),
	    1);
	assert_int_equal(fix->message.fd_count, 2);
	assert_int_equal(write(fix->message.fds[1], "x", 1), 1);
	assert_int_equal(read(pipes[0], fix->bytes, 1), 1);
	for (int i = 0; i < 2; i++) {
		assert_true(fcntl(fix->message.fds[i], F_GETFD) & FD_CLOEXEC);
		close(fix->message.fds[i]);
		close(pipes[i]);
	}
}

static void
send_raw(struct fixture *fix, const void *bytes, size_t n, unsigned fds)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int) * 8)] = { 0 };
	struct iovec part = { (void *)bytes, n };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fds > 0) {
		struct cmsghdr *header;

		msg.msg_control = room;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * fds);
		header = CMSG_FIRSTHDR(&msg);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * fds);
		for (unsigned i = 0; i < fds; i++)
			memcpy(CMSG_DATA(header) + i * sizeof(int),
			    &fix->ends[0], sizeof(int));
	}
	assert_int_equal(sendmsg(fix->ends[0], &msg, 0), n);
}

static void
expect_refused(struct fixture *fix, enum proc self)
{
	assert_int_equal(message_recv(fix->ends[1], self, &fix->message), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(fix->message.fd_count, 0);
}

/* A hostile peer's records: each is refused, and no descriptor stays. */
static void
test_bad_records(void **state)
{
	struct fixture *fix = *state;
	uint32_t *head = (uint32_t *)(void *)fix->bytes;
	int before = open_descriptors();

	send_raw(fix, "ab", 2, 0); /* shorter than a header */
	expect_refused(fix, PROC_SUPERVISOR);
	*head = MESSAGE_COUNT;
	send_raw(fix, fix->bytes, 4, 0);
	expect_refused(fix, PROC_SUPERVISOR);
	*head = UINT32_MAX;
	send_raw(fix, fix->bytes, 4, 0);
	expect_refused(fix, PROC_SUPERVISOR);
	*head = MESSAGE_CURSOR;
	send_raw(fix, fix->bytes, 4 + sizeof(struct message_cursor) - 1, 0);
	expect_refused(fix, PROC_SUPERVISOR);
	send_raw(fix, fix->bytes, 4 + sizeof(struct message_cursor) + 1, 0);
	expect_refused(fix, PROC_SUPERVISOR);
	send_raw(fix, fix->bytes, 4 + sizeof(struct message_cursor), 0);
	expect_refused(fix, PROC_CLASSIFIER); /* not meant for it */
	send_raw(fix, fix->bytes, 4 + sizeof(struct message_cursor), 1);
	expect_refused(fix, PROC_SUPERVISOR); /* brings a descriptor */
	*head = MESSAGE_NOTE;
	send_raw(fix, fix->bytes, sizeof(fix->bytes), 0); /* too long */
	expect_refused(fix, PROC_SUPERVISOR);
	*head = MESSAGE_SEGMENT;
	for (unsigned fds = 3; fds <= 8; fds++) { /* more than there is room */
		send_raw(fix, fix->bytes, 4 + sizeof(struct message_segment),
		    fds);
		expect_refused(fix, PROC_CLASSIFIER);
	}
	assert_int_equal(open_descriptors(), before);
}

static void
test_gone_and_full(void **state)
{
	struct fixture *fix = *state;
	int result = 0;

	assert_int_equal(fcntl(fix->ends[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fcntl(fix->ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(message_recv(fix->ends[1], PROC_SUPERVISOR,
			     &fix->message),
	    -1);
	assert_int_equal(errno, EAGAIN);
	for (int i = 0; i < 100000 && result == 0; i++)
		result = message_send(fix->ends[0], MESSAGE_PONG, NULL, 0, NULL,
		    0, NULL, 0);
	assert_int_equal(result, -1);
	assert_int_equal(errno, EAGAIN);
	while (message_recv(fix->ends[1], PROC_KEEPER, &fix->message) == 1)
		;
	close(fix->ends[1]);
	fix->ends[1] = dup(0);
	assert_int_equal(message_send(fix->ends[0], MESSAGE_PONG, NULL, 0, NULL,
			     0, NULL, 0),
	    -1); /* and no SIGPIPE */
	assert_int_equal(errno, EPIPE);
	assert_int_equal(message_recv(fix->ends[0], PROC_KEEPER, &fix->message),
	    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test_setup_teardown(test_every_row, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_body_and_tail, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_descriptors, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_bad_records, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_gone_and_full, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
