/*
 * test_packed_log.c - a job's output is the same stream whichever of its
 * segments are compressed, and while they are.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loglist.h"
#include "logread.h"
#include "packed.h"

#define CLOSED 12 /* segments, before the active one */

struct fixture {
	char *path;
	struct scratch_log log;
	struct packed_oracle oracle;
	struct logread *reader;
};

static const char *
name_of(unsigned number)
{
	static char name[64];

	snprintf(name, sizeof(name), "output-20260101T000000Z-%06u.log",
	    number);
	return name;
}

/* One codec after the other, of those there are. */
static enum codec
codec_of(unsigned number)
{
	enum codec codec = (enum codec)(number % (CODEC_COUNT - 1) + 1);

	return codec_is_built(codec) ? codec : CODEC_GZIP;
}

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));
	struct why why;

	*state = fix;
	srandom(11);
	fix->path = scratch_new();
	fix->log.dir = scratch_open(fix->path);
	scratch_segment(&fix->log);
	for (unsigned i = 1; i <= CLOSED; i++) {
		packed_say(&fix->log, &fix->oracle,
		    (size_t)random() % (2 * CODEC_FRAME_MAX) + 1);
		scratch_rotate(&fix->log, name_of(i));
	}
	packed_say(&fix->log, &fix->oracle, 5000);
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
	free(fix->oracle.bytes);
	free(fix);
	return 0;
}

/* All output from `offset` on is there, in one piece, as it was. */
static void
expect_rest(struct fixture *fix, uint64_t offset)
{
	static char bytes[100000];

	for (;;) {
		struct segment_chunk chunk;
		ssize_t n = logread_get(fix->reader, offset, bytes,
		    sizeof(bytes), &chunk);

		assert_true(n >= 0);
		if (n == 0)
			break;
		assert_int_equal(chunk.offset, offset);
		assert_int_equal(n, chunk.length);
		assert_memory_equal(bytes, fix->oracle.bytes + offset,
		    (size_t)n);
		offset += (uint64_t)n;
	}
	assert_int_equal(offset, fix->oracle.size);
}

static void
exchange_all(struct fixture *fix)
{
	for (unsigned i = 1; i <= CLOSED; i++)
		packed_exchange(fix->log.dir, name_of(i), codec_of(i));
}

/* --- the same answers --------------------------------------------------- */

struct answers {
	uint64_t begin, end;
	uint64_t tails[8], times[20], bases[20];
};

static void
ask(struct fixture *fix, struct answers *answers)
{
	struct logread *reader = fix->reader;
	uint64_t size = fix->oracle.size;

	answers->begin = logread_begin(reader);
	answers->end = logread_end(reader);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(logread_find_tail(reader, 1ul << (2 * i),
				     &answers->tails[i]),
		    0);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(logread_find_time(reader,
				     (int64_t)(size / 100 * i / 19),
				     &answers->times[i]),
		    0);
		answers->bases[i] = logread_base(reader, size * i / 19);
	}
}

static void
test_the_same_answers(void **state)
{
	struct fixture *fix = *state;
	struct answers plain, packed;

	ask(fix, &plain);
	assert_int_equal(plain.end, fix->oracle.size);
	assert_true(plain.times[10] > plain.times[9]);
	exchange_all(fix);
	ask(fix, &packed);
	assert_memory_equal(&plain, &packed, sizeof(plain));
}

static void
test_bytes_from_anywhere(void **state)
{
	struct fixture *fix = *state;

	for (unsigned i = 1; i <= CLOSED; i += 2) /* and every other one */
		packed_exchange(fix->log.dir, name_of(i), codec_of(i / 2));
	logread_end(fix->reader); /* lists anew */
	expect_rest(fix, 0);
	for (int i = 0; i < 30; i++)
		expect_rest(fix, (uint64_t)random() % fix->oracle.size);
}

/* The whole log may be closed and compressed, when the job is over. */
static void
test_no_active_segment(void **state)
{
	struct fixture *fix = *state;
	uint64_t offset;

	exchange_all(fix);
	assert_int_equal(renameat(fix->log.dir, SEGMENT_LOG, fix->log.dir,
			     "output-20260101T000000Z-000013.log"),
	    0);
	assert_int_equal(renameat(fix->log.dir, SEGMENT_INDEX, fix->log.dir,
			     "output-20260101T000000Z-000013.log.idx"),
	    0);
	packed_exchange(fix->log.dir, name_of(13), CODEC_GZIP);
	assert_int_equal(logread_end(fix->reader), fix->oracle.size);
	assert_int_equal(logread_find_tail(fix->reader, 1, &offset), 0);
	assert_true(offset > fix->oracle.size - 200);
	expect_rest(fix, 0);
}

static void
test_located(void **state)
{
	struct fixture *fix = *state;
	struct logread_place place;
	char bytes[10];

	packed_exchange(fix->log.dir, name_of(1), CODEC_GZIP);
	logread_end(fix->reader);
	assert_int_equal(logread_locate(fix->reader, 3, &place), 1);
	assert_int_equal(place.fd, -1);
	assert_memory_equal(place.bytes, fix->oracle.bytes + 3,
	    place.chunk.length);
	place.chunk.length = 1;
	bytes[1] = 'x';
	assert_int_equal(logread_copy(fix->reader, &place, bytes), 1);
	assert_int_equal(bytes[0], fix->oracle.bytes[3]);
	assert_int_equal(bytes[1], 'x');
	assert_int_equal(logread_locate(fix->reader, fix->oracle.size - 1,
			     &place),
	    1);
	assert_int_not_equal(place.fd, -1);
}

/* Damage is said, and is not taken for bytes that are to come. */
static void
test_damage_is_an_error(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk chunk;
	char bytes[100];
	int fd;

	packed_exchange(fix->log.dir, name_of(2), CODEC_GZIP);
	fd = packed_open(fix->log.dir, name_of(2), ".gz", O_RDWR);
	assert_int_equal(ftruncate(fd, 5), 0);
	close(fd);
	logread_end(fix->reader);
	for (uint64_t offset = 0;;) {
		ssize_t n = logread_get(fix->reader, offset, bytes,
		    sizeof(bytes), &chunk);

		if (n == -1)
			break;
		assert_true(n > 0);
		offset += (uint64_t)n;
	}
	assert_int_equal(errno, EBADMSG);
}

/* --- while they are exchanged ------------------------------------------- */

/* Each step that segment.h names may be the last before a crash. */
static void
test_every_step(void **state)
{
	static const char *new[] = { "new", "new.idx" };
	static const char log[] = "output-20260101T000000Z-000003.log.gz";
	static const char index[] = "output-20260101T000000Z-000003.log.gz.idx";
	struct fixture *fix = *state;
	int dir = fix->log.dir;

	assert_int_equal(packed_write(dir, name_of(3), CODEC_GZIP, new), 0);
	for (int step = 0; step < 4; step++) {
		if (step == 0)
			renameat(dir, new[1], dir, index);
		else if (step == 1)
			renameat(dir, new[0], dir, log);
		else if (step == 2)
			unlinkat(dir, "output-20260101T000000Z-000003.log.idx",
			    0);
		else
			unlinkat(dir, name_of(3), 0);
		expect_rest(fix, 0); /* with the list as it was */
		assert_int_equal(logread_end(fix->reader), fix->oracle.size);
		expect_rest(fix, 0);
	}
}

/* Of a segment that is there both ways the plain one is read: a compressed
 * one that is damaged does no harm before the plain one is gone. */
static void
test_plain_comes_first(void **state)
{
	static const char *new[] = { "output-20260101T000000Z-000003.log.gz",
		"output-20260101T000000Z-000003.log.gz.idx" };
	struct fixture *fix = *state;
	int fd;

	assert_int_equal(packed_write(fix->log.dir, name_of(3), CODEC_GZIP,
			     new),
	    0);
	fd = packed_open(fix->log.dir, new[0], "", O_RDWR);
	assert_int_equal(ftruncate(fd, 1), 0);
	close(fd);
	logread_end(fix->reader);
	expect_rest(fix, 0);
}

/* A name that says one codec and an index that says another, or none. */
static void
test_names_that_lie(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk chunk;
	int dir = fix->log.dir;
	char byte;

	packed_exchange(dir, name_of(1), CODEC_GZIP);
	renameat(dir, "output-20260101T000000Z-000001.log.gz", dir,
	    "output-20260101T000000Z-000001.log.zst");
	renameat(dir, "output-20260101T000000Z-000001.log.gz.idx", dir,
	    "output-20260101T000000Z-000001.log.zst.idx");
	renameat(dir, "output-20260101T000000Z-000002.log", dir,
	    "output-20260101T000000Z-000002.log.gz");
	renameat(dir, "output-20260101T000000Z-000002.log.idx", dir,
	    "output-20260101T000000Z-000002.log.gz.idx");
	logread_end(fix->reader);
	assert_int_equal(logread_get(fix->reader, 0, &byte, 1, &chunk), 1);
	assert_int_equal(chunk.offset, logread_begin(fix->reader));
	assert_true(chunk.offset > 0);
	expect_rest(fix, chunk.offset);
}

/* True when so many are listed, in order. */
static bool
is_listed(struct loglist *list, int dir, size_t count)
{
	if (loglist_read(list, dir) == -1 || list->count != count)
		return false;
	for (size_t i = 1; i < count; i++)
		if (list->entries[i].sequence <= list->entries[i - 1].sequence)
			return false;
	return true;
}

static void
test_listed_once(void **state)
{
	static const char *new[] = { "output-20260101T000000Z-000003.log.gz",
		"output-20260101T000000Z-000003.log.gz.idx" };
	struct fixture *fix = *state;
	struct loglist list = { 0 };

	assert_int_equal(packed_write(fix->log.dir, name_of(3), CODEC_GZIP,
			     new),
	    0);
	assert_true(is_listed(&list, fix->log.dir, CLOSED + 1));
	loglist_release(&list);
}

#define NAMES 1500 /* more than one reading of the directory gives */

static void *
rename_run(void *arg)
{
	const struct fixture *fix = arg;
	char to[80];

	for (unsigned i = NAMES; i > CLOSED; i--) {
		snprintf(to, sizeof(to), "%s.gz", name_of(i));
		scratch_append(fix->log.dir, "new", "", 0);
		if (renameat(fix->log.dir, "new", fix->log.dir, to) == -1 ||
		    unlinkat(fix->log.dir, name_of(i), 0) == -1)
			abort();
	}
	return NULL;
}

/* None is missed, not even where a scan passes the new name's place before it
 * is taken, and the old one's after it is gone. */
static void
test_listed_while_exchanged(void **state)
{
	struct fixture *fix = *state;
	struct loglist list = { 0 };
	int looks = 0, wrong = 0;
	pthread_t thread;

	for (unsigned i = CLOSED + 1; i <= NAMES; i++)
		scratch_append(fix->log.dir, name_of(i), "", 0);
	unlinkat(fix->log.dir, SEGMENT_INDEX, 0); /* all are closed */
	assert_int_equal(pthread_create(&thread, NULL, rename_run, fix), 0);
	for (; pthread_tryjoin_np(thread, NULL) == EBUSY; looks++)
		wrong += !is_listed(&list, fix->log.dir, NAMES);
	assert_true(looks > 0);
	assert_int_equal(wrong, 0);
	loglist_release(&list);
}

/* One that was opened before is read to its end, and the next is found. */
static void
test_under_an_open_reader(void **state)
{
	struct fixture *fix = *state;
	struct segment_chunk chunk;
	char byte;

	assert_int_equal(logread_get(fix->reader, 0, &byte, 1, &chunk), 1);
	exchange_all(fix);
	expect_rest(fix, 0);
}

static void *
exchange_run(void *arg)
{
	exchange_all(arg);
	return NULL;
}

static void
test_while_it_happens(void **state)
{
	struct fixture *fix = *state;
	pthread_t thread;
	struct answers answers;

	assert_int_equal(pthread_create(&thread, NULL, exchange_run, fix), 0);
	while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
		assert_int_equal(logread_end(fix->reader), fix->oracle.size);
		expect_rest(fix, 0);
		assert_int_equal(logread_begin(fix->reader), 0);
	}
	ask(fix, &answers);
	expect_rest(fix, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_same_answers),
		TEST(test_bytes_from_anywhere),
		TEST(test_no_active_segment),
		TEST(test_located),
		TEST(test_damage_is_an_error),
		TEST(test_every_step),
		TEST(test_plain_comes_first),
		TEST(test_names_that_lie),
		TEST(test_listed_once),
		TEST(test_listed_while_exchanged),
		TEST(test_under_an_open_reader),
		TEST(test_while_it_happens),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
