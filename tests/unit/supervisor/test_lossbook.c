/*
 * test_lossbook.c - what is lost is noted in place, and known after a crash.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "io.h"
#include "lossbook.h"

/* As after a crash: what is in memory is gone. */
static void
open_again(struct lossbook *book)
{
	lossbook_close(book);
	assert_int_equal(lossbook_open(book, fixture.dir), 0);
}

static const struct lossbook_run *
last_run(const struct lossbook *book)
{
	return &book->runs[book->slot];
}

static void
a_run_grows_in_place(void **state)
{
	struct lossbook book = { .fd = -1 };
	struct stat before, after;

	(void)state;
	assert_int_equal(lossbook_open(&book, fixture.dir), 0);
	assert_int_equal(fstat(book.fd, &before), 0);
	assert_int_equal(lossbook_note(&book, 100, 150, ENOSPC), 0);
	assert_int_equal(lossbook_note(&book, 100, 180, ENOSPC), 0);
	assert_int_equal(fstat(book.fd, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	open_again(&book);
	assert_int_equal(last_run(&book)->begin, 100);
	assert_int_equal(last_run(&book)->end, 180);
	assert_int_equal(last_run(&book)->error, ENOSPC);
	assert_int_equal(book.slot, 0);
	lossbook_close(&book);
}

static void
runs_take_slots_in_turn(void **state)
{
	struct lossbook book = { .fd = -1 };

	(void)state;
	assert_int_equal(lossbook_open(&book, fixture.dir), 0);
	for (uint64_t i = 0; i < LOSSBOOK_SLOTS + 3; i++)
		assert_int_equal(lossbook_note(&book, 10 * i, 10 * i + 5, EIO),
		    0);
	open_again(&book);
	assert_int_equal(book.slot, 2);
	assert_int_equal(last_run(&book)->end, 10 * (LOSSBOOK_SLOTS + 2) + 5);
	assert_int_equal(book.runs[3].begin, 30); /* the oldest */
	assert_int_equal(lossbook_note(&book, 999, 1000, EIO), 0);
	assert_int_equal(book.slot, 3);
	lossbook_close(&book);
}

static void
a_torn_record_is_skipped(void **state)
{
	struct lossbook book = { .fd = -1 };

	(void)state;
	assert_int_equal(lossbook_open(&book, fixture.dir), 0);
	assert_int_equal(lossbook_note(&book, 10, 20, EIO), 0);
	assert_int_equal(lossbook_note(&book, 30, 40, EIO), 0);
	assert_int_equal(pwrite(book.fd, "torn", 4,
			     sizeof(struct lossbook_run) + 8),
	    4);
	open_again(&book);
	assert_int_equal(book.slot, 0);
	assert_int_equal(last_run(&book)->end, 20);
	assert_int_equal(book.runs[1].end, 0);
	lossbook_close(&book);
}

/* Its room is taken at the start: a disk that is full later takes a note. */
static void
a_full_disk_takes_a_note(void **state)
{
	struct rlimit limit = { sizeof(((struct lossbook *)0)->runs),
		RLIM_INFINITY };
	struct lossbook book = { .fd = -1 };

	(void)state;
	assert_int_equal(lossbook_open(&book, fixture.dir), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (uint64_t i = 0; i < 2 * LOSSBOOK_SLOTS; i++)
		assert_int_equal(lossbook_note(&book, i, i + 1, ENOSPC), 0);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	lossbook_close(&book);
}

/* A disk that is full already: it is tried again when needed. */
static void
no_room_at_the_start(void **state)
{
	struct rlimit limit = { 100, RLIM_INFINITY };
	struct lossbook book = { .fd = -1 };

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(lossbook_open(&book, fixture.dir), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(book.fd, -1);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(lossbook_open(&book, fixture.dir), 0);
	lossbook_close(&book);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_run_grows_in_place),
		FIXTURE_TEST(runs_take_slots_in_turn),
		FIXTURE_TEST(a_torn_record_is_skipped),
		FIXTURE_TEST(a_full_disk_takes_a_note),
		FIXTURE_TEST(no_room_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
