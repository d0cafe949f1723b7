/*
 * test_prior.c - the shipped weights: what they say of lines that any
 * engineer knows, why, and what becomes of a table that is damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "prior.h"

static struct prior *prior;

static double
score_of(const char *line)
{
	const struct text text = { line, strlen(line) };
	struct prior_opinion opinion;

	prior_judge(prior, &text, -1, &opinion);
	return opinion.score;
}

static const char *const loud[] = {
#include "prior_loud.inc"
};

static const char *const quiet[] = {
#include "prior_quiet.inc"
};

static void
events_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(loud) / sizeof(*loud); i++)
		if (score_of(loud[i]) < PRIOR_CUT)
			fail_msg("%.2f: %s", score_of(loud[i]), loud[i]);
}

static void
routine_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet); i++)
		if (score_of(quiet[i]) >= PRIOR_CUT)
			fail_msg("%.2f: %s", score_of(quiet[i]), quiet[i]);
}

static void
what_it_is(void **state)
{
	static const char bad[] = "ERROR: the job failed: out of memory";
	static const char good[] = "Saved the best model to a checkpoint";
	const struct text failure = { bad, strlen(bad) };
	const struct text milestone = { good, strlen(good) };
	struct prior_opinion opinion;

	(void)state;
	prior_judge(prior, &failure, -1, &opinion);
	assert_int_equal(opinion.kind, KIND_FAILURE);
	assert_true(opinion.severity >= SEVERITY_HIGH);
	prior_judge(prior, &milestone, -1, &opinion);
	assert_int_equal(opinion.kind, KIND_MILESTONE);
	assert_int_equal(opinion.severity, SEVERITY_LOW);
}

static void
reasons_come_in_order(void **state)
{
	static const char line[] = "2031-02-03 04:05:06 ERROR x was lost";
	const struct text text = { line, strlen(line) };
	struct prior_reason reasons[PRIOR_REASONS_MAX];
	unsigned n = prior_reasons(prior, &text, -1, reasons);
	bool level = false;

	(void)state;
	assert_int_equal(n, PRIOR_REASONS_MAX);
	for (unsigned i = 0; i < n; i++) {
		level |= strcmp(reasons[i].name, "case: error level") == 0;
		if (i > 0)
			assert_true(reasons[i].weight * reasons[i].weight <=
			    reasons[i - 1].weight * reasons[i - 1].weight);
	}
	assert_true(level);
}

static void
refuse(const struct prior_row *rows, unsigned count, uint32_t check)
{
	const struct prior_table table = { rows, count, check };
	struct why why;

	assert_null(prior_new(&table, &why));
	assert_non_null(strstr(why.text, "the prior's weights"));
}

static void
damage_is_refused(void **state)
{
	unsigned n = prior_shipped.count;
	struct prior_row *rows = calloc(n + 1, sizeof(*rows));

	(void)state;
	memcpy(rows, prior_shipped.rows, n * sizeof(*rows));
	refuse(rows, n, prior_shipped.check + 1);
	rows[n / 2].weights[PRIOR_ALERT] ^= 1;
	refuse(rows, n, prior_shipped.check);
	rows[n / 2].weights[PRIOR_ALERT] ^= 1;
	refuse(rows, n - 1, prior_shipped.check);
	rows[n].name = "zzz: no such feature";
	refuse(rows, n + 1, prior_check(rows, n + 1));
	rows[0].name = "zzz";
	refuse(rows, n, prior_check(rows, n));
	free(rows);
}

static int
start(void **state)
{
	struct why why;

	(void)state;
	prior = prior_new(&prior_shipped, &why);
	if (prior == NULL)
		fail_msg("%s", why.text);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	prior_free(prior);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_told),
		cmocka_unit_test(routine_is_not),
		cmocka_unit_test(what_it_is),
		cmocka_unit_test(reasons_come_in_order),
		cmocka_unit_test(damage_is_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
