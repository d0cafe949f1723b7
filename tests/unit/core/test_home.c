/*
 * test_home.c - where the home is, that it is private, and what is said
 * where there can be none.
 */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "home.h"
#include "scratch.h"

/* --- where it is -------------------------------------------------------- */

static char *entry_home; /* of the user's password entry; NULL: has none */

/* In place of the C library's, which would ask this machine. */
struct passwd *
getpwuid(uid_t uid)
{
	static struct passwd entry;

	entry = (struct passwd){ .pw_uid = uid, .pw_dir = entry_home };
	return entry_home == NULL ? NULL : &entry;
}

static void
put(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

static void
expect_home(const char *own, const char *xdg, const char *user,
    const char *want)
{
	struct why why = { "" };
	char *path;

	put("JOBWATCH_HOME", own);
	put("XDG_STATE_HOME", xdg);
	put("HOME", user);
	path = home_path(&why);
	if (want == NULL) {
		assert_null(path);
		assert_non_null(strstr(why.text, "set JOBWATCH_HOME"));
		return;
	}
	assert_non_null(path);
	assert_string_equal(path, want);
	free(path);
}

static void
test_homes(void **state)
{
	char cwd[PATH_MAX], want[PATH_MAX + 16];

	(void)state;
	snprintf(want, sizeof(want), "%s/rel", getcwd(cwd, sizeof(cwd)));
	expect_home("/own", "/xdg", "/user", "/own");
	expect_home("rel", "/xdg", "/user", want);
	expect_home("", "/xdg", "/user", "/xdg/jobwatch");
	expect_home(NULL, "rel", "/user", "/user/.local/state/jobwatch");
	expect_home(NULL, NULL, "/user", "/user/.local/state/jobwatch");
}

static void
test_homes_of_the_password_entry(void **state)
{
	static char own[] = "/home/ann", relative[] = "ann";

	(void)state;
	entry_home = own;
	expect_home(NULL, NULL, "/user", "/user/.local/state/jobwatch");
	expect_home(NULL, NULL, NULL, "/home/ann/.local/state/jobwatch");
	expect_home(NULL, NULL, "", "/home/ann/.local/state/jobwatch");
	expect_home(NULL, NULL, "rel", "/home/ann/.local/state/jobwatch");
	entry_home = relative;
	expect_home(NULL, NULL, NULL, NULL);
	entry_home = NULL;
	expect_home(NULL, NULL, "rel", NULL);
	expect_home(NULL, NULL, NULL, NULL);
}

/* --- making it ---------------------------------------------------------- */

static void
test_home_is_private(void **state)
{
	char *scratch = scratch_new(), path[256];
	struct why why;
	struct stat st;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b//c", scratch);
	setenv("JOBWATCH_HOME", path, 1);
	fd = home_open(&why);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(fstatat(fd, "jobs", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	close(fd);
	scratch_remove(scratch);
}

static void
test_home_cannot_be(void **state)
{
	struct why why;

	(void)state;
	setenv("JOBWATCH_HOME", "/dev/null/x", 1);
	assert_int_equal(home_open(&why), -1);
	assert_non_null(strstr(why.text, "/dev/null/x"));
}

/* --- what to do --------------------------------------------------------- */

static void
test_why_says_what_to_do(void **state)
{
	static const struct {
		int error;
		const char *cure;
	} samples[] = {
		{ ENOSPC, "make room" },
		{ EDQUOT, "quota" },
		{ EROFS, "set JOBWATCH_HOME" },
		{ EACCES, "set JOBWATCH_HOME" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct why why;
		char begin[128];

		errno = samples[i].error;
		assert_int_equal(home_why(&why, "cannot make %s", "it"), -1);
		assert_int_equal(errno, samples[i].error);
		snprintf(begin, sizeof(begin),
		    "cannot make it: %s: ", strerror(samples[i].error));
		assert_memory_equal(why.text, begin, strlen(begin));
		assert_non_null(
		    strstr(why.text + strlen(begin), samples[i].cure));
		assert_null(strchr(why.text, '\n'));
	}
}

static void
test_why_of_other_errors(void **state)
{
	struct why why;

	(void)state;
	errno = ELOOP;
	home_why(&why, "cannot make it");
	assert_string_equal(strrchr(why.text, ':') + 2, strerror(ELOOP));
}

/* However long the name, reason and cure are there. */
static void
test_why_of_a_long_name(void **state)
{
	char name[4096];
	struct why why;

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	errno = EDQUOT;
	home_why(&why, "cannot open the home %s", name);
	assert_non_null(strstr(why.text, strerror(EDQUOT)));
	assert_non_null(strstr(why.text, "another disk"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_homes),
		cmocka_unit_test(test_homes_of_the_password_entry),
		cmocka_unit_test(test_home_is_private),
		cmocka_unit_test(test_home_cannot_be),
		cmocka_unit_test(test_why_says_what_to_do),
		cmocka_unit_test(test_why_of_other_errors),
		cmocka_unit_test(test_why_of_a_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
