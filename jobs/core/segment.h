/*
 * segment.h - one file of captured output and its index.
 *
 * The log holds the job's bytes and nothing else. The index beside it says
 * when each chunk came and on which stream: a header, then fixed-size
 * records in order of offset, without gaps. A record is written before its
 * bytes move, so the last one may promise bytes that are not there yet:
 * readers take what the file has. The last record may grow in place.
 * All numbers are little-endian, as the machine has them.
 */
#ifndef JOBS_CORE_SEGMENT_H
#define JOBS_CORE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "severity.h"

#define SEGMENT_LOG "output.log"
#define SEGMENT_INDEX "output.log.idx"
#define SEGMENT_MAGIC "jwidx01\n"

struct segment_header {
	char magic[8];
	uint64_t base;	    /* offset of the segment's first byte */
	int64_t created_us; /* real time */
	uint64_t sequence;  /* of the segment in the job, from 1 */
};

struct segment_record {
	uint64_t offset; /* in the job's whole output */
	int64_t time_us; /* real time of arrival */
	uint32_t length;
	uint8_t stream; /* enum stream */
	uint8_t reserved[3];
};

/* A run of bytes of one stream, present in the log. */
struct segment_chunk {
	uint64_t offset;
	int64_t time_us;
	uint32_t length;
	enum stream stream;
};

/* A segment open for reading. Descriptors are owned from attach on. */
struct segment {
	int log_fd;
	int index_fd;
	uint64_t base;
	uint64_t sequence;
	uint64_t record; /* where the last chunk was found */
};

/* Reads the header and takes both descriptors. 0, or -1 with errno (EBADMSG:
 * not an index); then the descriptors are still the caller's. */
int segment_attach(struct segment *segment, int log_fd, int index_fd);
void segment_release(struct segment *segment);
/* How many bytes the log holds, or -1. */
int64_t segment_size(const struct segment *segment);
/*
 * The chunk that holds `offset`, cut so that it starts there and holds only
 * bytes that are in the log. 1; 0: not there (yet); -1: errno.
 */
int segment_chunk(struct segment *segment, uint64_t offset,
    struct segment_chunk *chunk);
/* True when the last record promises bytes that the log does not hold. */
bool segment_promised(const struct segment *segment);
/* Up to n bytes of the log from a global offset. Bytes read, 0, or -1. */
ssize_t segment_read(const struct segment *segment, uint64_t offset,
    void *bytes, size_t n);
/* Bytes of one stream that the index tells of. 0, or -1 with errno. */
int segment_count(const struct segment *segment, enum stream stream,
    uint64_t *bytes);
/*
 * Offset of the first chunk that arrived at or after time_us; the segment's
 * end when all came before. 0, or -1 with errno.
 */
int segment_find_time(struct segment *segment, int64_t time_us,
    uint64_t *offset);

#endif
