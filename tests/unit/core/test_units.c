/*
 * test_units.c - durations and sizes: what is read, what is refused, and
 * that what is written reads back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "units.h"

static void
test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "0s", 0 },
		{ "250ms", 250 },
		{ "10s", 10000 },
		{ "5m", 300000 },
		{ "2h", 7200000 },
		{ "1d", 86400000 },
		{ "1h30m", 5400000 },
		{ "1d2h3m4s5ms", 93784005 },
		{ "30m1h", 5400000 },
	};
	struct why why;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(duration_parse(good[i].text, &ms, &why), 0);
		assert_int_equal(ms, good[i].ms);
	}
}

static void
test_durations_refused(void **state)
{
	static const char *const bad[] = { "", "10", "s", "-1s", "1.5h", "10 m",
		" 10m", "10m ", "10M", "10min", "1h30", "auto",
		"9223372036854775807s", "99999999999999999999ms" };
	struct why why;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why.text[0] = '\0';
		assert_int_equal(duration_parse(bad[i], &ms, &why), -1);
		/* A bare number's error must say which units exist. */
		assert_non_null(strstr(why.text, "ms, s, m, h, d"));
	}
}

static void
test_duration_round_trip(void **state)
{
	static const int64_t some[] = { 0, 1, 999, 1000, 60000, 61001, 5400000,
		86400000, 93784005, INT64_C(3660) * 86400000 };
	char text[UNITS_TEXT];
	struct why why;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		duration_format(some[i], text);
		assert_int_equal(duration_parse(text, &ms, &why), 0);
		assert_int_equal(ms, some[i]);
	}
	assert_string_equal(duration_format(5400000, text), "1h30m");
	assert_string_equal(duration_format(250, text), "250ms");
	assert_string_equal(duration_format(0, text), "0s");
}

static void
test_sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {
		{ "0B", 0 },
		{ "7B", 7 },
		{ "1KB", 1000 },
		{ "1KiB", 1024 },
		{ "100MB", 100000000 },
		{ "64KiB", 65536 },
		{ "2GiB", INT64_C(2) << 30 },
		{ "3TB", INT64_C(3000000000000) },
		{ "1TiB", INT64_C(1) << 40 },
	};
	static const char *const bad[] = { "", "100", "100M", "1kb", "1 KB",
		"-1B", "1KB1B", "0x1B", "9223372036854775807KB" };
	struct why why;
	int64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(size_parse(good[i].text, &bytes, &why), 0);
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why.text[0] = '\0';
		assert_int_equal(size_parse(bad[i], &bytes, &why), -1);
		assert_non_null(strstr(why.text, "KiB"));
	}
}

static void
test_size_words(void **state)
{
	char text[UNITS_TEXT];

	(void)state;
	assert_string_equal(size_format(0, text), "0 B");
	assert_string_equal(size_format(999, text), "999 B");
	assert_string_equal(size_format(1400000000, text), "1.4 GB");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_durations_refused),
		cmocka_unit_test(test_duration_round_trip),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_size_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
