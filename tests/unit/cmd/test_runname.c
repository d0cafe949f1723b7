/*
 * test_runname.c - the name that a job gets when it was given none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runname.h"

struct sample {
	const char *name;
	const char *argv[8];
};

static const struct sample samples[] = {
	{ "train", { "python", "train.py" } },
	{ "train", { "/usr/bin/python3.11", "-u", "src/train.py", "--lr" } },
	{ "pkg.mod", { "python", "-m", "pkg.mod" } },
	{ "pkg.mod", { "python3", "-u", "-m", "pkg.mod", "x" } },
	{ "python", { "python", "-c", "print(1)" } },
	{ "python", { "python" } },
	{ "make", { "make", "-j4" } },
	{ "make", { "/usr/bin/make" } },
	{ "deploy", { "bash", "deploy.sh" } },
	{ "bash", { "bash", "-c", "sleep 1; true" } },
	{ "train", { "env", "A=1", "B=2", "python", "train.py" } },
	{ "train", { "nohup", "nice", "-n10", "python", "train.py" } },
	{ "train", { "torchrun", "--nproc_per_node=8", "train.py" } },
	{ "train", { "accelerate", "launch", "train.py" } },
	{ "main", { "uv", "run", "main.py" } },
	{ "run", { "run" } },
	{ "pythonish", { "pythonish", "x.py" } },
	{ "a-b", { "./a b" } },
	{ "job", { "node", "job.js" } },
};

static void
names(void **state)
{
	char name[JOB_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		runname_from((char **)samples[i].argv, name);
		assert_string_equal(name, samples[i].name);
	}
}

/* Whatever the command, the name can be a job's. */
static void
names_are_always_good(void **state)
{
	static const char *const odd[][3] = { { "" }, { "/" }, { "-" },
		{ ".py" }, { "..", "x" }, { "\xff\xfe" }, { "python", ".py" },
		{ "sh", "" }, { "=", "=" }, { "A=1" } };
	char long_name[300], *long_argv[] = { long_name, NULL };
	char name[JOB_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		runname_from((char **)odd[i], name);
		if (!job_name_ok(name))
			fail_msg("\"%s\" from \"%s\"", name, odd[i][0]);
	}
	for (size_t i = 0; i < sizeof(long_name) - 1; i++)
		long_name[i] = 'n';
	long_name[sizeof(long_name) - 1] = '\0';
	runname_from(long_argv, name);
	assert_true(job_name_ok(name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(names_are_always_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
