/*
 * test_shelf.c - closed segments: what retention takes, and what a crash may
 * leave between any two steps.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fixture.h"
#include "shelf.h"

#define DAY INT64_C(86400000000)
#define NOW (1700000000 * INT64_C(1000000))

static struct fixture fixture;
static struct shelf shelf;

static int
setup(void **state)
{
	(void)state;
	fixture_init(&fixture);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_release(&fixture);
	return 0;
}

static void
put_file(const char *name, const void *bytes, size_t n)
{
	assert_int_equal(io_replace(fixture.dir, name, bytes, n, false), 0);
}

/* A segment that begins at base, closed `age` before NOW. */
static void
put_segment(const char *name, uint64_t base, size_t size, int64_t age_us)
{
	struct segment_header header = { .magic = SEGMENT_MAGIC, .base = base };
	int64_t closed = NOW - age_us;
	struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = closed / 1000000 },
	};
	char index[96];
	char *bytes = calloc(1, size + 1);

	snprintf(index, sizeof(index), "%s.idx", name);
	put_file(name, bytes, size);
	put_file(index, &header, sizeof(header));
	assert_int_equal(utimensat(fixture.dir, index, times, 0), 0);
	free(bytes);
}

static bool
is_there(const char *name)
{
	return faccessat(fixture.dir, name, F_OK, 0) == 0;
}

static void
look(void)
{
	assert_int_equal(shelf_read(&shelf, fixture.dir, UINT64_MAX), 0);
}

#define A "output-20260101T000000Z-000001.log"
#define B "output-20260101T000000Z-000002.log"
#define C "output-20260102T000000Z-000010.log"

static void
put_three(void)
{
	put_segment(C, 9000, 100, DAY);
	put_segment(A, 0, 5000, 3 * DAY);
	put_segment(B, 5000, 4000, 2 * DAY);
}

static void
by_number(void **state)
{
	(void)state;
	put_three();
	put_file("output.log", "x", 1);
	put_file("output.log.idx", "x", 1);
	put_file("output-notes.txt", "x", 1);
	look();
	assert_int_equal(shelf.count, 3);
	assert_string_equal(shelf.segments[0].name, A);
	assert_string_equal(shelf.segments[1].name, B);
	assert_string_equal(shelf.segments[2].name, C);
	assert_int_equal(shelf.segments[2].sequence, 10);
	assert_int_equal(shelf.segments[0].closed_us, NOW - 3 * DAY);
	assert_true(shelf.bytes >= 5000 + 4000 + 100);
}

static void
each_limit(void **state)
{
	struct shelf_limits limits = { .max_age_us = -1 };

	(void)state;
	put_three();
	look();
	assert_false(shelf_is_over(&shelf, &limits, NOW));
	limits.keep = 3;
	assert_false(shelf_is_over(&shelf, &limits, NOW));
	limits.keep = 2;
	assert_true(shelf_is_over(&shelf, &limits, NOW));
	limits.keep = 0;
	limits.total_size = shelf.bytes + 10;
	assert_false(shelf_is_over(&shelf, &limits, NOW));
	limits.active_size = 11;
	assert_true(shelf_is_over(&shelf, &limits, NOW));
	limits.total_size = 0;
	limits.max_age_us = 3 * DAY;
	assert_false(shelf_is_over(&shelf, &limits, NOW));
	assert_true(shelf_is_over(&shelf, &limits, NOW + 1));
}

static void
the_oldest_goes(void **state)
{
	int64_t bytes;

	(void)state;
	put_three();
	look();
	bytes = shelf.bytes - shelf.segments[0].bytes;
	assert_int_equal(shelf_remove_first(&shelf, fixture.dir), 0);
	assert_int_equal(shelf.count, 2);
	assert_int_equal(shelf.bytes, bytes);
	assert_string_equal(shelf.segments[0].name, B);
	assert_false(is_there(A));
	assert_false(is_there(A ".idx"));
	assert_true(is_there(B ".idx"));
}

static void
where_the_oldest_ends(void **state)
{
	uint64_t end;

	(void)state;
	put_three();
	look();
	assert_int_equal(shelf_first_end(&shelf, fixture.dir, 9100, &end), 0);
	assert_int_equal(end, 5000);
	shelf_remove_first(&shelf, fixture.dir);
	shelf_remove_first(&shelf, fixture.dir);
	assert_int_equal(shelf_first_end(&shelf, fixture.dir, 9100, &end), 0);
	assert_int_equal(end, 9100);
}

static void
what_is_to_be_compressed(void **state)
{
	(void)state;
	put_three();
	look();
	assert_string_equal(shelf_to_compress(&shelf, 1)->name, A);
	put_segment(A ".zst", 0, 50, 3 * DAY);
	look();
	assert_string_equal(shelf_to_compress(&shelf, 1)->name, B);
	put_segment(B ".gz", 5000, 50, 2 * DAY);
	look();
	assert_null(shelf_to_compress(&shelf, 1));
	assert_string_equal(shelf_to_compress(&shelf, 0)->name, C);
	assert_string_equal(shelf_after(&shelf, 2)->name, C);
	assert_null(shelf_after(&shelf, 10));
}

/* The steps of shelf_replace, cut after each. */
static void
replaced_from_any_step(void **state)
{
	(void)state;
	for (int step = 0; step <= 4; step++) {
		put_segment(A, 0, 5000, 3 * DAY);
		put_segment("fresh", 0, 50, 0);
		if (step >= 1)
			renameat(fixture.dir, "fresh.idx", fixture.dir,
			    A ".zst.idx");
		if (step >= 2)
			renameat(fixture.dir, "fresh", fixture.dir, A ".zst");
		if (step >= 3)
			unlinkat(fixture.dir, A ".idx", 0);
		if (step >= 4)
			unlinkat(fixture.dir, A, 0);
		assert_int_equal(shelf_replace(fixture.dir, A, "fresh", ".zst"),
		    0);
		assert_true(is_there(A ".zst"));
		assert_true(is_there(A ".zst.idx"));
		assert_false(is_there(A));
		assert_false(is_there(A ".idx"));
		assert_false(is_there("fresh"));
		look();
		assert_int_equal(shelf.count, 1);
		assert_true(shelf.segments[0].compressed);
		if (step == 0) /* the time it was closed, not compressed */
			assert_int_equal(shelf.segments[0].closed_us,
			    NOW - 3 * DAY);
		shelf_remove_first(&shelf, fixture.dir);
	}
}

/* A successor that does not know of the compression: a look mends it. */
static void
a_twin_goes(void **state)
{
	(void)state;
	put_three();
	put_segment(B ".zst", 5000, 50, 2 * DAY);
	look();
	assert_int_equal(shelf.count, 3);
	assert_string_equal(shelf.segments[1].name, B ".zst");
	assert_false(is_there(B));
	assert_false(is_there(B ".idx"));
}

/* Retention was quicker than the compression: the segment does not come
 * back, in the middle of what is left. */
static void
one_that_is_gone_stays_away(void **state)
{
	(void)state;
	put_three();
	put_segment("fresh", 0, 50, 0);
	look();
	assert_int_equal(shelf_remove_first(&shelf, fixture.dir), 0);
	assert_int_equal(shelf_replace(fixture.dir, A, "fresh", ".zst"), 0);
	assert_false(is_there("fresh"));
	assert_false(is_there("fresh.idx"));
	look();
	assert_int_equal(shelf.count, 2);
	assert_string_equal(shelf.segments[0].name, B);
}

/* A compression was cut short between its renames, and was not done again. */
static void
a_stray_index_goes_with_its_log(void **state)
{
	(void)state;
	put_three();
	put_file(A ".zst.idx", "x", 1);
	look();
	assert_int_equal(shelf_remove_first(&shelf, fixture.dir), 0);
	assert_false(is_there(A ".zst.idx"));
	assert_false(is_there(A));
}

/* A rotation could not be undone: the segment that is written to has the name
 * of a closed one, and even lacks its index. */
static void
the_active_one_is_nobodys(void **state)
{
	(void)state;
	put_three();
	unlinkat(fixture.dir, C ".idx", 0);
	unlinkat(fixture.dir, B, 0);
	unlinkat(fixture.dir, A, 0);
	assert_int_equal(shelf_read(&shelf, fixture.dir, 10), 0);
	assert_int_equal(shelf.count, 0);
	assert_true(is_there(C));
	assert_int_equal(shelf_read(&shelf, fixture.dir, 11), 0);
	assert_false(is_there(C));
}

/* Half a compression is not a segment: the log itself still is. */
static void
an_index_alone_is_nothing(void **state)
{
	(void)state;
	put_three();
	put_segment(B ".zst", 5000, 50, 2 * DAY);
	unlinkat(fixture.dir, B ".zst", 0);
	look();
	assert_int_equal(shelf.count, 3);
	assert_string_equal(shelf.segments[1].name, B);
	assert_true(is_there(B));
}

/* Retention was cut short: the oldest's index is gone, its log is not. */
static void
half_removed(void **state)
{
	(void)state;
	put_three();
	unlinkat(fixture.dir, A ".idx", 0);
	look();
	assert_int_equal(shelf.count, 2);
	assert_false(is_there(A));
}

/* In the middle it is nobody's half-done work: it is left alone. */
static void
a_log_without_index_is_left(void **state)
{
	(void)state;
	put_three();
	unlinkat(fixture.dir, B ".idx", 0);
	look();
	assert_int_equal(shelf.count, 2);
	assert_true(is_there(B));
}

static void
more_than_there_is_room_for(void **state)
{
	char name[64];

	(void)state;
	for (int i = SHELF_MAX + 20; i > 0; i--) {
		snprintf(name, sizeof(name), "output-20260101T000000Z-%06d.log",
		    i);
		put_segment(name, (uint64_t)i, 0, 0);
	}
	look();
	assert_int_equal(shelf.count, SHELF_MAX);
	for (unsigned i = 0; i < SHELF_MAX; i++)
		assert_int_equal(shelf.segments[i].sequence, i + 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(by_number),
		T(each_limit),
		T(the_oldest_goes),
		T(where_the_oldest_ends),
		T(what_is_to_be_compressed),
		T(replaced_from_any_step),
		T(a_twin_goes),
		T(one_that_is_gone_stays_away),
		T(a_stray_index_goes_with_its_log),
		T(the_active_one_is_nobodys),
		T(an_index_alone_is_nothing),
		T(half_removed),
		T(a_log_without_index_is_left),
		T(more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
