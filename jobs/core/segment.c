/*
 * segment.c - see segment.h.
 */
#include "segment.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

int
segment_attach(struct segment *segment, int log_fd, int index_fd)
{
	struct segment_header header;
	ssize_t n = io_pread_full(index_fd, &header, sizeof(header), 0);

	if (n == -1)
		return -1;
	if (n != sizeof(header) ||
	    memcmp(header.magic, SEGMENT_MAGIC, sizeof(header.magic)) != 0) {
		errno = EBADMSG;
		return -1;
	}
	*segment = (struct segment){
		.log_fd = log_fd,
		.index_fd = index_fd,
		.base = header.base,
		.sequence = header.sequence,
	};
	return 0;
}

void
segment_release(struct segment *segment)
{
	if (segment->log_fd != -1)
		close(segment->log_fd);
	if (segment->index_fd != -1)
		close(segment->index_fd);
	segment->log_fd = segment->index_fd = -1;
}

int64_t
segment_size(const struct segment *segment)
{
	struct stat st;

	return fstat(segment->log_fd, &st) == -1 ? -1 : st.st_size;
}

/* 1, 0: no such record, -1. */
static int
segment_record(const struct segment *segment, uint64_t number,
    struct segment_record *record)
{
	off_t at = (off_t)(sizeof(struct segment_header) +
	    number * sizeof(*record));
	ssize_t n = io_pread_full(segment->index_fd, record, sizeof(*record),
	    at);

	if (n == -1)
		return -1;
	return n == sizeof(*record);
}

static int64_t
segment_records(const struct segment *segment)
{
	struct stat st;

	if (fstat(segment->index_fd, &st) == -1)
		return -1;
	if (st.st_size < (off_t)sizeof(struct segment_header))
		return 0;
	return (int64_t)((size_t)st.st_size - sizeof(struct segment_header)) /
	    (int64_t)sizeof(struct segment_record);
}

/* Binary search: the last record that starts at or before offset. */
static int
segment_seek(struct segment *segment, uint64_t offset)
{
	int64_t count = segment_records(segment);
	uint64_t low = 0, high = (uint64_t)count;
	struct segment_record record;

	if (count == -1)
		return -1;
	while (low + 1 < high) {
		uint64_t middle = low + (high - low) / 2;

		if (segment_record(segment, middle, &record) != 1)
			return -1;
		if (record.offset <= offset)
			low = middle;
		else
			high = middle;
	}
	segment->record = low;
	return 0;
}

static bool
segment_covers(const struct segment_record *record, uint64_t offset)
{
	return offset >= record->offset &&
	    offset - record->offset < record->length;
}

/* The record that covers offset: the last one found, or the next, or by
 * search, which steps over records whose bytes were taken back. */
static int
segment_cover(struct segment *segment, uint64_t offset,
    struct segment_record *record)
{
	int found = 0;

	for (int tries = 0; tries < 2; tries++) {
		found = segment_record(segment, segment->record, record);
		if (found == 1 && segment_covers(record, offset))
			return 1;
		if (found != 1 || offset != record->offset + record->length)
			break;
		segment->record++;
	}
	if (found == -1 || segment_seek(segment, offset) == -1)
		return -1;
	found = segment_record(segment, segment->record, record);
	return found == 1 ? segment_covers(record, offset) : found;
}

int
segment_chunk(struct segment *segment, uint64_t offset,
    struct segment_chunk *chunk)
{
	struct segment_record record;
	int64_t size = segment_size(segment);
	uint64_t end, present;
	int found;

	if (size == -1)
		return -1;
	present = segment->base + (uint64_t)size;
	if (offset < segment->base || offset >= present)
		return 0;
	if ((found = segment_cover(segment, offset, &record)) != 1)
		return found;
	end = record.offset + record.length;
	if (end > present)
		end = present;
	chunk->offset = offset;
	chunk->length = (uint32_t)(end - offset);
	chunk->time_us = record.time_us;
	chunk->stream = record.stream == STREAM_STDERR ? STREAM_STDERR
						       : STREAM_STDOUT;
	return 1;
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

ssize_t
segment_read(const struct segment *segment, uint64_t offset, void *bytes,
    size_t n)
{
	ssize_t got;

	if (offset < segment->base) {
		errno = EINVAL;
		return -1;
	}
	do
		got = pread(segment->log_fd, bytes, n,
		    (off_t)(offset - segment->base));
	while (got == -1 && errno == EINTR);
	return got;
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

int
segment_count(const struct segment *segment, enum stream stream,
    uint64_t *bytes)
{
	struct segment_record records[512];
	off_t at = sizeof(struct segment_header);
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
