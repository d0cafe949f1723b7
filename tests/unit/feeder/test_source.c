/*
 * test_source.c - what is known of a file that others write.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ground.h"
#include "source.h"

static void
open_log(struct source *source, const struct ground *ground, off_t at)
{
	int fd = open(ground->log, O_RDONLY | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	assert_int_equal(source_open(source, fd, at), 0);
}

/* All that there is from its place on, in pieces of n bytes. */
static void
same_rest(struct source *source, const char *expected, size_t n)
{
	char bytes[8192];
	size_t have = 0;
	ssize_t got;

	while ((got = source_read(source, bytes + have, n)) > 0)
		have += (size_t)got;
	assert_int_equal(got, 0);
	bytes[have] = '\0';
	assert_string_equal(bytes, expected);
}

/* A file of which `first` was read, and what is done to it then. */
static void
what_became_of_it(void **state)
{
	static const struct {
		const char *first, *done;
		enum source_change change;
		const char *rest;
	} rows[] = {
		{ "printf 'one\\n' > log", ":", SOURCE_SAME, "" },
		{ "printf 'one\\n' > log", "printf 'two\\n' >> log",
		    SOURCE_SAME, "two\n" },
		{ "printf 'one\\n' > log", ": > log", SOURCE_CUT, "" },
		{ "printf 'one\\n' > log", "printf 'a\\n' > log", SOURCE_CUT,
		    "a\n" },
		{ "printf 'one\\n' > log", "printf 'two\\n' > log", SOURCE_ANEW,
		    "two\n" },
		{ "printf 'one\\n' > log", "printf 'three\\nfour\\n' > log",
		    SOURCE_ANEW, "three\nfour\n" },
		{ ": > log", "printf 'one\\n' > log", SOURCE_SAME, "one\n" },
		/* Further than what the file is known by. */
		{ "seq 1000 > log", "seq 1000 > log; echo more >> log",
		    SOURCE_SAME, "more\n" },
		{ "seq 1000 > log", "seq 2 1001 > log", SOURCE_ANEW, NULL },
		/* The writer does not append, and goes on at its place. */
		{ "seq 10000 > log",
		    ": > log; printf 'on\\n' | dd of=log bs=1 seek=48894 "
		    "conv=notrunc status=none",
		    SOURCE_ANEW, "on\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct source_news news;
		struct source source;
		struct ground ground;
		off_t at;

		ground_init(&ground);
		ground_do(&ground, rows[i].first);
		open_log(&source, &ground, INT32_MAX);
		at = source.at;
		ground_do(&ground, rows[i].done);
		assert_int_equal(source_look(&source, &news), 0);
		assert_int_equal(news.change, rows[i].change);
		assert_int_equal(news.was_at, at);
		assert_int_equal(news.lost, 0);
		if (rows[i].rest != NULL)
			same_rest(&source, rows[i].rest, 8191);
		else
			assert_int_equal(source.at, 0);
		source_close(&source);
		ground_release(&ground);
	}
}

/* However it is read, it is known by the same bytes. */
static void
known_after_reading(void **state)
{
	static const size_t pieces[] = { 1, 100, 255, 256, 257, 1000, 8000 };
	struct source_news news;
	struct source source, whole;
	struct ground ground;

	(void)state;
	ground_init(&ground);
	ground_do(&ground, "seq 100 1000 > log");
	open_log(&whole, &ground, INT32_MAX);
	assert_int_equal(whole.have, SOURCE_WINDOW);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		char bytes[8192];

		open_log(&source, &ground, 0);
		while (source_read(&source, bytes, pieces[i]) > 0)
			assert_int_equal(source_look(&source, &news), 0);
		assert_int_equal(news.change, SOURCE_SAME);
		assert_int_equal(source.at, whole.at);
		assert_int_equal(source.have, whole.have);
		assert_memory_equal(source.window, whole.window, whole.have);
		source_close(&source);
	}
	source_close(&whole);
	ground_release(&ground);
}

static void
loss_that_is_known(void **state)
{
	struct source_news news;
	struct source source;
	struct ground ground;
	char bytes[4];

	(void)state;
	ground_init(&ground);
	ground_do(&ground, "printf '0123456789' > log");
	open_log(&source, &ground, 0);
	assert_int_equal(source_read(&source, bytes, 4), 4);
	assert_int_equal(source_look(&source, &news), 0);
	assert_int_equal(news.change, SOURCE_SAME);
	ground_do(&ground, ": > log");
	assert_int_equal(source_look(&source, &news), 0);
	assert_int_equal(news.change, SOURCE_CUT);
	assert_int_equal(news.was_at, 4);
	assert_int_equal(news.lost, 6);
	assert_int_equal(source_look(&source, &news), 0);
	assert_int_equal(news.change, SOURCE_SAME);
	source_close(&source);
	ground_release(&ground);
}

static void
which_file_it_is(void **state)
{
	struct source source;
	struct ground ground;
	int fd;

	(void)state;
	ground_init(&ground);
	ground_do(&ground, ": > log");
	open_log(&source, &ground, 0);
	fd = open(ground.log, O_RDONLY | O_CLOEXEC);
	assert_true(source_is(&source, fd));
	close(fd);
	ground_do(&ground, "mv log log.1; : > log");
	fd = open(ground.log, O_RDONLY | O_CLOEXEC);
	assert_false(source_is(&source, fd));
	close(fd);
	source_close(&source);
	ground_release(&ground);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_became_of_it),
		cmocka_unit_test(known_after_reading),
		cmocka_unit_test(loss_that_is_known),
		cmocka_unit_test(which_file_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
