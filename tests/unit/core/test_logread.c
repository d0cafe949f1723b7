/*
 * test_logread.c - the whole output as one stream: across segments, over
 * what is gone, while it is rotated under the reader, and from its end.
 */
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "logread.h"
#include "scratch.h"

struct fixture {
	char *path;
	struct scratch_log log;
	struct logread *reader;
};

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));
	struct why why;

	*state = fix;
	fix->path = scratch_new();
	fix->log.dir = scratch_open(fix->path);
	fix->reader = logread_open(fix->log.dir, &why);
	return fix->reader == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	logread_close(fix->reader);
	close(fix->log.dir);
	scratch_remove(fix->path);
	free(fix);
	return 0;
}

/* All from `offset` on, as text. */
static const char *
rest(struct fixture *fix, uint64_t offset)
{
	static char text[4096];
	size_t have = 0;
	ssize_t n;

	do {
		struct segment_chunk chunk;

		n = logread_get(fix->reader, offset, text + have, 7, &chunk);
		assert_true(n >= 0);
		have += (size_t)n;
		offset = n == 0 ? offset : chunk.offset + (uint64_t)n;
	} while (n > 0);
	text[have] = '\0';
	return text;
}

static void
say(struct fixture *fix, const char *text)
{
	scratch_say(&fix->log, STREAM_STDOUT, (int64_t)fix->log.end, text);
}

static void
test_before_there_is_a_log(void **state)
{
	struct fixture *fix = *state;
	uint64_t offset = 7;

	assert_int_equal(logread_end(fix->reader), 0);
	assert_int_equal(logread_begin(fix->reader), 0);
	assert_string_equal(rest(fix, 0), "");
	assert_int_equal(logread_find_tail(fix->reader, 5, &offset), 0);
	assert_int_equal(offset, 0);
	assert_int_equal(logread_find_time(fix->reader, 5, &offset), 0);
	assert_int_equal(offset, 0);
	scratch_segment(&fix->log);
	assert_string_equal(rest(fix, 0), "");
	say(fix, "first\n");
	assert_string_equal(rest(fix, 0), "first\n");
}

static void
test_across_segments(void **state)
{
	struct fixture *fix = *state;

	scratch_segment(&fix->log);
	say(fix, "one\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	say(fix, "two\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000002.log");
	assert_string_equal(rest(fix, 0), "one\ntwo\n");
	say(fix, "three\n");
	assert_string_equal(rest(fix, 0), "one\ntwo\nthree\n");
	assert_string_equal(rest(fix, 6), "o\nthree\n");
	assert_int_equal(logread_end(fix->reader), 14);
	/* The one it stands in is set aside, and more comes. */
	say(fix, "and ");
	assert_string_equal(rest(fix, 14), "and ");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000003.log");
	assert_string_equal(rest(fix, 18), "");
	say(fix, "four\n");
	assert_string_equal(rest(fix, 18), "four\n");
	assert_string_equal(rest(fix, 0), "one\ntwo\nthree\nand four\n");
}

static void
drop(struct fixture *fix, const char *name)
{
	char index[64];

	snprintf(index, sizeof(index), "%s.idx", name);
	assert_int_equal(unlinkat(fix->log.dir, name, 0), 0);
	assert_int_equal(unlinkat(fix->log.dir, index, 0), 0);
}

static void
test_gone_segments(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk chunk;
	char bytes[16];

	scratch_segment(&fix->log);
	say(fix, "one\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	say(fix, "two\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000002.log");
	say(fix, "three\n");
	assert_string_equal(rest(fix, 0), "one\ntwo\nthree\n");
	drop(fix, "output-20260101T000000Z-000002.log");
	assert_string_equal(rest(fix, 0), "one\nthree\n");
	assert_int_equal(logread_get(fix->reader, 5, bytes, sizeof(bytes),
			     &chunk),
	    6);
	assert_int_equal(chunk.offset, 8); /* the gap is for all to see */
	drop(fix, "output-20260101T000000Z-000001.log");
	logread_end(fix->reader); /* lists anew */
	assert_int_equal(logread_begin(fix->reader), 8);
	assert_string_equal(rest(fix, 0), "three\n");
}

/* A rotation stopped half-way: the log has its old name, no index. */
static void
test_half_rotated(void **state)
{
	struct fixture *fix = *state;

	scratch_segment(&fix->log);
	say(fix, "one\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	say(fix, "two\n");
	assert_int_equal(renameat(fix->log.dir, SEGMENT_INDEX, fix->log.dir,
			     "output-20260101T000000Z-000002.log.idx"),
	    0);
	assert_string_equal(rest(fix, 0), "one\ntwo\n");
	assert_int_equal(renameat(fix->log.dir, SEGMENT_LOG, fix->log.dir,
			     "output-20260101T000000Z-000002.log"),
	    0);
	assert_string_equal(rest(fix, 0), "one\ntwo\n");
	scratch_segment(&fix->log);
	say(fix, "three\n");
	assert_string_equal(rest(fix, 0), "one\ntwo\nthree\n");
}

/* Somebody removed a log and left its index: the active one is not taken for
 * it. */
static void
test_log_removed_by_hand(void **state)
{
	struct fixture *fix = *state;

	scratch_segment(&fix->log);
	say(fix, "one\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	say(fix, "two\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000002.log");
	say(fix, "three\n");
	assert_int_equal(unlinkat(fix->log.dir,
			     "output-20260101T000000Z-000002.log", 0),
	    0);
	assert_string_equal(rest(fix, 0), "one\nthree\n");
}

static void
test_odd_files_are_no_segments(void **state)
{
	struct fixture *fix = *state;

	scratch_append(fix->log.dir, "output-.log", "x", 1);
	scratch_append(fix->log.dir, "output-Z-x.log", "x", 1);
	scratch_append(fix->log.dir, "output-Z-1.log.zst", "x", 1);
	scratch_append(fix->log.dir, "output-Z-2.log", "x", 1);
	scratch_append(fix->log.dir, "output-Z-2.log.idx", "bad", 3);
	scratch_append(fix->log.dir, "output-Z-9.log", "x", 1);
	scratch_append(fix->log.dir, "events.jsonl", "x", 1);
	scratch_segment(&fix->log);
	say(fix, "real\n");
	assert_string_equal(rest(fix, 0), "real\n");
}

static void
test_located(void **state)
{
	struct fixture *fix = *state;
	struct logread_place place;
	char bytes[8] = "";

	scratch_segment(&fix->log);
	say(fix, "one\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	say(fix, "two\n");
	assert_int_equal(logread_locate(fix->reader, 5, &place), 1);
	assert_int_equal(place.chunk.length, 3);
	assert_int_equal(pread(place.fd, bytes, 8, place.at), 3);
	assert_string_equal(bytes, "wo\n");
	place.chunk.length = 2;
	bytes[2] = 'x';
	assert_int_equal(logread_copy(fix->reader, &place, bytes), 2);
	assert_string_equal(bytes, "wox");
	assert_int_equal(logread_locate(fix->reader, 8, &place), 0);
	assert_false(logread_owed(fix->reader));
	scratch_record(&fix->log, STREAM_STDOUT, 1, 5);
	assert_int_equal(logread_locate(fix->reader, 8, &place), 0);
	assert_true(logread_owed(fix->reader));
}

static void
test_time_across_segments(void **state)
{
	struct fixture *fix = *state;
	uint64_t offset;

	scratch_segment(&fix->log);
	scratch_say(&fix->log, STREAM_STDOUT, 10, "one\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	scratch_rotate(&fix->log,
	    "output-20260101T000000Z-000002.log"); /* an empty one */
	scratch_say(&fix->log, STREAM_STDOUT, 20, "two\n");
	assert_int_equal(logread_find_time(fix->reader, 10, &offset), 0);
	assert_int_equal(offset, 0);
	assert_int_equal(logread_find_time(fix->reader, 11, &offset), 0);
	assert_int_equal(offset, 4);
	assert_int_equal(logread_find_time(fix->reader, 21, &offset), 0);
	assert_int_equal(offset, 8);
}

/* --- the tail ----------------------------------------------------------- */

static uint64_t
tail(struct fixture *fix, unsigned long lines)
{
	uint64_t offset;

	assert_int_equal(logread_find_tail(fix->reader, lines, &offset), 0);
	return offset;
}

static void
test_tail(void **state)
{
	struct fixture *fix = *state;

	scratch_segment(&fix->log);
	say(fix, "a\nb\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	say(fix, "c");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000002.log");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000003.log");
	say(fix, "c\n\nd\n");
	assert_int_equal(tail(fix, 0), 10);
	assert_int_equal(tail(fix, 1), 8);
	assert_int_equal(tail(fix, 2), 7);
	assert_int_equal(tail(fix, 3), 4);
	assert_int_equal(tail(fix, 4), 2);
	assert_int_equal(tail(fix, 5), 0);
	assert_int_equal(tail(fix, 6), 0);
	assert_int_equal(tail(fix, ULONG_MAX), 0);
	say(fix, "e");
	assert_int_equal(tail(fix, 1), 10);
	assert_int_equal(tail(fix, 2), 8);
}

static void
test_tail_over_a_gap(void **state)
{
	struct fixture *fix = *state;

	scratch_segment(&fix->log);
	say(fix, "a\nb\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000001.log");
	say(fix, "gone\n");
	scratch_rotate(&fix->log, "output-20260101T000000Z-000002.log");
	say(fix, "c\n");
	drop(fix, "output-20260101T000000Z-000002.log");
	assert_int_equal(tail(fix, 1), 4); /* the gap belongs to "c" */
	assert_int_equal(tail(fix, 2), 2);
	drop(fix, "output-20260101T000000Z-000001.log");
	assert_int_equal(tail(fix, 5), 9);
}

/* Against a plain count, with lines far longer than the scan's blocks. */
static void
test_tail_of_much(void **state)
{
	struct fixture *fix = *state;
	static char text[400000];

	srandom(4);
	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 12; i++)
		text[(size_t)random() % (sizeof(text) - 1)] = '\n';
	text[sizeof(text) - 2] = '\n';
	scratch_segment(&fix->log);
	say(fix, text);
	for (unsigned long lines = 1; lines < 16; lines++) {
		size_t at = sizeof(text) - 2, left = lines;

		while (at > 0 && (text[at - 1] != '\n' || --left > 0))
			at--;
		assert_int_equal(tail(fix, lines), at);
	}
}

/* --- while it changes --------------------------------------------------- */

static void *
writer(void *arg)
{
	struct scratch_log *log = arg;
	char line[32], name[64];

	for (int i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		scratch_say(log, STREAM_STDOUT, i, line);
		if (i % 50 == 49) {
			snprintf(name, sizeof(name),
			    "output-20260101T000000Z-%06d.log", i);
			scratch_rotate(log, name);
		}
	}
	return NULL;
}

/* Every byte once and in order, however the rotations fall. */
static void
read_while_written(struct fixture *fix)
{
	char bytes[4096], want[32] = "";
	size_t used = 0;
	uint64_t offset = 0;
	int line = -1;
	pthread_t thread;

	scratch_segment(&fix->log);
	assert_int_equal(pthread_create(&thread, NULL, writer, &fix->log), 0);
	while (line < 20000 - 1 || want[used] != '\0') {
		struct segment_chunk chunk;
		ssize_t n = logread_get(fix->reader, offset, bytes,
		    sizeof(bytes), &chunk);

		assert_true(n >= 0);
		if (n > 0)
			assert_int_equal(chunk.offset, offset);
		for (ssize_t i = 0; i < n; i++) {
			if (want[used] == '\0') {
				snprintf(want, sizeof(want), "line %d\n",
				    ++line);
				used = 0;
			}
			assert_int_equal(bytes[i], want[used++]);
		}
		offset += (uint64_t)n;
	}
	pthread_join(thread, NULL);
}

static void
test_read_while_written(void **state)
{
	read_while_written(*state);
}

static void
test_read_merged_while_written(void **state)
{
	struct fixture *fix = *state;

	logread_merge(fix->reader, SEGMENT_MERGE_ALL);
	read_while_written(fix);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_before_there_is_a_log),
		TEST(test_across_segments),
		TEST(test_gone_segments),
		TEST(test_half_rotated),
		TEST(test_log_removed_by_hand),
		TEST(test_odd_files_are_no_segments),
		TEST(test_located),
		TEST(test_time_across_segments),
		TEST(test_tail),
		TEST(test_tail_over_a_gap),
		TEST(test_tail_of_much),
		TEST(test_read_while_written),
		TEST(test_read_merged_while_written),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
