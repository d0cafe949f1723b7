/*
 * test_trail.c - what may make a path mean another file, and what not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ground.h"
#include "trail.h"

static const char plain[] = "mkdir -p a/b; : > a/b/log";
static const char
    file_link[] = "mkdir -p a/b d; : > d/x; ln -s ../../d/x a/b/log";
static const char
    folder_link[] = "mkdir -p real/b; : > real/b/log; ln -s \"$PWD/real\" a";
static const char
    dots[] = "mkdir -p a/b d/e; : > d/x; ln -s ./../../d/e/../x a/b/log";

static const struct {
	const char *first, *done;
	bool concerns;
} rows[] = {
	{ plain, ":", false },
	{ plain, "echo x >> a/b/log", false },
	{ plain, ": > a/b/other; mv a/b/other a/b/more; rm a/b/more", false },
	{ plain, ": > a/other; mkdir c", false },
	{ plain, "mv a/b/log a/b/log.1", true },
	{ plain, "rm a/b/log", true },
	{ plain, ": > new; mv new a/b/log", true },
	{ plain, "chmod 600 a/b/log", true },
	{ plain, "mv a/b a/c", true },
	{ plain, "mv a c", true },
	{ plain, "rm -r a", true },
	{ ":", "mkdir a", true },
	{ ":", "mkdir c", false },
	{ "mkdir a", "mkdir a/b", true },
	{ "mkdir a", "mkdir a/c b", false },
	{ "mkdir a", "rmdir a", true },
	{ "mkdir a", ": > a/b", true },
	{ "mkdir -p a/b", ": > a/b/log", true },
	{ "mkdir -p a/b c", "mv a/b c/b", true },
	{ "mkdir -p c/b; : > c/b/log", "mv c a", true },
	{ file_link, "echo x >> d/x", false },
	{ file_link, ": > d/y; : > d/log", false },
	{ file_link, "ln -sfn ../../d/y a/b/log", true },
	{ file_link, "mv d/x d/y", true },
	{ file_link, "mv d e", true },
	{ file_link, "mv a/b a/c", true },
	{ "mkdir -p a/b d; ln -s ../../d/x a/b/log", ": > d/x", true },
	{ folder_link, ": > a/b/other", false },
	{ folder_link, "rm a/b/log", true },
	{ folder_link, "rm a", true },
	{ folder_link, "mv real other", true },
	{ folder_link, "ln -sfn other a", true },
	{ dots, ": > d/y", false },
	{ dots, "mv d/x d/y", true },
	{ dots, "mv d/e d/f", true },
	{ "ln -s a a", ":", false },
	{ "ln -s a a", "rm a", true },
};

static void
what_concerns_a_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ground ground;
		struct trail trail;
		char path[128];

		ground_init(&ground);
		ground_do(&ground, rows[i].first);
		snprintf(path, sizeof(path), "%s/a/b/log", ground.path);
		trail_init(&trail);
		trail_lay(&trail, path);
		assert_false(trail.blind);
		assert_int_equal(trail_wait_ms(&trail), -1);
		assert_false(trail_step_on(&trail));
		ground_do(&ground, rows[i].done);
		if (trail_step_on(&trail) != rows[i].concerns)
			fail_msg("after \"%s\", \"%s\" %s", rows[i].first,
			    rows[i].done,
			    rows[i].concerns ? "is not noticed"
					     : "does not matter");
		trail_release(&trail);
		ground_release(&ground);
	}
}

/* Laid anew it knows what is there now, and nothing of before. */
static void
laid_again(void **state)
{
	struct ground ground;
	struct trail trail;

	(void)state;
	ground_init(&ground);
	trail_init(&trail);
	trail_lay(&trail, ground.log);
	ground_do(&ground, ": > log");
	assert_true(trail_step_on(&trail));
	trail_lay(&trail, ground.log);
	assert_false(trail_step_on(&trail));
	ground_do(&ground, "mv log log.1");
	assert_true(trail_step_on(&trail));
	assert_false(trail_step_on(&trail));
	trail_release(&trail);
	ground_release(&ground);
}

/* More names than there is room for are looked after by the clock. */
static void
long_path(void **state)
{
	struct ground ground;
	struct trail trail;
	char path[1024];
	int n;

	(void)state;
	ground_init(&ground);
	n = snprintf(path, sizeof(path), "%s", ground.path);
	for (int i = 0; i < TRAIL_STEPS_MAX + 6; i++)
		n += snprintf(path + n, sizeof(path) - (size_t)n, "/d");
	ground_do(&ground,
	    "i=0; while [ $i -lt 70 ]; do mkdir d; cd d; i=$((i+1)); done");
	trail_init(&trail);
	trail_lay(&trail, path);
	assert_true(trail.blind);
	assert_int_equal(trail_wait_ms(&trail), TRAIL_BLIND_MS);
	assert_true(trail_step_on(&trail));
	trail_release(&trail);
	ground_release(&ground);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_concerns_a_path),
		cmocka_unit_test(laid_again),
		cmocka_unit_test(long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
