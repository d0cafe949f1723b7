/*
 * compressor_frames.h - writes a closed segment anew, in compressed frames,
 * and makes sure that it is still the same (segment.h has the format).
 */
#ifndef SUPERVISOR_COMPRESSOR_FRAMES_H
#define SUPERVISOR_COMPRESSOR_FRAMES_H

#include <stdint.h>

#include "compressor_packer.h"
#include "segment.h"
#include "why.h"

#define FRAMES_ROWS 512 /* of the table, held until they are written */

struct frames {
	struct segment *from; /* borrowed */
	enum codec codec;
	int log_fd; /* borrowed: two empty files, open for both */
	int index_fd;
	struct packer *packer; /* owned */
	uint64_t count;	       /* frames written so far */
	uint64_t at;	       /* bytes of them */
	uint64_t rows_written;
	unsigned rows_held;
	struct segment_frame rows[FRAMES_ROWS];
};

/* Fill in the first four members, all others nought. 0, or -1: why. */
int frames_init(struct frames *frames, struct why *why);
void frames_release(struct frames *frames);
/* Writes both files and waits until they are on the disk. 0, or -1: why. */
int frames_write(struct frames *frames, struct why *why);
/*
 * Reads them back as any reader would, and compares each byte and each
 * record with those of the segment. Takes log_fd and index_fd. 0, or -1: why.
 */
int frames_compare(struct frames *frames, struct why *why);

#endif
