/*
 * bothways.h - one segment of random output, plain and compressed, for tests
 * that compare them.
 */
#ifndef TESTS_UNIT_COMPRESSOR_BOTHWAYS_H
#define TESTS_UNIT_COMPRESSOR_BOTHWAYS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packed.h"

#define BASE 1000 /* offsets do not begin at nought here */

static const char *const new_names[] = { "new", "new.idx" };

struct fixture {
	char *path;
	struct scratch_log log;
	struct packed_oracle oracle;
	struct segment plain;
	struct segment packed;
};

static inline int
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
static inline void
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

static inline int
teardown(void **state)
{
	struct fixture *fix = *state;

	clear(fix);
	close(fix->log.dir);
	scratch_remove(fix->path);
	free(fix);
	return 0;
}

static inline int
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
static inline void
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

static inline void
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

static inline void
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
static inline void
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

static inline void
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

/* Changes n bytes of a file, where it has them. */
static inline void
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

#endif
