/*
 * test_rotation.c - the hours and days of local time at which segments are
 * closed, also where the clocks are changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"
#include "rotation.h"

#define HOUR (INT64_C(3600) * 1000000)
#define DAY (24 * HOUR)

/* In local time of a place whose clocks go forward on 2026-03-29 at 02:00 and
 * back on 2026-10-25 at 03:00. */
static int
in_berlin(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return 0;
}

static int64_t
at(const char *text)
{
	int64_t time;

	assert_int_equal(clock_parse(text, &time), 0);
	return time;
}

static void
check(const char *from, int64_t period, const char *boundary)
{
	assert_int_equal(rotation_boundary(at(from), period), at(boundary));
}

static void
hours(void **state)
{
	(void)state;
	check("2026-01-10T12:34:56.7+01:00", HOUR, "2026-01-10T13:00:00+01:00");
	check("2026-01-10T13:00:00+01:00", HOUR, "2026-01-10T14:00:00+01:00");
	check("2026-12-31T23:59:59+01:00", HOUR, "2027-01-01T00:00:00+01:00");
}

static void
days(void **state)
{
	(void)state;
	check("2026-01-10T12:34:56+01:00", DAY, "2026-01-11T00:00:00+01:00");
	check("2026-01-11T00:00:00+01:00", DAY, "2026-01-12T00:00:00+01:00");
	check("2026-12-31T23:59:59+01:00", DAY, "2027-01-01T00:00:00+01:00");
}

/* Days of 23 and 25 hours end at midnight all the same. */
static void
changed_clocks(void **state)
{
	(void)state;
	check("2026-03-29T01:30:00+01:00", DAY, "2026-03-30T00:00:00+02:00");
	check("2026-10-25T01:30:00+02:00", DAY, "2026-10-26T00:00:00+01:00");
	check("2026-03-29T01:30:00+01:00", HOUR, "2026-03-29T03:00:00+02:00");
}

/* The hour that there is twice ends twice. */
static void
an_hour_again(void **state)
{
	(void)state;
	check("2026-10-25T02:30:00+02:00", HOUR, "2026-10-25T02:00:00+01:00");
	check("2026-10-25T02:30:00+01:00", HOUR, "2026-10-25T03:00:00+01:00");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours),
		cmocka_unit_test(days),
		cmocka_unit_test(changed_clocks),
		cmocka_unit_test(an_hour_again),
	};

	return cmocka_run_group_tests(tests, in_berlin, NULL);
}
