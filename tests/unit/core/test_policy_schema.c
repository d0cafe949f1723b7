/*
 * test_policy_schema.c - the tables of sections, keys, types and channels
 * agree, and the nearest word is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy_schema.h"
#include "policy_suggest.h"
#include "policy_type.h"

/* The tables agree: each row has its section, each default its type, each
 * channel's key a row, each type of channel its keys. */
static void
test_schema(void **state)
{
	struct why why;

	(void)state;
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++) {
		json_t *initial = policy_type_initial(row);
		char key[80];

		snprintf(key, sizeof(key), "%s.%s", row->section, row->key);
		assert_non_null(policy_section_find(row->section));
		assert_ptr_equal(policy_row_find(row->section, row->key), row);
		assert_ptr_equal(policy_row_of(key), row);
		if (row->type == POLICY_TYPE_ENUM)
			assert_non_null(row->choices);
		if (initial != NULL &&
		    policy_type_check(row, initial, &why) == -1)
			fail_msg("%s: %s", key, why.text);
		json_decref(initial);
	}
	for (const struct policy_channel *c = policy_channels; c->type != NULL;
	     c++) {
		const char *lists[] = { c->required, c->optional,
			c->instead == NULL ? "" : c->instead };

		assert_true(
		    policy_words_have(policy_row_of("channel.type")->choices,
			c->type, strlen(c->type)));
		for (int i = 0; i < 3; i++) {
			const char *p = lists[i], *word;
			char key[40];
			size_t n;

			while ((n = policy_words_next(&p, &word)) > 0) {
				snprintf(key, sizeof(key), "%.*s", (int)n,
				    word);
				assert_non_null(
				    policy_row_find("channel", key));
			}
		}
	}
}

static void
test_suggest(void **state)
{
	struct suggest near = { .word = "timeot" };
	struct suggest far = { .word = "colour" };

	(void)state;
	assert_int_equal(suggest_distance("", "abc"), 3);
	assert_int_equal(suggest_distance("abc", ""), 3);
	assert_int_equal(suggest_distance("timeout", "timeout"), 0);
	assert_int_equal(suggest_distance("Timeout", "timeout"), 0);
	assert_int_equal(suggest_distance("timeot", "timeout"), 1);
	assert_int_equal(suggest_distance("deudp", "dedup"), 1);
	assert_int_equal(suggest_distance("gaprh", "graph"), 2);
	assert_int_equal(suggest_distance("kitten", "sitting"), 3);
	assert_int_equal(suggest_distance("teh", "the"), 1);
	suggest_offer(&near, "do");
	suggest_offer(&near, "startup_timeout");
	suggest_offer(&near, "timeout");
	suggest_offer(&near, "evidence");
	assert_string_equal(near.best, "timeout");
	suggest_offer(&far, "rss");
	suggest_offer(&far, "do");
	assert_null(far.best);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
