/*
 * test_frames.c - a compressed segment says what the plain one says, byte for
 * byte and chunk for chunk, and who makes it sees when it does not.
 */
#include <sys/stat.h>

#include "bothways.h"

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
		TEST(test_codec_that_is_not_built),
		TEST(test_files_that_are_not_empty),
		TEST(test_comparing_finds),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
