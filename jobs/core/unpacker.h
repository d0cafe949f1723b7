/*
 * unpacker.h - unpacks the frames of a compressed log, one at a time.
 *
 * Its memory is bounded whatever a frame says of itself: both buffers are
 * here, and neither library is let allocate by what it reads.
 */
#ifndef JOBS_CORE_UNPACKER_H
#define JOBS_CORE_UNPACKER_H

#include <stddef.h>
#include <stdint.h>

#include "codec.h"

struct unpacker_type;

struct unpacker {
	const struct unpacker_type *type;
	void *state; /* the library's, owned */
	void (*free)(struct unpacker *unpacker);
	uint64_t offset; /* for the owner: what `bytes` are; length 0: none */
	size_t length;
	char bytes[CODEC_FRAME_MAX];
	char packed[CODEC_PACKED_MAX]; /* put here by the owner */
};

/* NULL with errno; ENOTSUP where the build lacks the codec. Freed by calling
 * its `free`. */
struct unpacker *unpacker_new(enum codec codec);
/*
 * Unpacks `n` bytes of `packed` into `bytes`, which must give exactly
 * `length`, at most CODEC_FRAME_MAX. 0, or -1 with EBADMSG.
 */
int unpacker_step(struct unpacker *unpacker, size_t n, size_t length);

#endif
