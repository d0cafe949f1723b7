/*
 * test_jobend.c - whether events say that a job is over, wherever the word
 * stands in them.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "event.h"
#include "io.h"
#include "jobend.h"

#define START "{\"seq\":1,\"event\":\"job.start\",\"data\":{\"pid\":7}}\n"
#define RESTART "{\"seq\":2,\"event\":\"job.restart\"}\n"
#define EXIT "{\"seq\":3,\"event\":\"job.exit\",\"data\":{\"exit_code\":0}}\n"
#define LOST "{\"seq\":4,\"event\":\"job.lost\"}\n"
#define SENT "{\"seq\":5,\"event\":\"notify.sent\",\"data\":{}}\n"
#define STOP "{\"seq\":6,\"event\":\"job.stop\"}\n"

struct place {
	char path[40];
	int dir;
};

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->path, "/tmp/jobwatch-unit-XXXXXX");
	if (mkdtemp(place->path) == NULL)
		return -1;
	place->dir = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = place;
	return place->dir == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	unlinkat(place->dir, EVENTS_FILE, 0);
	close(place->dir);
	rmdir(place->path);
	free(place);
	return 0;
}

/* Appends text, `times` times. */
static void
put(const struct place *place, const char *text, unsigned times)
{
	int fd = openat(place->dir, EVENTS_FILE,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	while (times-- > 0)
		assert_int_equal(io_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void
no_events(void **state)
{
	const struct place *place = *state;

	assert_false(jobend_is_recorded(place->dir));
	put(place, "", 1);
	assert_false(jobend_is_recorded(place->dir));
}

static void
the_last_word_counts(void **state)
{
	const struct place *place = *state;
	static const struct {
		const char *text;
		bool over;
	} steps[] = {
		{ START, false },
		{ SENT, false },
		{ STOP, false },
		{ EXIT, true },
		{ SENT, true },
		{ RESTART, false },
		{ START, false },
		{ LOST, true },
		{ STOP, true },
		{ "not an event\n", true },
		{ "{\"event\":\"job.sta\n", true },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		put(place, steps[i].text, 1);
		assert_int_equal(jobend_is_recorded(place->dir), steps[i].over);
	}
}

/* A reader that comes while the line is written must come again. */
static void
torn_line_does_not_count(void **state)
{
	const struct place *place = *state;
	char line[] = EXIT;

	put(place, START, 1);
	line[strlen(line) - 1] = '\0';
	put(place, line, 1);
	assert_false(jobend_is_recorded(place->dir));
	put(place, "\n", 1);
	assert_true(jobend_is_recorded(place->dir));
}

/* The word as a part of something else: only the event's own name counts. */
static void
only_names_count(void **state)
{
	const struct place *place = *state;

	put(place, START, 1);
	put(place,
	    "{\"seq\":2,\"event\":\"output.alert\",\"message\":\"see "
	    "\\\"event\\\":\\\"job.exit\\\"\"}\n",
	    1);
	put(place,
	    "{\"seq\":3,\"event\":\"output.alert\",\"data\":"
	    "{\"event\":\"job.exit\"}}\n",
	    1);
	assert_false(jobend_is_recorded(place->dir));
}

/* What follows the end may be more than is looked at first, and may have
 * lines that are too long to be events. */
static void
however_much_follows(void **state)
{
	const struct place *place = *state;
	size_t n = EVENT_LINE_MAX + 4096;
	char *line = malloc(n);

	memset(line, 'x', n - 2);
	memcpy(line + n - 2, "\n", 2);
	put(place, START, 1);
	put(place, EXIT, 1);
	put(place, SENT, 3000); /* 130 KiB */
	assert_true(jobend_is_recorded(place->dir));
	put(place, line, 40); /* more than 2 MiB */
	assert_true(jobend_is_recorded(place->dir));
	put(place, RESTART, 1);
	put(place, SENT, 60000);
	assert_false(jobend_is_recorded(place->dir));
	free(line);
}

static void
after_an_event(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		assert_true(jobend_after("job.exit", over));
		assert_true(jobend_after("job.lost", over));
		assert_false(jobend_after("job.start", over));
		assert_false(jobend_after("job.restart", over));
		assert_int_equal(jobend_after("job.stop", over), over);
		assert_int_equal(jobend_after("", over), over);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(no_events),
		TEST(the_last_word_counts),
		TEST(torn_line_does_not_count),
		TEST(only_names_count),
		TEST(however_much_follows),
		cmocka_unit_test(after_an_event),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
