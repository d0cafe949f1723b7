/*
 * compressor_frames.c - see compressor_frames.h.
 */
#include "compressor_frames.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

/* Records that one block of memory holds. */
#define FRAMES_RECORDS (CODEC_FRAME_MAX / sizeof(struct segment_record))

/* Two mixed-up descriptors must not cost the log. */
static int
frames_check_empty(int fd, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return why_errno(why, "cannot use the new files");
	if (st.st_size != 0)
		return why_set(why, "the new files are not empty");
	return 0;
}

int
frames_init(struct frames *frames, struct why *why)
{
	if (frames->from->codec != CODEC_NONE)
		return why_set(why, "it is compressed already");
	if (frames_check_empty(frames->log_fd, why) == -1 ||
	    frames_check_empty(frames->index_fd, why) == -1)
		return -1;
	frames->packer = packer_new(frames->codec);
	if (frames->packer == NULL && errno == ENOTSUP)
		return why_set(why,
		    "this jobwatch was built without %s: install libzstd-dev "
		    "and build it again",
		    codec_name(frames->codec));
	if (frames->packer == NULL)
		return why_errno(why, "cannot set up");
	return 0;
}

void
frames_release(struct frames *frames)
{
	packer_free(frames->packer);
	frames->packer = NULL;
}

/* --- writing ------------------------------------------------------------ */

static off_t
frames_row_at(uint64_t number)
{
	return (off_t)(sizeof(struct segment_header) +
	    sizeof(struct segment_packing) +
	    number * sizeof(struct segment_frame));
}

static int
frames_flush_rows(struct frames *frames)
{
	if (io_pwrite_all(frames->index_fd, frames->rows,
		frames->rows_held * sizeof(frames->rows[0]),
		frames_row_at(frames->rows_written)) == -1)
		return -1;
	frames->rows_written += frames->rows_held;
	frames->rows_held = 0;
	return 0;
}

/* Notes where a frame begins, or all end. */
static int
frames_add_row(struct frames *frames, uint64_t offset)
{
	frames->rows[frames->rows_held++] = (struct segment_frame){
		.offset = offset,
		.at = frames->at,
	};
	return frames->rows_held == FRAMES_ROWS ? frames_flush_rows(frames) : 0;
}

/* One frame of n bytes from `offset` on, which must be there. */
static int
frames_add(struct frames *frames, uint64_t offset, size_t n, struct why *why)
{
	struct packer *packer = frames->packer;
	ssize_t got = segment_read(frames->from, offset, packer->bytes, n);
	ssize_t packed;

	if (got != (ssize_t)n) {
		if (got != -1)
			errno = ENODATA; /* it has shrunk */
		return why_errno(why, "cannot read the log");
	}
	if ((packed = packer_step(packer, n)) == -1)
		return why_errno(why, "cannot compress");
	if (io_pwrite_all(frames->log_fd, packer->packed, (size_t)packed,
		(off_t)frames->at) == -1)
		return why_errno(why, "cannot write the compressed log");
	if (frames_add_row(frames, offset) == -1)
		return why_errno(why, "cannot write its index");
	frames->at += (uint64_t)packed;
	frames->count++;
	return 0;
}

/* All frames; an empty log has one, empty too, for zstd(1) takes a file of
 * no bytes for a broken one. */
static int
frames_add_all(struct frames *frames, uint64_t size, struct why *why)
{
	uint64_t done = 0;

	do {
		size_t n = CODEC_FRAME_MAX;

		if (size - done < n)
			n = size - done;
		if (frames_add(frames, frames->from->base + done, n, why) == -1)
			return -1;
		done += n;
	} while (done < size);
	if (frames_add_row(frames, frames->from->base + size) == -1 ||
	    frames_flush_rows(frames) == -1)
		return why_errno(why, "cannot write its index");
	return 0;
}

/* How many records there are from the number on, up to a block of them. */
static size_t
frames_some(uint64_t number, uint64_t count)
{
	uint64_t left = count - number;

	return left < FRAMES_RECORDS ? left : FRAMES_RECORDS;
}

static int
frames_copy_records(struct frames *frames, uint64_t count)
{
	char *block = frames->packer->bytes;
	size_t some;

	for (uint64_t number = 0; number < count; number += some) {
		const struct segment *from = frames->from;
		off_t skip = (off_t)(number * sizeof(struct segment_record));
		size_t n;

		some = frames_some(number, count);
		n = some * sizeof(struct segment_record);
		if (io_pread_full(from->index_fd, block, n,
			segment_record_at(from, number)) != (ssize_t)n ||
		    io_pwrite_all(frames->index_fd, block, n,
			frames_row_at(frames->rows_written) + skip) == -1)
			return -1;
	}
	return 0;
}

/* Last, so that an index without it is none. */
static int
frames_add_header(struct frames *frames)
{
	const struct segment_packing packing = {
		.codec = frames->codec,
		.frames = frames->count,
	};
	struct segment_header header;

	if (io_pread_full(frames->from->index_fd, &header, sizeof(header), 0) !=
	    sizeof(header))
		return -1;
	memcpy(header.magic, SEGMENT_MAGIC_PACKED, sizeof(header.magic));
	if (io_pwrite_all(frames->index_fd, &packing, sizeof(packing),
		sizeof(header)) == -1)
		return -1;
	return io_pwrite_all(frames->index_fd, &header, sizeof(header), 0);
}

int
frames_write(struct frames *frames, struct why *why)
{
	int64_t size = segment_size(frames->from);
	int64_t records = segment_records(frames->from);

	if (size == -1 || records == -1)
		return why_errno(why, "cannot read the log");
	if (frames_add_all(frames, (uint64_t)size, why) == -1)
		return -1;
	if (frames_copy_records(frames, (uint64_t)records) == -1 ||
	    frames_add_header(frames) == -1)
		return why_errno(why, "cannot write its index");
	if (fsync(frames->log_fd) == -1 || fsync(frames->index_fd) == -1)
		return why_errno(why, "cannot bring it to the disk");
	return 0;
}

/* --- reading back ------------------------------------------------------- */

/* 0; -1 with errno, EILSEQ: not the same. */
static int
frames_compare_bytes(struct frames *frames, struct segment *to)
{
	struct segment *from = frames->from;
	uint64_t offset = from->base;
	const char *view;
	ssize_t n;

	while ((n = segment_view(to, offset, &view)) > 0) {
		char *block = frames->packer->bytes;
		ssize_t got = segment_read(from, offset, block, (size_t)n);

		if (got == -1)
			return -1;
		if (got != n || memcmp(block, view, (size_t)n) != 0) {
			errno = EILSEQ;
			return -1;
		}
		offset += (uint64_t)n;
	}
	return (int)n;
}

static int
frames_compare_records(struct frames *frames, const struct segment *to)
{
	const struct segment *from = frames->from;
	uint64_t count = (uint64_t)segment_records(from);
	char *left = frames->packer->bytes, *right = frames->packer->packed;
	size_t some;

	for (uint64_t number = 0; number < count; number += some) {
		size_t n;

		some = frames_some(number, count);
		n = some * sizeof(struct segment_record);
		if (io_pread_full(from->index_fd, left, n,
			segment_record_at(from, number)) != (ssize_t)n ||
		    io_pread_full(to->index_fd, right, n,
			segment_record_at(to, number)) != (ssize_t)n ||
		    memcmp(left, right, n) != 0) {
			errno = EILSEQ;
			return -1;
		}
	}
	return 0;
}

/* Asked last: a log that has grown meanwhile is not the same. */
static bool
frames_is_like(const struct segment *from, const struct segment *to)
{
	return from->base == to->base && from->sequence == to->sequence &&
	    segment_size(from) == segment_size(to) &&
	    segment_records(from) == segment_records(to);
}

int
frames_compare(struct frames *frames, struct why *why)
{
	struct segment to;
	bool same;

	if (segment_attach(&to, frames->log_fd, frames->index_fd) == -1)
		return why_errno(why, "cannot read back what was written");
	same = frames_compare_bytes(frames, &to) == 0 &&
	    frames_compare_records(frames, &to) == 0;
	if (same && !frames_is_like(frames->from, &to)) {
		same = false;
		errno = EILSEQ;
	}
	if (!same && errno == EILSEQ)
		why_set(why, "what was written is not what was read");
	else if (!same)
		why_errno(why, "cannot read back what was written");
	segment_release(&to);
	return same ? 0 : -1;
}
