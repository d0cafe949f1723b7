/*
 * test_damaged.c - compressed segments that somebody has changed: what is
 * damaged is found out, not believed, and costs no more than itself.
 */
#include <sys/stat.h>
#include <zlib.h>

#include "bothways.h"
#include "unpacker.h"

/* All that a reader may ask; whether it got the oracle's bytes, all of them.
 * What it is given instead must not be more than it asked for. */
static bool
ask_everything(struct fixture *fix)
{
	static char bytes[3 * CODEC_FRAME_MAX];
	struct segment *segment = &fix->packed;
	size_t n = fix->oracle.size;
	struct segment_chunk chunk;
	uint64_t number;
	ssize_t got;

	segment_find_time(segment, (int64_t)random() % 10000, &number);
	segment_count(segment, STREAM_STDERR, &number);
	segment_promised(segment);
	segment_size(segment);
	for (int i = 0; i < 5; i++) {
		uint64_t offset = BASE + (uint64_t)random() % (n + 1000);

		if (segment_chunk(segment, offset, &chunk) == 1)
			assert_true(chunk.length > 0);
		got = segment_read(segment, offset, bytes, sizeof(bytes));
		assert_true(got <= (ssize_t)sizeof(bytes));
		if (got == -1)
			assert_true(errno == EBADMSG || errno == EINVAL ||
			    errno == ENOTSUP);
	}
	got = segment_read(segment, BASE, bytes, n);
	return got == (ssize_t)n && memcmp(bytes, fix->oracle.bytes, n) == 0;
}

/* A flipped byte of the log costs the frame that it is in, no other. */
static void
test_damaged_log(void **state)
{
	struct fixture *fix = *state;
	size_t n = 2 * CODEC_FRAME_MAX;

	for (int codec = 0; codec < CODEC_COUNT; codec++)
		for (int i = 0; i < 60 && packed_is_tested(codec); i++) {
			struct segment_frame second[2];
			struct stat st;
			off_t at;

			if (i % 20 == 0)
				make(fix, codec, n);
			assert_int_equal(fstat(fix->packed.log_fd, &st), 0);
			assert_int_equal(segment_frame(&fix->packed,
					     BASE + CODEC_FRAME_MAX, second),
			    0);
			at = (off_t)second[0].at +
			    random() % (st.st_size - (off_t)second[0].at);
			damage(fix->packed.log_fd, at, 1);
			if (ask_everything(fix))
				continue; /* a byte that means nothing */
			compare_read(fix, BASE, CODEC_FRAME_MAX);
			expect_cut(fix, BASE + CODEC_FRAME_MAX, 10, -1);
		}
}

static void
test_short_log(void **state)
{
	struct fixture *fix = *state;
	struct segment_frame limits[2];

	make(fix, CODEC_GZIP, 2 * CODEC_FRAME_MAX);
	assert_int_equal(segment_frame(&fix->packed, BASE + CODEC_FRAME_MAX,
			     limits),
	    0);
	assert_int_equal(ftruncate(fix->packed.log_fd, (off_t)limits[1].at - 1),
	    0);
	compare_read(fix, BASE, CODEC_FRAME_MAX);
	expect_cut(fix, BASE + CODEC_FRAME_MAX, 1, -1);
}

/* Every place of the index but the records, and some of them, with lies from
 * one byte to a whole number. Nothing is asked but that it is survived, and
 * that what is refused is refused as damaged. */
static void
test_damaged_index(void **state)
{
	struct fixture *fix = *state;

	make(fix, CODEC_GZIP, CODEC_FRAME_MAX + 1000);
	for (off_t at = 0; at < 300; at++)
		for (size_t n = 1; n <= 8; n += 7) {
			char before[8];

			assert_int_equal(pread(fix->packed.index_fd, before, 8,
					     at),
			    8);
			damage(fix->packed.index_fd, at, n);
			segment_release(&fix->packed);
			if (attach_packed(fix) == 0) {
				ask_everything(fix);
			} else {
				assert_int_equal(errno, EBADMSG);
				fix->packed.index_fd = packed_open(fix->log.dir,
				    "new", ".idx", O_RDWR);
			}
			assert_int_equal(pwrite(fix->packed.index_fd, before, 8,
					     at),
			    8);
		}
	segment_release(&fix->packed);
	assert_int_equal(attach_packed(fix), 0);
	assert_true(ask_everything(fix));
}

static void
test_short_index(void **state)
{
	struct fixture *fix = *state;

	make(fix, CODEC_GZIP, CODEC_FRAME_MAX + 1000);
	for (off_t size = 32 + 16 + 3 * 16; size >= 0; size--) {
		int result;

		assert_int_equal(ftruncate(fix->packed.index_fd, size), 0);
		segment_release(&fix->packed);
		result = attach_packed(fix);
		if (size == 32 + 16 + 3 * 16) { /* its records alone are gone */
			assert_int_equal(result, 0);
			assert_int_equal(segment_records(&fix->packed), 0);
			compare_read(fix, BASE, 2 * CODEC_FRAME_MAX);
			continue;
		}
		assert_int_equal(result, -1);
		assert_int_equal(errno, EBADMSG);
		fix->packed.index_fd = packed_open(fix->log.dir, "new", ".idx",
		    O_RDWR);
	}
}

/* Writes one row of the table anew. */
static void
lie(struct fixture *fix, unsigned row, uint64_t offset, uint64_t at)
{
	const struct segment_frame frame = { offset, at };
	int fd = packed_open(fix->log.dir, "new", ".idx", O_WRONLY);

	assert_int_equal(pwrite(fd, &frame, sizeof(frame),
			     (off_t)(sizeof(struct segment_header) +
				 sizeof(struct segment_packing) +
				 row * sizeof(frame))),
	    sizeof(frame));
	close(fd);
}

static void
expect_bad(struct fixture *fix)
{
	segment_release(&fix->packed);
	if (attach_packed(fix) == 0)
		expect_cut(fix, BASE + CODEC_FRAME_MAX, 1, -1);
	else
		assert_int_equal(errno, EBADMSG);
}

/* Rows that point elsewhere, backwards, or to more than a frame may hold. */
static void
test_lying_table(void **state)
{
	struct fixture *fix = *state;
	const uint64_t end = BASE + 2 * CODEC_FRAME_MAX;
	struct segment_frame second[2];

	make(fix, CODEC_GZIP, 2 * CODEC_FRAME_MAX);
	assert_int_equal(segment_frame(&fix->packed, BASE + CODEC_FRAME_MAX,
			     second),
	    0);
	lie(fix, 2, end + 1, second[1].at);
	expect_bad(fix);
	lie(fix, 2, UINT64_MAX, second[1].at);
	expect_bad(fix);
	lie(fix, 2, BASE - 1, second[1].at);
	expect_bad(fix);
	lie(fix, 2, end, second[0].at);
	expect_bad(fix);
	lie(fix, 2, end, second[0].at + CODEC_PACKED_MAX + 1);
	expect_bad(fix);
	lie(fix, 2, end, UINT64_MAX);
	expect_bad(fix);
	lie(fix, 2, end, second[1].at + 1);
	expect_bad(fix);
	lie(fix, 2, end, second[1].at);
	lie(fix, 1, BASE + CODEC_FRAME_MAX, UINT64_MAX - 5);
	expect_bad(fix);
	lie(fix, 1, BASE + CODEC_FRAME_MAX, (uint64_t)INT64_MAX);
	expect_bad(fix);
	lie(fix, 1, BASE + CODEC_FRAME_MAX - 1, second[0].at);
	expect_bad(fix);
	lie(fix, 1, BASE + CODEC_FRAME_MAX, second[0].at);
	segment_release(&fix->packed);
	assert_int_equal(attach_packed(fix), 0);
	assert_true(ask_everything(fix));
}

/* One byte more than a frame may have, as gzip has it. How many they became. */
static size_t
pack_zeros(struct unpacker *unpacker)
{
	static char zeros[CODEC_FRAME_MAX + 1];
	z_stream stream = { .next_in = (Bytef *)zeros,
		.avail_in = sizeof(zeros),
		.next_out = (Bytef *)unpacker->packed,
		.avail_out = sizeof(unpacker->packed) };

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return sizeof(unpacker->packed) - stream.avail_out;
}

/* Its buffers hold so much and no more, whoever asks. */
static void
test_bounds(void **state)
{
	struct fixture *fix = *state;
	struct unpacker *unpacker = unpacker_new(CODEC_GZIP);
	struct segment_frame limits[2];

	assert_non_null(unpacker);
	assert_int_equal(unpacker_step(unpacker, CODEC_PACKED_MAX + 1, 1), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(unpacker_step(unpacker, pack_zeros(unpacker),
			     CODEC_FRAME_MAX + 1),
	    -1);
	assert_int_equal(errno, EBADMSG);
	unpacker->free(unpacker);
	make(fix, CODEC_GZIP, 2 * CODEC_FRAME_MAX);
	assert_int_equal(segment_frame(&fix->packed, BASE, limits), 0);
	lie(fix, 1, BASE + CODEC_FRAME_MAX + 1, limits[1].at);
	assert_int_equal(segment_frame(&fix->packed, BASE, limits), -1);
	assert_int_equal(errno, EBADMSG);
}

/* No output is that long; what is computed from it stays a size. */
static void
test_base_beyond_all(void **state)
{
	struct fixture *fix = *state;
	const uint64_t base = (uint64_t)INT64_MAX;

	make(fix, CODEC_GZIP, 100);
	lie(fix, 0, base, 0);
	lie(fix, 1, base + 100, 100);
	assert_int_equal(pwrite(fix->packed.index_fd, &base, sizeof(base),
			     offsetof(struct segment_header, base)),
	    sizeof(base));
	segment_release(&fix->packed);
	assert_int_equal(attach_packed(fix), -1);
	assert_int_equal(errno, EBADMSG);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_damaged_log),
		TEST(test_short_log),
		TEST(test_damaged_index),
		TEST(test_short_index),
		TEST(test_lying_table),
		TEST(test_bounds),
		TEST(test_base_beyond_all),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
