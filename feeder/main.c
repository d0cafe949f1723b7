/*
 * main.c - the feeder: what stands between something that is watched and a
 * job's pipe.
 *
 *   jobwatch-feeder           hands on its standard input, to its end
 *   jobwatch-feeder PATH      hands on what is written to the file of that
 *                             name; 0 is the file as it is now, at the place
 *                             to start from, or no file
 *
 * To its family it is a job like any other: what it writes is captured, and
 * it ends with 0 when its input does or when it is told to (SIGINT, SIGTERM).
 * It reads, and writes to descriptors that it was given.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "family.h"
#include "follower.h"
#include "io.h"
#include "words.h"

#define FEEDER_BYTES 65536
#define LAST_MS 500 /* for what is still on its way when we are told to end */

struct feeder {
	struct follower *follower; /* NULL: standard input */
	int signals;
	bool over;	 /* the input is at its end */
	bool told;	 /* to end */
	int64_t last_us; /* when to do so, then */
	size_t have;	 /* bytes that are read and not handed on */
	size_t sent;
	char bytes[FEEDER_BYTES];
};

/* --- reading ------------------------------------------------------------ */

/* Standard input may be shared: it is not made non-blocking, so it is read
 * only when it is ready. */
static bool
feeder_is_ready(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
feeder_read_input(struct feeder *feeder)
{
	ssize_t n;

	if (feeder->over || !feeder_is_ready())
		return;
	n = read(STDIN_FILENO, feeder->bytes, sizeof(feeder->bytes));
	if (n == -1 && io_again(errno))
		return;
	if (n == -1)
		words_say("cannot read standard input: %s", strerror(errno));
	feeder->over = n <= 0;
	feeder->have = n > 0 ? (size_t)n : 0;
}

/* A file has no end; once told, its end is where nothing more is. */
static void
feeder_read_file(struct feeder *feeder)
{
	feeder->have = follower_read(feeder->follower, feeder->bytes,
	    sizeof(feeder->bytes));
	feeder->over = feeder->told && feeder->have == 0;
}

static void
feeder_read(struct feeder *feeder)
{
	feeder->have = feeder->sent = 0;
	if (feeder->follower != NULL)
		feeder_read_file(feeder);
	else
		feeder_read_input(feeder);
}

/* --- writing ------------------------------------------------------------ */

/* 0, also when there is no room now; -1: nobody reads us any more. */
static int
feeder_write(struct feeder *feeder)
{
	ssize_t n;

	while (feeder->sent < feeder->have) {
		n = write(STDOUT_FILENO, feeder->bytes + feeder->sent,
		    feeder->have - feeder->sent);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return io_again(errno) ? 0 : -1;
		feeder->sent += (size_t)n;
	}
	return 0;
}

static bool
feeder_has_room(const struct feeder *feeder)
{
	return feeder->sent == feeder->have;
}

/* --- the loop ----------------------------------------------------------- */

static int
feeder_wait_ms(const struct feeder *feeder)
{
	int wait = feeder->follower == NULL
	    ? -1
	    : follower_wait_ms(feeder->follower);
	int64_t left;

	if (!feeder->told)
		return wait;
	left = (feeder->last_us - clock_mono_us() + 999) / 1000;
	if (left < 0)
		left = 0;
	return wait == -1 || left < wait ? (int)left : wait;
}

/* Told once, what is on its way still counts: whoever writes into our input
 * may have been told by the same Ctrl-C. Told twice, it does not. */
static void
feeder_take_signals(struct feeder *feeder)
{
	struct signalfd_siginfo info;
	int64_t now = clock_mono_us();

	while (read(feeder->signals, &info, sizeof(info)) > 0) {
		feeder->last_us = feeder->told ? now
					       : now + LAST_MS * INT64_C(1000);
		feeder->told = true;
	}
}

/* The name is looked after while there is no room for bytes, too: a file that
 * comes and goes meanwhile would be missed. */
static void
feeder_sleep(struct feeder *feeder)
{
	bool room = feeder_has_room(feeder);
	struct pollfd p[] = {
		{ .fd = feeder->signals, .events = POLLIN },
		{ .fd = room ? -1 : STDOUT_FILENO, .events = POLLOUT },
		{ .fd = -1, .events = POLLIN },
	};

	if (feeder->follower != NULL)
		p[2].fd = follower_fd(feeder->follower);
	else if (room)
		p[2].fd = STDIN_FILENO;
	poll(p, 3, feeder_wait_ms(feeder));
}

static bool
feeder_is_late(const struct feeder *feeder)
{
	return feeder->told && clock_mono_us() >= feeder->last_us;
}

static int
feeder_run(struct feeder *feeder)
{
	for (;;) {
		feeder_take_signals(feeder);
		if (feeder->follower != NULL)
			follower_step(feeder->follower);
		if (feeder_has_room(feeder))
			feeder_read(feeder);
		if (feeder_write(feeder) == -1)
			return 1;
		if (feeder_is_late(feeder) ||
		    (feeder->over && feeder_has_room(feeder)))
			return 0;
		if (feeder->have == 0 || !feeder_has_room(feeder))
			feeder_sleep(feeder);
	}
}

static int
feeder_init(struct feeder *feeder)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &ends, NULL) == -1 ||
	    io_nonblock(STDOUT_FILENO, true) == -1)
		return -1;
	feeder->signals = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
	return feeder->signals == -1 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	static struct feeder feeder;
	static struct follower follower;
	int code;

	if (argc > 2 || fcntl(FEEDER_FD_LOG, F_GETFD) == -1) {
		fputs("jobwatch-feeder is started by jobwatch watch\n", stderr);
		return 2;
	}
	if (feeder_init(&feeder) == -1) {
		words_say("cannot watch: %s", strerror(errno));
		return 1;
	}
	if (argc == 2) {
		follower_init(&follower, argv[1], STDIN_FILENO);
		feeder.follower = &follower;
	}
	code = feeder_run(&feeder);
	if (argc == 2)
		follower_release(&follower);
	return code;
}
