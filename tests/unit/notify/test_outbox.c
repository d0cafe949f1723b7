/*
 * test_outbox.c - what is owed, in memory and on disk; and which channels an
 * event goes to.
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

#include "backoff.h"
#include "clock.h"
#include "io.h"
#include "outbox.h"
#include "route.h"

#define US 1000000

static const char policy_text
    [] = "{\"channel\":["
	 "{\"name\":\"a\",\"type\":\"webhook\",\"url\":\"http://a/\","
	 "\"fallback\":\"b\"},"
	 "{\"name\":\"b\",\"type\":\"webhook\",\"url\":\"http://b/\","
	 "\"min_severity\":\"critical\",\"fallback\":\"c\"},"
	 "{\"name\":\"c\",\"type\":\"ntfy\",\"url\":\"http://c/t\","
	 "\"kinds\":[\"milestone\"],\"fallback\":\"a\"}]}";

struct bench {
	char path[64];
	int dir;
	struct policy policy;
	struct credentials credentials;
	struct channels channels;
	struct outbox outbox;
	struct subject subject;
};

static int
bench_new(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct why why;

	strcpy(bench->path, "/tmp/test_outbox.XXXXXX");
	assert_non_null(mkdtemp(bench->path));
	bench->dir = open(bench->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(policy_from_json(&bench->policy, policy_text,
			     strlen(policy_text), &why),
	    0);
	assert_int_equal(credentials_init(&bench->credentials, -1), 0);
	assert_int_equal(channels_init(&bench->channels, &bench->policy,
			     &bench->credentials),
	    0);
	outbox_init(&bench->outbox);
	bench->subject.identity = json_pack("{s:s, s:s, s:s}", "id", "train-1",
	    "name", "train", "uid", "00");
	*state = bench;
	return 0;
}

static int
bench_free(void **state)
{
	struct bench *bench = *state;

	outbox_release(&bench->outbox);
	channels_release(&bench->channels);
	credentials_release(&bench->credentials);
	policy_release(&bench->policy);
	subject_release(&bench->subject);
	unlinkat(bench->dir, OUTBOX_FILE, 0);
	close(bench->dir);
	rmdir(bench->path);
	free(bench);
	return 0;
}

static struct letter *
bench_letter(struct bench *bench, uint64_t seq, uint32_t channel)
{
	struct letter *letter = outbox_add(&bench->outbox);

	letter->seq = seq;
	letter->channel = channel;
	letter->order = seq % 3;
	assert_int_equal(sign_id("00", seq, bench->channels.at[channel].name,
			     letter->id),
	    0);
	return letter;
}

static void
bench_save(struct bench *bench)
{
	struct why why;

	assert_int_equal(outbox_save(&bench->outbox, bench->dir,
			     &bench->channels, &why),
	    0);
	assert_false(bench->outbox.dirty);
}

static int
bench_load(struct bench *bench)
{
	struct why why;

	outbox_release(&bench->outbox);
	outbox_init(&bench->outbox);
	return outbox_load(&bench->outbox, bench->dir, &bench->channels, &why);
}

static void
test_nothing_yet(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(bench_load(bench), 0);
	assert_int_equal(bench->outbox.count, 0);
	assert_int_equal(bench->outbox.cursor, 0);
	assert_false(bench->outbox.dirty);
}

static void
test_comes_back_as_it_was(void **state)
{
	struct bench *bench = *state;
	struct letter *letter = bench_letter(bench, 7, 2);
	char id[SIGN_ID_MAX];
	int64_t first_us, due_us;

	letter->offset = UINT64_C(5000000000);
	letter->length = 321;
	letter->order = UINT64_C(0xfedcba9876543210);
	letter->attempts = 3;
	letter->hops = 2;
	letter->due_us = clock_mono_us() + 100 * US;
	letter_set_error(letter, "HTTP 503 \"quoted\"\n");
	strcpy(id, letter->id);
	first_us = letter->first_us;
	due_us = letter->due_us;
	bench_letter(bench, 8, 0);
	bench->outbox.cursor = UINT64_C(5000000400);
	bench->outbox.seq = 8;
	bench->channels.at[1].closed = true;
	bench_save(bench);
	bench->channels.at[1].closed = false;

	assert_int_equal(bench_load(bench), 0);
	assert_false(bench->outbox.dirty);
	assert_int_equal(bench->outbox.count, 2);
	assert_int_equal(bench->outbox.cursor, UINT64_C(5000000400));
	assert_int_equal(bench->outbox.seq, 8);
	assert_true(bench->channels.at[1].closed);
	letter = TAILQ_FIRST(&bench->outbox.letters);
	assert_string_equal(letter->id, id);
	assert_int_equal(letter->seq, 7);
	assert_int_equal(letter->offset, UINT64_C(5000000000));
	assert_int_equal(letter->length, 321);
	assert_int_equal(letter->order, UINT64_C(0xfedcba9876543210));
	assert_int_equal(letter->channel, 2);
	assert_int_equal(letter->attempts, 3);
	assert_int_equal(letter->hops, 2);
	assert_int_equal(letter->first_us, first_us);
	assert_in_range(letter->due_us - due_us + US, 0, 2 * US);
	assert_string_equal(letter->error, "HTTP 503 \"quoted\"\n");
	assert_int_equal(TAILQ_NEXT(letter, next)->seq, 8);
}

/* The machine's clock was a year ahead when the file was written. */
static void
test_no_wait_is_absurd(void **state)
{
	struct bench *bench = *state;
	struct letter *letter = bench_letter(bench, 1, 0);

	letter->due_us = clock_mono_us() + INT64_C(365) * 86400 * US;
	bench_save(bench);
	assert_int_equal(bench_load(bench), 0);
	letter = TAILQ_FIRST(&bench->outbox.letters);
	assert_true(letter->due_us <=
	    clock_mono_us() + (int64_t)BACKOFF_ASKED_MAX_MS * 1000);
	letter->due_us = 0; /* long ago */
	bench_save(bench);
	assert_int_equal(bench_load(bench), 0);
	letter = TAILQ_FIRST(&bench->outbox.letters);
	assert_true(letter->due_us <= clock_mono_us());
}

static void
test_full_size(void **state)
{
	struct bench *bench = *state;
	char long_error[1000];

	memset(long_error, '\x01', sizeof(long_error) - 1);
	long_error[sizeof(long_error) - 1] = '\0';
	for (uint64_t seq = 1; seq <= OUTBOX_MAX; seq++) {
		struct letter *letter = bench_letter(bench, seq, 0);

		letter_set_error(letter, long_error);
		assert_int_equal(strlen(letter->error), OUTBOX_ERROR_MAX);
	}
	assert_false(outbox_has_room(&bench->outbox, 1));
	bench_save(bench);
	assert_int_equal(bench_load(bench), 0);
	assert_int_equal(bench->outbox.count, OUTBOX_MAX);
	outbox_drop(&bench->outbox, TAILQ_FIRST(&bench->outbox.letters));
	assert_true(outbox_has_room(&bench->outbox, 1));
	assert_false(outbox_has_room(&bench->outbox, 2));
}

static void
test_errors_are_cut_between_characters(void **state)
{
	struct bench *bench = *state;
	struct letter *letter = bench_letter(bench, 1, 0);
	char text[302];

	memset(text, 'x', OUTBOX_ERROR_MAX - 1);
	strcpy(text + OUTBOX_ERROR_MAX - 1, "\xc3\xa9 and more");
	letter_set_error(letter, text);
	assert_int_equal(strlen(letter->error), OUTBOX_ERROR_MAX - 1);
}

static void
test_damage(void **state)
{
	static const char *const texts[] = { "", "{", "null", "[]",
		"{\"version\":2,\"cursor\":1,\"seq\":1,\"pending\":[]}",
		"{\"version\":1,\"cursor\":-1,\"seq\":1,\"pending\":[]}",
		"{\"version\":1,\"cursor\":1,\"seq\":1}",
		"{\"version\":1,\"cursor\":1,\"seq\":1,\"pending\":[{}]}",
		"{\"version\":1,\"cursor\":1,\"seq\":1,\"pending\":[7]}",
		"{\"version\":1,\"cursor\":1,\"seq\":1,\"pending\":[{"
		"\"id\":\"m\",\"seq\":1,\"offset\":0,\"length\":1,\"hops\":0,"
		"\"order\":\"0\",\"channel\":\"gone\",\"attempts\":0,"
		"\"first_at\":1,\"next_at\":1,\"error\":null}]}" };
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(io_replace(bench->dir, OUTBOX_FILE, texts[i],
				     strlen(texts[i]), false),
		    0);
		if (bench_load(bench) != -1)
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(bench->outbox.count, 0);
		assert_int_equal(bench->outbox.cursor, 0);
	}
}

static void
test_order(void **state)
{
	struct bench *bench = *state;
	struct letter *first = bench_letter(bench, 3, 0);
	struct letter *other_order = bench_letter(bench, 4, 0);
	struct letter *other_channel = bench_letter(bench, 6, 1);
	struct letter *second = bench_letter(bench, 9, 0);

	assert_false(outbox_must_wait(&bench->outbox, first));
	assert_false(outbox_must_wait(&bench->outbox, other_order));
	assert_false(outbox_must_wait(&bench->outbox, other_channel));
	assert_true(outbox_must_wait(&bench->outbox, second));
	outbox_drop(&bench->outbox, first);
	assert_false(outbox_must_wait(&bench->outbox, second));
}

/* A name of "abc" for marks on channels a, b and c, "-" for none. */
static const char *
bench_route(struct bench *bench, const char *line, char marks[4])
{
	struct occurrence occurrence;
	uint32_t count = 0, told;

	assert_int_equal(occurrence_init(&occurrence, line, strlen(line)), 0);
	told = route_mark(&bench->channels, &occurrence, &bench->subject);
	for (uint32_t i = 0; i < bench->channels.count; i++)
		if (bench->channels.at[i].marked)
			marks[count++] = (char)('a' + i);
	assert_int_equal(count, told);
	marks[count] = '\0';
	occurrence_release(&occurrence);
	return count == 0 ? "-" : marks;
}

#define EVENT(severity, kind)                                            \
	"{\"seq\":1,\"event\":\"output.alert\",\"severity\":\"" severity \
	"\",\"kind\":\"" kind "\"}"

static void
test_routes(void **state)
{
	struct bench *bench = *state;
	struct channel *at = bench->channels.at;
	char marks[4];

#define ROUTE(severity, kind) bench_route(bench, EVENT(severity, kind), marks)
	assert_string_equal(ROUTE("low", "failure"), "-");
	assert_string_equal(ROUTE("high", "failure"), "a");
	assert_string_equal(ROUTE("critical", "failure"), "ab");
	assert_string_equal(ROUTE("medium", "milestone"), "ac");
	assert_string_equal(ROUTE("critical", "unheard of"), "ab");
	at[0].closed = true;
	assert_string_equal(ROUTE("high", "failure"), "b");
	assert_string_equal(ROUTE("critical", "failure"), "b");
	at[1].closed = true;
	assert_string_equal(ROUTE("high", "failure"), "c");
	assert_string_equal(ROUTE("medium", "milestone"), "c");
	at[2].closed = true; /* and round in a circle */
	assert_string_equal(ROUTE("critical", "milestone"), "-");
	at[0].closed = false;
	assert_string_equal(ROUTE("medium", "milestone"), "a");
}

static void
test_occurrences(void **state)
{
	static const char *const bad[] = { "", "x", "[]", "{}", "{\"seq\":1}",
		"{\"seq\":1,\"event\":\"e\"}",
		"{\"seq\":\"1\",\"event\":\"e\",\"severity\":\"low\"}",
		"{\"seq\":1,\"event\":\"e\",\"severity\":\"odd\"}" };
	struct occurrence stall, clear;
	const char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(occurrence_init(&stall, bad[i],
				     strlen(bad[i])),
		    -1);
	text = "{\"seq\":1,\"event\":\"job.stall\",\"severity\":\"high\","
	       "\"fingerprint\":\"00000000000000aa\"}";
	assert_int_equal(occurrence_init(&stall, text, strlen(text)), 0);
	text = "{\"seq\":2,\"event\":\"job.stall.clear\",\"severity\":\"low\","
	       "\"fingerprint\":\"00000000000000bb\"}";
	assert_int_equal(occurrence_init(&clear, text, strlen(text)), 0);
	assert_true(stall.order == clear.order);
	assert_string_equal(stall.message, "");
	occurrence_release(&stall);
	occurrence_release(&clear);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, bench_new, bench_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_yet),
		TEST(test_comes_back_as_it_was),
		TEST(test_no_wait_is_absurd),
		TEST(test_full_size),
		TEST(test_errors_are_cut_between_characters),
		TEST(test_damage),
		TEST(test_order),
		TEST(test_routes),
		cmocka_unit_test(test_occurrences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
