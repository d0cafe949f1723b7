/*
 * test_clock.c - times as text: written, read back, and refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"

static void
test_written(void **state)
{
	char out[CLOCK_TEXT];

	(void)state;
	assert_string_equal(clock_rfc3339(0, out),
	    "1970-01-01T00:00:00.000000Z");
	assert_string_equal(clock_rfc3339(1772460431204518, out),
	    "2026-03-02T14:07:11.204518Z");
	assert_string_equal(clock_rfc3339(-1, out),
	    "1969-12-31T23:59:59.999999Z");
	assert_string_equal(clock_stamp(1772460431204518, out),
	    "20260302T140711Z");
	assert_string_equal(clock_local(1772460431204518, out),
	    "2026-03-02 16:07:11.204");
}

static void
test_written_again(void **state)
{
	static const int64_t times[] = { 1772460431204518, 1772460431999999,
		1772460431000000, 1772460432000000, 1772460430999999, -1,
		-1000000, -1000001, 0, 999 };
	char again[CLOCK_TEXT], fresh[CLOCK_TEXT];

	(void)state;
	clock_local(times[0], again);
	for (size_t i = 1; i < sizeof(times) / sizeof(times[0]); i++)
		assert_string_equal(clock_local_again(times[i], times[i - 1],
					again),
		    clock_local(times[i], fresh));
}

static void
test_extremes_stay_in_their_room(void **state)
{
	static const int64_t times[] = { INT64_MAX, INT64_MIN, INT64_MAX / 2,
		253402300800000000 };
	char out[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_true(strlen(clock_rfc3339(times[i], out)) < CLOCK_TEXT);
		assert_true(strlen(clock_local(times[i], out)) < CLOCK_TEXT);
		assert_true(strlen(clock_stamp(times[i], out)) < CLOCK_TEXT);
	}
}

static void
test_read(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} good[] = {
		{ "2026-03-02T14:07:11.204518Z", 1772460431204518 },
		{ "2026-03-02T14:07:11Z", 1772460431000000 },
		{ "2026-03-02t14:07:11.2z", 1772460431200000 },
		{ "2026-03-02 14:07:11.2045189999Z", 1772460431204518 },
		{ "2026-03-02T16:07:11+02:00", 1772460431000000 },
		{ "2026-03-02T08:37:11-05:30", 1772460431000000 },
		{ "2026-03-02T16:07:11", 1772460431000000 }, /* local */
		{ "2026-03-02", 1772402400000000 },	     /* local */
		{ "2024-02-29T00:00:00Z", 1709164800000000 },
		{ "2016-12-31T23:59:60Z", 1483228800000000 },
		{ "1969-12-31T23:59:59.5Z", -500000 },
	};
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(clock_parse(good[i].text, &us), 0);
		if (us != good[i].us)
			fail_msg("%s: %lld", good[i].text, (long long)us);
	}
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { "", "10m", "now", "2026", "2026-03",
		"2026-3-2", " 2026-03-02", "2026-03-02 ", "2026-02-30",
		"2025-02-29", "2026-13-01", "2026-00-10", "2026-03-00",
		"2026-03-02T", "2026-03-02T14", "2026-03-02T14:07",
		"2026-03-02T24:00:00Z", "2026-03-02T14:60:00Z",
		"2026-03-02T14:07:61Z", "2026-03-02T14:07:11.Z",
		"2026-03-02T14:07:11+2:00", "2026-03-02T14:07:11+0200",
		"2026-03-02T14:07:11+24:00", "2026-03-02T14:07:11+02:60",
		"2026-03-02T14:07:11Zx", "2026-03-02T14:07:11.5.5Z",
		"-026-03-02T14:07:11Z", "2026-03-02T1a:07:11Z" };
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		if (clock_parse(bad[i], &us) != -1)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(errno, EINVAL);
	}
}

static void
test_round_trip(void **state)
{
	char out[CLOCK_TEXT];
	int64_t us;

	(void)state;
	for (int64_t t = -2000000000123457; t < 4000000000000000;
	     t += 7919123456789) {
		assert_int_equal(clock_parse(clock_rfc3339(t, out), &us), 0);
		assert_true(us == t);
	}
}

static void
test_clocks_go_on(void **state)
{
	int64_t a = clock_mono_us(), b = clock_mono_us();

	(void)state;
	assert_true(b >= a);
	assert_true(clock_real_us() > 1700000000000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_written_again),
		cmocka_unit_test(test_extremes_stay_in_their_room),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_clocks_go_on),
	};

	setenv("TZ", "XXX-2", 1); /* two hours east, without summer time */
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
