/*
 * segment.c - see segment.h.
 */
#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "unpacker.h"

/* A run of rows of one size in the index, each of which begins with the
 * offset that orders them. */
struct segment_table {
	off_t at;
	size_t row;
	uint64_t count;
};

/* --- opening ------------------------------------------------------------ */

/* All n bytes of the index; an end before that is EBADMSG. */
static int
segment_index(int index_fd, void *bytes, size_t n, off_t at)
{
	ssize_t got = io_pread_full(index_fd, bytes, n, at);

	if (got == -1)
		return -1;
	if ((size_t)got == n)
		return 0;
	errno = EBADMSG;
	return -1;
}

static off_t
segment_frame_at(uint64_t number)
{
	return (off_t)(sizeof(struct segment_header) +
	    sizeof(struct segment_packing) +
	    number * sizeof(struct segment_frame));
}

/* How many frames the index has room for, the closing row left out. */
static int64_t
segment_frames_max(const struct segment *segment)
{
	struct stat st;

	if (fstat(segment->index_fd, &st) == -1)
		return -1;
	if (st.st_size <= segment_frame_at(0))
		return 0;
	return (st.st_size - segment_frame_at(0)) /
	    (int64_t)sizeof(struct segment_frame) -
	    1;
}

static int
segment_attach_packed(struct segment *segment)
{
	struct segment_packing packing;
	struct segment_frame last;
	int64_t max = segment_frames_max(segment);

	if (max == -1 ||
	    segment_index(segment->index_fd, &packing, sizeof(packing),
		sizeof(struct segment_header)) == -1)
		return -1;
	if (packing.codec == CODEC_NONE || packing.codec >= CODEC_COUNT ||
	    packing.frames < 1 || packing.frames > (uint64_t)max)
		goto bad;
	segment->codec = (enum codec)packing.codec;
	segment->frames = packing.frames;
	if (segment_index(segment->index_fd, &last, sizeof(last),
		segment_frame_at(packing.frames)) == -1)
		return -1;
	segment->end = last.offset;
	if (last.offset >= segment->base && last.offset <= INT64_MAX &&
	    (last.offset - segment->base) / CODEC_FRAME_MAX <= packing.frames)
		return 0;
bad:
	errno = EBADMSG;
	return -1;
}

int
segment_attach(struct segment *segment, int log_fd, int index_fd)
{
	struct segment_header header;
	struct segment found;
	size_t n = sizeof(header.magic);

	if (segment_index(index_fd, &header, sizeof(header), 0) == -1)
		return -1;
	found = (struct segment){
		.log_fd = log_fd,
		.index_fd = index_fd,
		.base = header.base,
		.sequence = header.sequence,
	};
	if (memcmp(header.magic, SEGMENT_MAGIC_PACKED, n) == 0) {
		if (segment_attach_packed(&found) == -1)
			return -1;
	} else if (memcmp(header.magic, SEGMENT_MAGIC, n) != 0) {
		errno = EBADMSG;
		return -1;
	}
	*segment = found;
	return 0;
}

/* The unpacker says how it is freed: naming that function here would make
 * every program that opens a segment link the codecs. */
void
segment_release(struct segment *segment)
{
	if (segment->log_fd != -1)
		close(segment->log_fd);
	if (segment->index_fd != -1)
		close(segment->index_fd);
	segment->log_fd = segment->index_fd = -1;
	if (segment->unpacker != NULL)
		segment->unpacker->free(segment->unpacker);
	segment->unpacker = NULL;
	free(segment->window);
	segment->window = NULL;
}

int64_t
segment_size(const struct segment *segment)
{
	struct stat st;

	if (segment->codec != CODEC_NONE)
		return (int64_t)(segment->end - segment->base);
	return fstat(segment->log_fd, &st) == -1 ? -1 : st.st_size;
}

/* --- the index ---------------------------------------------------------- */

off_t
segment_record_at(const struct segment *segment, uint64_t number)
{
	off_t first = segment->codec == CODEC_NONE
	    ? (off_t)sizeof(struct segment_header)
	    : segment_frame_at(segment->frames + 1);

	return first + (off_t)(number * sizeof(struct segment_record));
}

int
segment_record(const struct segment *segment, uint64_t number,
    struct segment_record *record)
{
	ssize_t n = io_pread_full(segment->index_fd, record, sizeof(*record),
	    segment_record_at(segment, number));

	if (n == -1)
		return -1;
	return n == sizeof(*record);
}

int64_t
segment_records(const struct segment *segment)
{
	off_t first = segment_record_at(segment, 0);
	struct stat st;

	if (fstat(segment->index_fd, &st) == -1)
		return -1;
	if (st.st_size < first)
		return 0;
	return (st.st_size - first) / (off_t)sizeof(struct segment_record);
}

/* Binary search: the last row that starts at or before offset, or -1. */
static int64_t
segment_seek(const struct segment *segment, const struct segment_table *table,
    uint64_t offset)
{
	uint64_t low = 0, high = table->count;

	while (low + 1 < high) {
		uint64_t middle = low + (high - low) / 2, begin;

		if (segment_index(segment->index_fd, &begin, sizeof(begin),
			table->at + (off_t)(middle * table->row)) == -1)
			return -1;
		if (begin <= offset)
			low = middle;
		else
			high = middle;
	}
	return (int64_t)low;
}

int64_t
segment_find_record(const struct segment *segment, uint64_t offset)
{
	int64_t count = segment_records(segment);
	const struct segment_table table = {
		.at = segment_record_at(segment, 0),
		.row = sizeof(struct segment_record),
		.count = (uint64_t)count,
	};

	return count == -1 ? -1 : segment_seek(segment, &table, offset);
}

int
segment_frame(const struct segment *segment, uint64_t offset,
    struct segment_frame limits[2])
{
	const struct segment_table table = {
		.at = segment_frame_at(0),
		.row = sizeof(struct segment_frame),
		.count = segment->frames,
	};
	int64_t found = segment_seek(segment, &table, offset);

	if (found == -1 ||
	    segment_index(segment->index_fd, limits, 2 * sizeof(limits[0]),
		segment_frame_at((uint64_t)found)) == -1)
		return -1;
	if (limits[0].offset <= offset && offset < limits[1].offset &&
	    limits[1].offset - limits[0].offset <= CODEC_FRAME_MAX &&
	    limits[0].at < limits[1].at &&
	    limits[1].at - limits[0].at <= CODEC_PACKED_MAX)
		return 0;
	errno = EBADMSG;
	return -1;
}

bool
segment_promised(const struct segment *segment)
{
	int64_t count = segment_records(segment), size = segment_size(segment);
	struct segment_record last;

	return count > 0 && size != -1 &&
	    segment_record(segment, (uint64_t)count - 1, &last) == 1 &&
	    last.offset + last.length > segment->base + (uint64_t)size;
}

int
segment_find_time(struct segment *segment, int64_t time_us, uint64_t *offset)
{
	int64_t count = segment_records(segment);
	int64_t low = 0, high = count, size = segment_size(segment);
	struct segment_record record;

	if (count == -1 || size == -1)
		return -1;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (segment_record(segment, (uint64_t)middle, &record) != 1)
			return -1;
		if (record.time_us < time_us)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count) {
		*offset = segment->base + (uint64_t)size;
		return 0;
	}
	if (segment_record(segment, (uint64_t)low, &record) != 1)
		return -1;
	*offset = record.offset;
	return 0;
}

/* The `count` records before that of number `end`. How many, or -1. */
static ssize_t
segment_records_before(const struct segment *segment, uint64_t end,
    uint64_t count, struct segment_record *records)
{
	ssize_t n = io_pread_full(segment->index_fd, records,
	    count * sizeof(records[0]),
	    segment_record_at(segment, end - count));

	return n == -1 ? -1 : n / (ssize_t)sizeof(records[0]);
}

int
segment_find_last(const struct segment *segment, uint64_t offset,
    enum stream stream, uint64_t *patience, uint64_t *last)
{
	struct segment_record records[512];
	int64_t found = segment_find_record(segment, offset - 1);
	uint64_t end = (uint64_t)found + 1;

	if (found == -1)
		return -1;
	while (end > 0 && *patience > 0) {
		uint64_t count = end < 512 ? end : 512;
		ssize_t n;

		if (count > *patience)
			count = *patience;
		n = segment_records_before(segment, end, count, records);
		if (n == -1)
			return -1;
		while (n-- > 0) {
			const struct segment_record *record = &records[n];
			uint64_t stop = record->offset + record->length;

			if (record->stream != stream || record->length == 0 ||
			    record->offset >= offset)
				continue;
			*last = (stop < offset ? stop : offset) - 1;
			return 1;
		}
		end -= count;
		*patience -= count;
	}
	return 0;
}

int
segment_count(const struct segment *segment, enum stream stream,
    uint64_t *bytes)
{
	struct segment_record records[512];
	off_t at = segment_record_at(segment, 0);
	ssize_t n;

	*bytes = 0;
	do {
		n = io_pread_full(segment->index_fd, records, sizeof(records),
		    at);
		for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(records[0]);
		     i++)
			if (records[i].stream == stream)
				*bytes += records[i].length;
		at += n;
	} while (n == (ssize_t)sizeof(records));
	return n == -1 ? -1 : 0;
}
