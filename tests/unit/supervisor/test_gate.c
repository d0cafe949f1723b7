/*
 * test_gate.c - count, window and cooldown of a rule; what a supervisor that
 * takes over goes on from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gate.h"

#define SECOND INT64_C(1000000)
#define START (INT64_C(1700000000) * SECOND)

/* Rows of the policy below. */
enum { PLAIN, COUNTED, WINDOWED, COOLED, MANY };

static const char policy_text
    [] = "{\"rule\":["
	 "{\"name\":\"plain\",\"pattern\":\"x\"},"
	 "{\"name\":\"counted\",\"pattern\":\"x\",\"count\":3},"
	 "{\"name\":\"windowed\",\"pattern\":\"x\",\"count\":3,"
	 "\"window\":\"10s\"},"
	 "{\"name\":\"cooled\",\"pattern\":\"x\",\"cooldown\":\"1m\"},"
	 "{\"name\":\"many\",\"pattern\":\"x\",\"count\":64}]}";

static struct gate *
gate_of_policy(void)
{
	struct policy policy;
	struct why why;
	struct gate *gate;

	assert_int_equal(policy_from_json(&policy, policy_text,
			     strlen(policy_text), &why),
	    0);
	gate = gate_new(&policy);
	assert_non_null(gate);
	policy_release(&policy);
	return gate;
}

static void
fires_each_time(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	for (uint64_t offset = 0; offset < 100; offset++)
		assert_true(
		    gate_match(gate, PLAIN, STREAM_STDOUT, offset, START));
	gate_free(gate);
}

/* A finding that no rule made, or a rule of another policy. */
static void
lets_others_pass(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_true(gate_match(gate, -1, STREAM_STDOUT, 1, START));
	assert_true(gate_match(gate, -1, STREAM_STDOUT, 1, START));
	assert_true(gate_match(gate, MANY + 1, STREAM_STDOUT, 1, START));
	gate_free(gate);
}

static void
fires_at_the_count(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	for (uint64_t round = 0; round < 4; round++) {
		uint64_t at = round * 30;

		assert_false(
		    gate_match(gate, COUNTED, STREAM_STDOUT, at, START));
		assert_false(
		    gate_match(gate, COUNTED, STREAM_STDOUT, at + 10, START));
		assert_true(
		    gate_match(gate, COUNTED, STREAM_STDOUT, at + 20, START));
	}
	gate_free(gate);
}

static void
counts_an_offset_once(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_false(
		    gate_match(gate, COUNTED, STREAM_STDOUT, 7, START));
		assert_false(
		    gate_match(gate, COUNTED, STREAM_STDOUT, 9, START));
	}
	assert_true(gate_match(gate, COUNTED, STREAM_STDOUT, 11, START));
	gate_free(gate);
}

static void
forgets_behind_the_window(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_false(gate_match(gate, WINDOWED, STREAM_STDOUT, 1, START));
	assert_false(
	    gate_match(gate, WINDOWED, STREAM_STDOUT, 2, START + 6 * SECOND));
	/* The first is eleven seconds old. */
	assert_false(
	    gate_match(gate, WINDOWED, STREAM_STDOUT, 3, START + 11 * SECOND));
	/* Three within ten seconds: 6, 11 and 16; ten are still inside. */
	assert_true(
	    gate_match(gate, WINDOWED, STREAM_STDOUT, 4, START + 16 * SECOND));
	gate_free(gate);
}

static void
rules_count_for_themselves(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 1, START));
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 2, START));
	assert_false(gate_match(gate, WINDOWED, STREAM_STDOUT, 3, START));
	assert_false(gate_match(gate, WINDOWED, STREAM_STDOUT, 4, START));
	assert_true(gate_match(gate, COUNTED, STREAM_STDOUT, 5, START));
	assert_true(gate_match(gate, WINDOWED, STREAM_STDOUT, 6, START));
	gate_free(gate);
}

static void
keeps_quiet_in_cooldown(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_true(gate_match(gate, COOLED, STREAM_STDOUT, 1, START));
	assert_false(gate_match(gate, COOLED, STREAM_STDOUT, 2, START + 1));
	assert_false(gate_match(gate, COOLED, STREAM_STDOUT, 3,
	    START + 60 * SECOND - 1));
	assert_true(
	    gate_match(gate, COOLED, STREAM_STDOUT, 4, START + 60 * SECOND));
	assert_false(
	    gate_match(gate, COOLED, STREAM_STDOUT, 5, START + 61 * SECOND));
	gate_free(gate);
}

static void
takes_the_longest_count(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	for (uint64_t offset = 1; offset < 64; offset++)
		assert_false(
		    gate_match(gate, MANY, STREAM_STDOUT, offset, START));
	assert_true(gate_match(gate, MANY, STREAM_STDOUT, 64, START));
	gate_free(gate);
}

/* --- saved and loaded --------------------------------------------------- */

/* A gate as the next supervisor finds it. */
static struct gate *
handed_over(struct gate *gate)
{
	static char text[65536];
	struct jsonw w;
	json_t *saved;

	jsonw_start(&w, text, sizeof(text));
	jsonw_open(&w, NULL, '{');
	gate_save(gate, &w, "rules");
	jsonw_close(&w, '}');
	assert_int_not_equal(jsonw_end(&w), -1);
	gate_free(gate);
	saved = json_loads(text, 0, NULL);
	assert_non_null(saved);
	gate = gate_of_policy();
	gate_load(gate, json_object_get(saved, "rules"));
	json_decref(saved);
	return gate;
}

static void
counts_on_after_a_takeover(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 10, START));
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 20, START));
	gate = handed_over(gate);
	/* Read twice, counted once. */
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 10, START));
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 20, START));
	assert_true(gate_match(gate, COUNTED, STREAM_STDOUT, 30, START));
	gate_free(gate);
}

/* The classifier's cursor may lie far behind what has fired since. */
static void
what_has_fired_is_not_counted_again(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 10, START));
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 20, START));
	assert_true(gate_match(gate, COUNTED, STREAM_STDOUT, 30, START));
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 40, START));
	gate = handed_over(gate);
	for (uint64_t offset = 10; offset <= 40; offset += 10)
		assert_false(
		    gate_match(gate, COUNTED, STREAM_STDOUT, offset, START));
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 50, START));
	assert_true(gate_match(gate, COUNTED, STREAM_STDOUT, 60, START));
	gate_free(gate);
}

/* Offsets rise within a stream only: a long line of one may begin before
 * what the other has said meanwhile. */
static void
streams_have_their_own_offsets(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 200, START));
	gate = handed_over(gate);
	assert_false(gate_match(gate, COUNTED, STREAM_STDERR, 100, START));
	gate = handed_over(gate);
	assert_false(gate_match(gate, COUNTED, STREAM_STDOUT, 200, START));
	assert_false(gate_match(gate, COUNTED, STREAM_STDERR, 100, START));
	assert_true(gate_match(gate, COUNTED, STREAM_STDOUT, 300, START));
	gate_free(gate);
}

static void
window_and_cooldown_survive(void **state)
{
	struct gate *gate = gate_of_policy();

	(void)state;
	assert_true(gate_match(gate, COOLED, STREAM_STDOUT, 1, START));
	assert_false(gate_match(gate, WINDOWED, STREAM_STDOUT, 2, START));
	assert_false(
	    gate_match(gate, WINDOWED, STREAM_STDOUT, 3, START + 8 * SECOND));
	gate = handed_over(handed_over(gate));
	assert_false(
	    gate_match(gate, COOLED, STREAM_STDOUT, 4, START + 59 * SECOND));
	assert_true(
	    gate_match(gate, COOLED, STREAM_STDOUT, 5, START + 60 * SECOND));
	/* The first is outside: two are left of what was saved, with this. */
	assert_false(
	    gate_match(gate, WINDOWED, STREAM_STDOUT, 6, START + 12 * SECOND));
	assert_true(
	    gate_match(gate, WINDOWED, STREAM_STDOUT, 7, START + 13 * SECOND));
	gate_free(gate);
}

/* What the file says may be anybody's; it must not hurt. */
static void
loads_nonsense(void **state)
{
	static const char *const texts[] = { "{}", "[]", "[1,2,3]",
		"[{\"fired\":\"x\",\"matches\":{}}]",
		"[{\"matches\":[1]},{\"matches\":[\"a\",\"b\",null]}]",
		"[{},{},{},{},{},{},{},{},{}]" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct gate *gate = gate_of_policy();
		json_t *saved = json_loads(texts[i], 0, NULL);

		assert_non_null(saved);
		gate_load(gate, saved);
		assert_true(gate_match(gate, PLAIN, STREAM_STDOUT, 1, START));
		json_decref(saved);
		gate_free(gate);
	}
}

static void
loads_no_more_than_fits(void **state)
{
	struct gate *gate = gate_of_policy();
	json_t *matches = json_array(), *saved;

	(void)state;
	for (int i = 0; i < 1000; i++)
		json_array_append_new(matches, json_integer(i));
	saved = json_pack("[{s:O},{s:O},{s:O},{s:O},{s:o}]", "matches", matches,
	    "matches", matches, "matches", matches, "matches", matches,
	    "matches", matches);
	assert_non_null(saved);
	gate_load(gate, saved);
	assert_true(gate_match(gate, MANY, STREAM_STDOUT, 5000, START));
	json_decref(saved);
	gate_free(gate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_each_time),
		cmocka_unit_test(lets_others_pass),
		cmocka_unit_test(fires_at_the_count),
		cmocka_unit_test(counts_an_offset_once),
		cmocka_unit_test(forgets_behind_the_window),
		cmocka_unit_test(rules_count_for_themselves),
		cmocka_unit_test(keeps_quiet_in_cooldown),
		cmocka_unit_test(takes_the_longest_count),
		cmocka_unit_test(counts_on_after_a_takeover),
		cmocka_unit_test(what_has_fired_is_not_counted_again),
		cmocka_unit_test(streams_have_their_own_offsets),
		cmocka_unit_test(window_and_cooldown_survive),
		cmocka_unit_test(loads_nonsense),
		cmocka_unit_test(loads_no_more_than_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
