/*
 * test_frames.c - a compressed segment says what the plain one says, byte for
 * byte and chunk for chunk; and what is damaged is found out, not believed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmocka.h>

#include "packed.h"
#include "unpacker.h"

#define BASE 1000 /* offsets do not begin at nought here */

static const char *const new_names[] = { "new", "new.idx" };

struct fixture {
	char *path;
	struct scratch_log log;
	struct packed_oracle oracle;
	struct segment plain;
	struct segment packed;
};

static int
setup(void **state)
{
	struct fixture *fix = calloc(1, sizeof(*fix));

	*state = fix;
	srandom(7);
	fix->path = scratch_new();
	fix->log.dir = scratch_open(fix->path);
	fix->plain.log_fd = fix->plain.index_fd = -1;
	fix->packed = fix->plain;
	return 0;
}

/* Forgets the segment, so that the next can be made. */
static void
clear(struct fixture *fix)
{
	static const char *const names[] = { SEGMENT_LOG, SEGMENT_INDEX, "new",
		"new.idx" };

	segment_release(&fix->plain);
	segment_release(&fix->packed);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(fix->log.dir, names[i], 0);
	free(fix->oracle.bytes);
	fix->oracle = (struct packed_oracle){ .base = BASE };
	fix->log.end = BASE;
}

static int
teardown(void **state)
{
	struct fixture *fix = *state;

	clear(fix);
	close(fix->log.dir);
	scratch_remove(fix->path);
	free(fix);
	return 0;
}

static int
attach_packed(struct fixture *fix)
{
	int dir = fix->log.dir, result;
	int log_fd = packed_open(dir, "new", "", O_RDWR);
	int index_fd = packed_open(dir, "new", ".idx", O_RDWR);

	result = segment_attach(&fix->packed, log_fd, index_fd);
	if (result == -1) {
		close(log_fd);
		close(index_fd);
	}
	return result;
}

/* A segment of n bytes, both ways. */
static void
make(struct fixture *fix, enum codec codec, size_t n)
{
	int dir = fix->log.dir;

	clear(fix);
	scratch_segment(&fix->log);
	packed_say(&fix->log, &fix->oracle, n);
	assert_int_equal(packed_write(dir, SEGMENT_LOG, codec,
			     (const char **)new_names),
	    0);
	assert_int_equal(segment_attach(&fix->plain,
			     packed_open(dir, SEGMENT_LOG, "", O_RDONLY),
			     packed_open(dir, SEGMENT_LOG, ".idx", O_RDONLY)),
	    0);
	assert_int_equal(attach_packed(fix), 0);
	assert_int_equal(fix->packed.codec, codec);
}

/* --- what it says ------------------------------------------------------- */

static void
test_layout(void **state)
{
	(void)state; /* on disk: changing it breaks every old log */
	assert_int_equal(sizeof(struct segment_packing), 16);
	assert_int_equal(sizeof(struct segment_frame), 16);
	assert_int_equal(CODEC_ZSTD, 1);
	assert_int_equal(CODEC_GZIP, 2);
}

static void
compare_header(struct fixture *fix)
{
	assert_int_equal(fix->packed.base, fix->plain.base);
	assert_int_equal(fix->packed.sequence, fix->plain.sequence);
	assert_int_equal(segment_size(&fix->packed), fix->oracle.size);
	assert_int_equal(segment_records(&fix->packed),
	    segment_records(&fix->plain));
	assert_false(segment_promised(&fix->packed));
	for (int stream = 0; stream < STREAM_COUNT; stream++) {
		uint64_t left, right;

		assert_int_equal(segment_count(&fix->plain, stream, &left), 0);
		assert_int_equal(segment_count(&fix->packed, stream, &right),
		    0);
		assert_int_equal(left, right);
	}
}

static void
compare_read(struct fixture *fix, uint64_t offset, size_t n)
{
	static char bytes[4 * CODEC_FRAME_MAX];
	size_t left = fix->oracle.size - (offset - BASE);

	assert_int_equal(segment_read(&fix->packed, offset, bytes, n),
	    n < left ? n : left);
	assert_memory_equal(bytes, fix->oracle.bytes + (offset - BASE),
	    n < left ? n : left);
}

/* A read that the damage behind it, or in it, cuts to `want`. */
static void
expect_cut(struct fixture *fix, uint64_t offset, size_t n, ssize_t want)
{
	char bytes[200];

	errno = 0;
	assert_int_equal(segment_read(&fix->packed, offset, bytes, n), want);
	if (want == -1)
		assert_int_equal(errno, EBADMSG);
	else
		assert_memory_equal(bytes, fix->oracle.bytes + (offset - BASE),
		    (size_t)want);
}

static void
compare_chunk(struct fixture *fix, uint64_t offset)
{
	struct segment_chunk left, right;
	int found = segment_chunk(&fix->plain, offset, &left);

	assert_int_equal(segment_chunk(&fix->packed, offset, &right), found);
	if (found == 0)
		return;
	assert_int_equal(right.offset, left.offset);
	assert_int_equal(right.length, left.length);
	assert_int_equal(right.time_us, left.time_us);
	assert_int_equal(right.stream, left.stream);
}

static void
compare_time(struct fixture *fix, int64_t time_us)
{
	uint64_t left, right;

	assert_int_equal(segment_find_time(&fix->plain, time_us, &left), 0);
	assert_int_equal(segment_find_time(&fix->packed, time_us, &right), 0);
	assert_int_equal(left, right);
}

static void
compare_random(struct fixture *fix)
{
	for (int i = 0; i < 200; i++) {
		uint64_t offset = BASE +
		    (uint64_t)random() % (fix->oracle.size + 1);

		compare_read(fix, offset, (size_t)random() % 1000);
		compare_chunk(fix, offset);
		compare_time(fix, (int64_t)offset / 100);
	}
	for (int i = 0; i < 20; i++)
		compare_read(fix,
		    BASE + (uint64_t)random() % (fix->oracle.size + 1),
		    (size_t)random() % (4 * CODEC_FRAME_MAX));
}

/* Sizes around the frames' limits, and some between. */
static void
test_against_an_oracle(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, CODEC_FRAME_MAX - 1,
		CODEC_FRAME_MAX, CODEC_FRAME_MAX + 1, 3 * CODEC_FRAME_MAX,
		5 * CODEC_FRAME_MAX + 12345 };
	struct fixture *fix = *state;

	for (int codec = 0; codec < CODEC_COUNT; codec++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) + 4 &&
		     packed_is_tested(codec);
		     i++) {
			make(fix, codec,
			    i < sizeof(sizes) / sizeof(sizes[0])
				? sizes[i]
				: (size_t)random() % (3 * CODEC_FRAME_MAX));
			compare_header(fix);
			compare_random(fix);
			compare_chunk(fix, 0);
			compare_chunk(fix, fix->log.end);
			compare_time(fix, INT64_MIN);
			compare_time(fix, INT64_MAX);
		}
}

static void
test_outside(void **state)
{
	struct fixture *fix = *state;
	const char *view;
	char byte;

	make(fix, CODEC_GZIP, 100);
	assert_int_equal(segment_read(&fix->packed, BASE - 1, &byte, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(segment_view(&fix->packed, BASE - 1, &view), -1);
	assert_int_equal(segment_read(&fix->packed, BASE + 100, &byte, 1), 0);
	assert_int_equal(segment_view(&fix->packed, UINT64_MAX, &view), 0);
}

/* Noise does not compress; its frames are larger than what is in them. */
static void
test_noise(void **state)
{
	struct fixture *fix = *state;
	size_t n = 2 * CODEC_FRAME_MAX + 5;
	char *noise = malloc(n);
	struct stat st;

	for (size_t i = 0; i < n; i++)
		noise[i] = (char)random();
	for (int codec = 0; codec < CODEC_COUNT; codec++) {
		if (!packed_is_tested(codec))
			continue;
		clear(fix);
		scratch_segment(&fix->log);
		scratch_record(&fix->log, STREAM_STDOUT, 1, (uint32_t)n);
		scratch_append(fix->log.dir, SEGMENT_LOG, noise, n);
		fix->oracle = (struct packed_oracle){ malloc(n), n, BASE };
		memcpy(fix->oracle.bytes, noise, n);
		assert_int_equal(packed_write(fix->log.dir, SEGMENT_LOG, codec,
				     (const char **)new_names),
		    0);
		assert_int_equal(attach_packed(fix), 0);
		assert_int_equal(fstat(fix->packed.log_fd, &st), 0);
		assert_true(st.st_size > (off_t)n);
		compare_read(fix, BASE, n);
	}
	free(noise);
}

/* Who reads on unpacks each frame once: its file may go meanwhile. What can
 * be had comes first, then the error. */
static void
test_a_frame_is_kept(void **state)
{
	struct fixture *fix = *state;
	const char *view;

	make(fix, CODEC_GZIP, 2 * CODEC_FRAME_MAX);
	compare_read(fix, BASE, 10);
	assert_int_equal(ftruncate(fix->packed.log_fd, 0), 0);
	compare_read(fix, BASE + 10, CODEC_FRAME_MAX - 10);
	compare_read(fix, BASE + 5, 100);
	assert_int_equal(segment_view(&fix->packed, BASE + 3, &view),
	    CODEC_FRAME_MAX - 3);
	/* What can be had comes first, then the error. */
	expect_cut(fix, BASE + CODEC_FRAME_MAX - 100, 200, 100);
	assert_int_equal(segment_view(&fix->packed, BASE + CODEC_FRAME_MAX,
			     &view),
	    -1);
	assert_int_equal(errno, EBADMSG);
}

/* --- what is not believed ----------------------------------------------- */

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

static void
damage(int fd, off_t at, size_t n)
{
	char bytes[16];

	assert_true(n <= sizeof(bytes));
	if (pread(fd, bytes, n, at) != (ssize_t)n)
		return;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(bytes[i] + 1 + random() % 255);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
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

/* A segment that this build has no library for can be asked for its times,
 * not for its bytes. */
static void
test_codec_that_is_not_built(void **state)
{
	struct fixture *fix = *state;
	const struct segment_packing packing = { CODEC_ZSTD, 0, 1 };
	char byte;

	make(fix, CODEC_GZIP, 1000);
	assert_int_equal(pwrite(fix->packed.index_fd, &packing, sizeof(packing),
			     sizeof(struct segment_header)),
	    sizeof(packing));
	segment_release(&fix->packed);
	assert_int_equal(attach_packed(fix), 0);
	compare_header(fix);
	compare_chunk(fix, BASE + 10);
	assert_int_equal(segment_read(&fix->packed, BASE, &byte, 1), -1);
	assert_int_equal(errno, codec_is_built(CODEC_ZSTD) ? EBADMSG : ENOTSUP);
	assert_non_null(strstr(segment_strerror(ENOTSUP), "libzstd-dev"));
	assert_non_null(strstr(segment_strerror(EBADMSG), "damaged"));
	assert_string_equal(segment_strerror(EIO), strerror(EIO));
}

/* --- making them -------------------------------------------------------- */

static void
frames_of(struct fixture *fix, struct frames *frames)
{
	*frames = (struct frames){
		.from = &fix->plain,
		.codec = CODEC_GZIP,
		.log_fd = packed_open(fix->log.dir, "new", "", O_RDWR),
		.index_fd = packed_open(fix->log.dir, "new", ".idx", O_RDWR),
	};
}

static void
test_files_that_are_not_empty(void **state)
{
	static struct frames frames;
	struct fixture *fix = *state;
	struct why why;

	make(fix, CODEC_GZIP, 100);
	frames_of(fix, &frames);
	assert_int_equal(frames_init(&frames, &why), -1);
	assert_non_null(strstr(why.text, "not empty"));
	assert_int_equal(ftruncate(frames.log_fd, 0), 0);
	assert_int_equal(frames_init(&frames, &why), -1);
	assert_int_equal(ftruncate(frames.index_fd, 0), 0);
	assert_int_equal(frames_init(&frames, &why), 0);
	frames_release(&frames);
	frames.from = &fix->packed;
	assert_int_equal(frames_init(&frames, &why), -1);
	assert_non_null(strstr(why.text, "already"));
	close(frames.log_fd);
	close(frames.index_fd);
}

/* Something else got into the files, or the log changed: it is seen before
 * anybody removes the log. */
static void
test_comparing_finds(void **state)
{
	static struct frames frames;
	struct fixture *fix = *state;
	struct why why;

	for (int what = 0; what < 4; what++) {
		uint64_t offset = BASE + CODEC_FRAME_MAX / 2;
		off_t record;

		make(fix, CODEC_GZIP, CODEC_FRAME_MAX);
		record = segment_record_at(&fix->plain, 5);
		frames_of(fix, &frames);
		assert_int_equal(ftruncate(frames.log_fd, 0), 0);
		assert_int_equal(ftruncate(frames.index_fd, 0), 0);
		assert_int_equal(frames_init(&frames, &why), 0);
		assert_int_equal(frames_write(&frames, &why), 0);
		segment_release(&fix->plain);
		assert_int_equal(segment_attach(&fix->plain,
				     packed_open(fix->log.dir, SEGMENT_LOG, "",
					 O_RDWR),
				     packed_open(fix->log.dir, SEGMENT_LOG,
					 ".idx", O_RDWR)),
		    0);
		if (what == 0)
			damage(fix->plain.log_fd, (off_t)(offset - BASE), 1);
		else if (what == 1)
			damage(fix->plain.index_fd, record, 1);
		else if (what == 2)
			damage(frames.log_fd, 1000, 8);
		else
			scratch_append(fix->log.dir, SEGMENT_LOG, "x", 1);
		assert_int_equal(frames_compare(&frames, &why), -1);
		frames_release(&frames);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_layout),
		TEST(test_against_an_oracle),
		TEST(test_outside),
		TEST(test_noise),
		TEST(test_a_frame_is_kept),
		TEST(test_damaged_log),
		TEST(test_short_log),
		TEST(test_damaged_index),
		TEST(test_short_index),
		TEST(test_lying_table),
		TEST(test_bounds),
		TEST(test_base_beyond_all),
		TEST(test_codec_that_is_not_built),
		TEST(test_files_that_are_not_empty),
		TEST(test_comparing_finds),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
