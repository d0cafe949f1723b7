/*
 * segment_read.c - the bytes of a segment, compressed or not; see segment.h.
 *
 * Apart from segment.c, because only who reads output needs the codecs: the
 * supervisor opens segments all the time and never looks into one.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "segment.h"
#include "unpacker.h"

/* Makes the frame that holds offset the unpacker's. */
static int
segment_unpack(struct segment *segment, uint64_t offset)
{
	struct unpacker *unpacker = segment->unpacker;
	struct segment_frame limits[2];
	size_t packed;
	ssize_t got;

	if (segment_frame(segment, offset, limits) == -1)
		return -1;
	packed = limits[1].at - limits[0].at;
	if (limits[0].at > INT64_MAX - CODEC_PACKED_MAX) {
		errno = EBADMSG;
		return -1;
	}
	unpacker->length = 0;
	got = io_pread_full(segment->log_fd, unpacker->packed, packed,
	    (off_t)limits[0].at);
	if (got == -1)
		return -1;
	if ((size_t)got != packed) { /* the log is too short */
		errno = EBADMSG;
		return -1;
	}
	if (unpacker_step(unpacker, packed,
		limits[1].offset - limits[0].offset) == -1)
		return -1;
	unpacker->offset = limits[0].offset;
	return 0;
}

ssize_t
segment_view(struct segment *segment, uint64_t offset, const char **bytes)
{
	struct unpacker *unpacker = segment->unpacker;

	if (offset < segment->base) {
		errno = EINVAL;
		return -1;
	}
	if (offset >= segment->end)
		return 0;
	if (unpacker == NULL)
		unpacker = segment->unpacker = unpacker_new(segment->codec);
	if (unpacker == NULL)
		return -1;
	if ((offset < unpacker->offset ||
		offset - unpacker->offset >= unpacker->length) &&
	    segment_unpack(segment, offset) == -1)
		return -1;
	*bytes = unpacker->bytes + (offset - unpacker->offset);
	return (ssize_t)(unpacker->offset + unpacker->length - offset);
}

/* Frame after frame; what came before a bad one is given first. */
static ssize_t
segment_read_packed(struct segment *segment, uint64_t offset, char *bytes,
    size_t n)
{
	size_t done = 0;

	while (done < n) {
		const char *view;
		ssize_t got = segment_view(segment, offset + done, &view);
		size_t take = (size_t)got;

		if (got == -1 && done == 0)
			return -1;
		if (got <= 0)
			break;
		if (take > n - done)
			take = n - done;
		memcpy(bytes + done, view, take);
		done += take;
	}
	return (ssize_t)done;
}

ssize_t
segment_read(struct segment *segment, uint64_t offset, void *bytes, size_t n)
{
	ssize_t got;

	if (offset < segment->base) {
		errno = EINVAL;
		return -1;
	}
	if (segment->codec != CODEC_NONE)
		return segment_read_packed(segment, offset, bytes, n);
	do
		got = pread(segment->log_fd, bytes, n,
		    (off_t)(offset - segment->base));
	while (got == -1 && errno == EINTR);
	return got;
}

const char *
segment_strerror(int error)
{
	if (error == EBADMSG)
		return "a segment of it is damaged";
	if (error == ENOTSUP)
		return "a segment of it is compressed with zstd, and this "
		       "jobwatch was built without: install libzstd-dev and "
		       "build it again";
	return strerror(error);
}
