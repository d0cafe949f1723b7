/*
 * compressor_packer.h - makes one frame of a compressed log at a time, the
 * counterpart of unpacker.h.
 */
#ifndef SUPERVISOR_COMPRESSOR_PACKER_H
#define SUPERVISOR_COMPRESSOR_PACKER_H

#include <stddef.h>
#include <sys/types.h>

#include "codec.h"

struct packer_type;

struct packer {
	const struct packer_type *type;
	void *state;		     /* the library's, owned */
	char bytes[CODEC_FRAME_MAX]; /* put here by the owner */
	char packed[CODEC_PACKED_MAX];
};

/* NULL with errno; ENOTSUP where the build lacks the codec. */
struct packer *packer_new(enum codec codec);
void packer_free(struct packer *packer); /* NULL is fine */
/* Packs the first n of `bytes`. How many of `packed` they became, or -1 with
 * errno: the library failed (ENOMEM). */
ssize_t packer_step(struct packer *packer, size_t n);

#endif
