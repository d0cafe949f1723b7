/*
 * test_plan.c - the plan as the keeper reads it (family.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "family.h"
#include "launch.h"
#include "plan.h"

struct read_plan {
	const struct family_plan *plan;
	size_t size;
};

static struct read_plan
open_launch(struct launch *launch, const char *const *list, const char *json)
{
	struct environment environment = { .list = (char **)list };
	struct policy policy;
	struct read_plan read;
	struct stat st;
	struct why why;
	int fd;

	while (list[environment.count] != NULL)
		environment.count++;
	assert_int_equal(policy_from_json(&policy, json, strlen(json), &why),
	    0);
	launch->policy = &policy;
	launch->open_files = 30;
	fd = plan_open(launch, &environment);
	assert_int_not_equal(fd, -1);
	policy_release(&policy);
	assert_int_equal(fstat(fd, &st), 0);
	read.size = (size_t)st.st_size;
	read.plan = mmap(NULL, read.size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(read.plan != MAP_FAILED);
	close(fd);
	assert_int_equal(read.plan->magic, FAMILY_PLAN_MAGIC);
	assert_int_equal(read.plan->size, read.size);
	assert_int_equal(read.plan->open_files, 30);
	return read;
}

static struct read_plan
open_plan(const char *const *words, const char *const *list, const char *cwd,
    const char *json)
{
	struct launch launch = { .argv = (char **)words,
		.cwd = cwd,
		.input = -1,
		.terminal = -1 };

	return open_launch(&launch, list, json);
}

static void
close_plan(struct read_plan *read)
{
	munmap((void *)read->plan, read->size);
}

static const char *
text_at(const struct read_plan *read, uint32_t offset)
{
	assert_true(offset >= sizeof(*read->plan));
	assert_true(offset < read->size);
	return (const char *)read->plan + offset;
}

/* A run of count strings, and that there are as many as in the list. */
static void
same_strings(const struct read_plan *read, uint32_t offset, uint32_t count,
    const char *const *list)
{
	for (uint32_t i = 0; i < count; i++) {
		const char *text = text_at(read, offset);

		assert_non_null(list[i]);
		assert_string_equal(text, list[i]);
		offset += (uint32_t)strlen(text) + 1;
	}
	assert_null(list[count]);
}

static const char *const argv[] = { "prog", "", "two words", "\xff\n", NULL };
static const char *const env[] = { "A=1", "EMPTY=", NULL };

static void
strings_are_there(void **state)
{
	static const char *const whole_env[] = { "A=1",
		"EMPTY=", "JOBWATCH_ATTEMPT=1", NULL };
	struct read_plan read = open_plan(argv, env, "/some/where", "{}");

	(void)state;
	same_strings(&read, read.plan->argv_offset, read.plan->argc, argv);
	same_strings(&read, read.plan->env_offset, read.plan->envc, whole_env);
	assert_string_equal(text_at(&read, read.plan->cwd_offset),
	    "/some/where");
	close_plan(&read);
}

/* The keeper writes any number there, and its NUL. */
static void
attempt_has_room(void **state)
{
	struct read_plan read = open_plan(argv, env, "/", "{}");
	const char *attempt = text_at(&read, read.plan->attempt_offset);

	(void)state;
	assert_string_equal(attempt, "1");
	assert_string_equal(attempt - strlen("JOBWATCH_ATTEMPT="),
	    "JOBWATCH_ATTEMPT=1");
	assert_true(
	    read.plan->attempt_offset + FAMILY_ATTEMPT_DIGITS < read.size);
	for (int i = 1; i <= FAMILY_ATTEMPT_DIGITS; i++)
		assert_int_equal(attempt[i], 0);
	close_plan(&read);
}

static void
what_the_policy_says(void **state)
{
	struct read_plan read = open_plan(argv, env, "/",
	    "{\"job\":{\"umask\":\"027\",\"nice\":5,\"merge\":true}}");

	(void)state;
	assert_int_equal(read.plan->umask, 027);
	assert_int_equal(read.plan->nice, 5);
	assert_int_equal(read.plan->merge, 1);
	close_plan(&read);
}

static void
our_own_umask_else(void **state)
{
	mode_t before = umask(0137);
	struct read_plan read = open_plan(argv, env, "/", "{}");

	(void)state;
	assert_int_equal(read.plan->umask, 0137);
	assert_int_equal(umask(before), 0137); /* and it is ours still */
	assert_int_equal(read.plan->nice, 0);
	assert_int_equal(read.plan->merge, 0);
	close_plan(&read);
}

/* Which of the job's descriptors are its terminal, and who it is. */
static void
what_the_launch_says(void **state)
{
	static const struct {
		int terminal, input;
		const char *watched;
		uint32_t expected, feeder;
	} rows[] = {
		{ -1, -1, NULL, FAMILY_TERMINAL_NONE, 0 },
		{ -1, 0, NULL, FAMILY_TERMINAL_NONE, 0 },
		{ 9, -1, NULL, FAMILY_TERMINAL_ALL, 0 },
		{ 9, 0, NULL, FAMILY_TERMINAL_OUTPUT, 0 },
		{ -1, 0, "-", FAMILY_TERMINAL_NONE, 1 },
	};
	static const char *const other[] = { "other", "words", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct launch launch = { .argv = (char **)argv,
			.program = (char **)(i == 0 ? NULL : other),
			.watched = rows[i].watched,
			.input = rows[i].input,
			.terminal = rows[i].terminal,
			.cwd = "/" };
		struct read_plan read = open_launch(&launch, env, "{}");

		assert_int_equal(read.plan->terminal, rows[i].expected);
		assert_int_equal(read.plan->feeder, rows[i].feeder);
		same_strings(&read, read.plan->argv_offset, read.plan->argc,
		    i == 0 ? argv : other);
		close_plan(&read);
	}
}

static void
a_lot_of_arguments(void **state)
{
	static const char *many[20001];
	static char long_word[100000];
	struct read_plan read;

	(void)state;
	memset(long_word, 'w', sizeof(long_word) - 1);
	for (size_t i = 0; i < 20000; i++)
		many[i] = i == 777 ? long_word : "argument";
	read = open_plan(many, env, "/", "{}");
	assert_int_equal(read.plan->argc, 20000);
	same_strings(&read, read.plan->argv_offset, read.plan->argc, many);
	close_plan(&read);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_there),
		cmocka_unit_test(attempt_has_room),
		cmocka_unit_test(what_the_policy_says),
		cmocka_unit_test(our_own_umask_else),
		cmocka_unit_test(what_the_launch_says),
		cmocka_unit_test(a_lot_of_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
