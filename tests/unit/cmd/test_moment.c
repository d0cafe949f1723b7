/*
 * test_moment.c - what people write for a time, and how date(1) is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"
#include "moment.h"

static void
test_phrases(void **state)
{
	static const char *const cases[][2] = {
		{ "today", "today 00:00" },
		{ "Yesterday", "yesterday 00:00" },
		{ "2 hours", "-2 hour " },
		{ "2 hours ago", "-2 hour " },
		{ "1 hour 30min ago", "-1 hour -30 minute " },
		{ "1h, 5 m", "-1 hour -5 minute " },
		{ "3 Weeks", "-3 week " },
		{ "last monday", "last monday" },
		{ "2 hours from", "2 hours from" },
		{ "ago", "ago" },
		{ "10:30", "10:30" },
		{ "20261120T1400Z", "20261120T1400Z" },
		{ "yesterday 10:30", "yesterday 10:30" },
	};
	char out[MOMENT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(moment_phrase(cases[i][0], out, sizeof(out)),
		    0);
		assert_string_equal(out, cases[i][1]);
	}
}

/* Which date(1) would take for an hour, or for a military time zone. */
static void
test_misleading(void **state)
{
	static const char *const texts[] = { "", " ", "10", "1030 ", "m", "t",
		"z", "5 x", "10:30 b", "Z 5" };
	char out[MOMENT_MAX], text[2 * MOMENT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(moment_phrase(texts[i], out, sizeof(out)), -1);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(moment_phrase(text, out, sizeof(out)), -1);
	for (size_t i = 0; i + 2 < sizeof(text); i += 3)
		memcpy(text + i, "1d ", 3);
	assert_int_equal(moment_phrase(text, out, sizeof(out)), -1);
}

static int64_t
parse(const char *text)
{
	struct why why;
	int64_t us;

	if (moment_parse(text, &us, &why) == -1)
		fail_msg("%s", why.text);
	return us;
}

static void
expect_near(int64_t us, int64_t want)
{
	assert_true(us > want - 5000000 && us <= want + 5000000);
}

static void
test_times(void **state)
{
	const int64_t second = 1000000, hour = 3600 * second;
	int64_t now = clock_real_us();

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	expect_near(parse("10m"), now - hour / 6);
	expect_near(parse("2 hours"), now - 2 * hour);
	expect_near(parse("1 hour 30 minutes ago"), now - hour * 3 / 2);
	expect_near(parse("now"), now);
	assert_true(parse("today") == now - now % (24 * hour));
	assert_true(parse("yesterday") == parse("today") - 24 * hour);
	assert_true(parse("10:30") == parse("today") + hour * 21 / 2);
	assert_true(parse("@1700000000.25") == 1700000000250000);
	assert_true(parse("2026-11-20 14:00") == parse("2026-11-20T14:00:00Z"));
	assert_true(parse("9999999d") == 0);
	setenv("TZ", "EST5", 1);
	tzset();
	assert_true(parse("2026-11-20 14:00") == parse("2026-11-20T19:00:00Z"));
	setenv("TZ", "UTC", 1);
	tzset();
}

static void
test_nonsense(void **state)
{
	static const char *const texts[] = { "rubbish", "25:99", "10",
		"2026-13-45 10", "; echo 1.000000000", "--help" };
	struct why why;
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(moment_parse(texts[i], &us, &why), -1);
	assert_non_null(strstr(why.text, "does not understand"));
}

/* A date(1) that is missing, or is not the one that we know. */
static void
fake_date(const char *script)
{
	char folder[] = "/tmp/test-moment-XXXXXX", path[64];
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/date", folder);
	file = fopen(path, "w");
	fprintf(file, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fchmod(fileno(file), 0700), 0);
	fclose(file);
	setenv("PATH", folder, 1);
}

static void
test_other_dates(void **state)
{
	static const struct {
		const char *script;
		const char *words;
	} cases[] = {
		{ "echo 1700000000", "not GNU's" },
		{ "echo 1700000000.%N", "not GNU's" },
		{ "echo 1700000000.5", "not GNU's" },
		{ "while :; do echo 1111111111; done", "does not understand" },
		{ "exit 1", "does not understand" },
	};
	char *path = strdup(getenv("PATH"));
	struct why why;
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char clean[128];

		fake_date(cases[i].script);
		assert_int_equal(moment_parse("yesterday", &us, &why), -1);
		assert_non_null(strstr(why.text, cases[i].words));
		snprintf(clean, sizeof(clean), "/bin/rm -r %s", getenv("PATH"));
		assert_int_equal(system(clean), 0);
	}
	assert_int_equal(moment_parse("yesterday", &us, &why), -1);
	assert_non_null(strstr(why.text, "No such file"));
	assert_int_equal(moment_parse("10m", &us, &why), 0);
	setenv("PATH", path, 1);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_misleading),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_other_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
