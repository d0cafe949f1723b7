/*
 * test_runpolicy.c - short cuts become assignments, addresses channels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd.h"
#include "runpolicy.h"

static void
load(struct runpolicy *run, struct policy *policy)
{
	assert_int_equal(runpolicy_load(run, policy), CMD_OK);
	runpolicy_release(run);
}

/* Errors are words on stderr, which this test does not look at. */
static void
refused(struct runpolicy *run)
{
	struct policy policy;

	assert_int_equal(runpolicy_load(run, &policy), CMD_USAGE);
	runpolicy_release(run);
}

/* --- assignments -------------------------------------------------------- */

static void
text_is_quoted(void **state)
{
	static const char *const texts[] = { "plain", "\"quoted\"",
		"back\\slash", "tab\there", "bell\a", "del\x7f", "[1, 2]",
		"# no comment", "caf\xc3\xa9", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct runpolicy run = { 0 };
		struct policy policy;

		assert_int_equal(runpolicy_set_text(&run, "--x",
				     "rule.0.pattern", "x"),
		    0);
		assert_int_equal(runpolicy_set_text(&run, "--x", "rule.0.name",
				     "r"),
		    0);
		assert_int_equal(runpolicy_set_text(&run, "--x", "rule.0.title",
				     texts[i]),
		    0);
		load(&run, &policy);
		assert_string_equal(
		    table_str(json_array_get(policy_tables(&policy, "rule"), 0),
			"title"),
		    texts[i]);
		policy_release(&policy);
	}
}

static void
words_are_split_at_commas(void **state)
{
	static const struct {
		const char *words;
		size_t count;
		const char *list[4];
	} samples[] = {
		{ "one", 1, { "one" } },
		{ "one,two", 2, { "one", "two" } },
		{ " disk full ,  out of memory ", 2,
		    { "disk full", "out of memory" } },
		{ "a \"b\", c\\d", 2, { "a \"b\"", "c\\d" } },
		{ ",,one,, ,two,", 2, { "one", "two" } },
		{ "", 0, { NULL } },
		{ " , ", 0, { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct runpolicy run = { 0 };
		struct policy policy;
		const json_t *list;

		assert_int_equal(runpolicy_set_words(&run, "--x",
				     "classify.focus", samples[i].words),
		    0);
		load(&run, &policy);
		list = policy_list(&policy, "classify.focus");
		assert_int_equal(json_array_size(list), samples[i].count);
		for (size_t n = 0; n < samples[i].count; n++)
			assert_string_equal(json_string_value(
						json_array_get(list, n)),
			    samples[i].list[n]);
		policy_release(&policy);
	}
}

static void
last_assignment_wins(void **state)
{
	struct runpolicy run = { 0 };
	struct policy policy;

	(void)state;
	assert_int_equal(runpolicy_set(&run, "stall.timeout=\"5m\""), 0);
	assert_int_equal(runpolicy_set_text(&run, "--x", "stall.timeout", "7m"),
	    0);
	load(&run, &policy);
	assert_int_equal(policy_ms(&policy, "stall.timeout"), 7 * 60000);
	policy_release(&policy);
}

static void
wrong_assignments_are_refused(void **state)
{
	static const char *const wrong[] = { "stall.timeout=5", "no.such=1",
		"stall.timeout", "=", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct runpolicy run = { 0 };

		assert_int_equal(runpolicy_set(&run, wrong[i]), 0);
		refused(&run);
	}
}

/* --- addresses ---------------------------------------------------------- */

static int
notify(struct runpolicy *run, const char *url)
{
	return runpolicy_notify(run, (char *)url);
}

static const char *
channel_key(const struct policy *policy, size_t number, const char *key)
{
	return table_str(json_array_get(policy_tables(policy, "channel"),
			     number),
	    key);
}

static void
addresses_have_types(void **state)
{
	static const char *const samples[][2] = {
		{ "https://ntfy.sh/my-topic", "ntfy" },
		{ "https://ntfy.example.org/topic", "ntfy" },
		{ "https://hooks.slack.com/services/T0/B0/xyz", "slack" },
		{ "https://discord.com/api/webhooks/1/abc", "discord" },
		{ "https://discordapp.com/api/webhooks/1/abc", "discord" },
		{ "http://127.0.0.1:8080/hook", "webhook" },
		{ "https://example.org/x", "webhook" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct runpolicy run = { 0 };
		struct policy policy;

		assert_int_equal(notify(&run, samples[i][0]), 0);
		load(&run, &policy);
		assert_string_equal(channel_key(&policy, 0, "type"),
		    samples[i][1]);
		assert_string_equal(channel_key(&policy, 0, "url"),
		    samples[i][0]);
		policy_release(&policy);
	}
}

static void
telegram_is_taken_apart(void **state)
{
	struct runpolicy run = { 0 };
	struct policy policy;

	(void)state;
	assert_int_equal(notify(&run,
			     "https://api.telegram.org/"
			     "bot123:abc/sendMessage?chat_id=-42&x=1"),
	    0);
	load(&run, &policy);
	assert_string_equal(channel_key(&policy, 0, "type"), "telegram");
	assert_string_equal(channel_key(&policy, 0, "token"), "123:abc");
	assert_string_equal(channel_key(&policy, 0, "chat"), "-42");
	policy_release(&policy);
	run = (struct runpolicy){ 0 };
	assert_int_equal(notify(&run,
			     "https://api.telegram.org/bot123:abc/sendMessage"),
	    0);
	refused(&run);
}

static void
channels_come_behind_those_of_the_file(void **state)
{
	struct runpolicy run = { 0 };
	struct policy policy;

	(void)state;
	assert_int_equal(runpolicy_set(&run, "channel.0.type=\"webhook\""), 0);
	assert_int_equal(runpolicy_set(&run,
			     "channel.0.url=\"https://first.example/\""),
	    0);
	assert_int_equal(notify(&run, "https://second.example/"), 0);
	assert_int_equal(notify(&run, "https://ntfy.third.example/x"), 0);
	load(&run, &policy);
	assert_int_equal(json_array_size(policy_tables(&policy, "channel")), 3);
	assert_string_equal(channel_key(&policy, 0, "url"),
	    "https://first.example/");
	assert_string_equal(channel_key(&policy, 1, "url"),
	    "https://second.example/");
	assert_string_equal(channel_key(&policy, 2, "type"), "ntfy");
	policy_release(&policy);
}

static void
wrong_addresses_are_refused(void **state)
{
	static const char *const wrong[] = { "example.org",
		"ftp://example.org/", "https://", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct runpolicy run = { 0 };

		assert_int_equal(notify(&run, wrong[i]), 0);
		refused(&run);
	}
}

static void
local_wants_no_channels(void **state)
{
	struct runpolicy run = { .local = true };
	struct policy policy;

	(void)state;
	load(&run, &policy);
	policy_release(&policy);
	run = (struct runpolicy){ .local = true };
	assert_int_equal(notify(&run, "https://example.org/"), 0);
	refused(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_quoted),
		cmocka_unit_test(words_are_split_at_commas),
		cmocka_unit_test(last_assignment_wins),
		cmocka_unit_test(wrong_assignments_are_refused),
		cmocka_unit_test(addresses_have_types),
		cmocka_unit_test(telegram_is_taken_apart),
		cmocka_unit_test(channels_come_behind_those_of_the_file),
		cmocka_unit_test(wrong_addresses_are_refused),
		cmocka_unit_test(local_wants_no_channels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
