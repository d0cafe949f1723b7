/*
 * segment.h - one file of captured output and its index.
 *
 * The log holds the job's bytes and nothing else. The index beside it says
 * when each chunk came and on which stream: a header, then fixed-size
 * records in order of offset, without gaps. A record is written before its
 * bytes move, so the last one may promise bytes that are not there yet:
 * readers take what the file has. The last record may grow in place.
 * All numbers are little-endian, as the machine has them.
 *
 * Names. The active segment is output.log and output.log.idx. A closed one
 * is output-STAMP-SEQ.log, SEQ its number in the job, with .idx behind it;
 * compressed it is output-STAMP-SEQ.log.zst (or .gz), and again .idx behind
 * that. Of a segment that is there both ways readers take the plain one. To
 * exchange one for the other, rename the compressed log's index and then the
 * compressed log to their names; then remove the plain index, then the plain
 * log: an index without its log is what a rotation leaves that was cut short.
 *
 * A compressed log is a run of zstd frames, each with its content's size and
 * checksum, or of gzip members: zstd(1), zstdgrep, zcat and zgrep read it as
 * one. Each holds at most CODEC_FRAME_MAX bytes of output and can be
 * unpacked alone. Its index (SEGMENT_MAGIC_PACKED) is
 *
 *	struct segment_header
 *	struct segment_packing
 *	struct segment_frame[frames + 1]   the last says where all ends
 *	struct segment_record[]            those of the plain index
 *
 * and there is at least one frame, be it an empty one. Indexes are not
 * believed: what contradicts itself, or the frames, is EBADMSG.
 */
#ifndef JOBS_CORE_SEGMENT_H
#define JOBS_CORE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "codec.h"
#include "severity.h"

#define SEGMENT_LOG "output.log"
#define SEGMENT_INDEX "output.log.idx"
#define SEGMENT_MAGIC "jwidx01\n"
#define SEGMENT_MAGIC_PACKED "jwidx02\n"

struct segment_header {
	char magic[8];
	uint64_t base;	    /* offset of the segment's first byte */
	int64_t created_us; /* real time */
	uint64_t sequence;  /* of the segment in the job, from 1 */
};

struct segment_packing {
	uint32_t codec; /* enum codec */
	uint32_t reserved;
	uint64_t frames;
};

struct segment_frame {
	uint64_t offset; /* of its first byte in the job's whole output */
	uint64_t at;	 /* and in the compressed log */
};

struct segment_record {
	uint64_t offset; /* in the job's whole output */
	int64_t time_us; /* real time of arrival */
	uint32_t length;
	uint8_t stream; /* enum stream */
	uint8_t reserved[3];
};

/*
 * A run of bytes of one stream, present in the log. Where it was merged of
 * several records, those are lent with it, and time and stream are those of
 * its first byte.
 */
struct segment_chunk {
	uint64_t offset;
	int64_t time_us;
	uint32_t length;
	enum stream stream;
	uint32_t count; /* of records; 0: it is a part of one */
	const struct segment_record *records; /* the first holds offset */
};

/* Which neighbours a chunk is merged with. */
enum segment_merge {
	SEGMENT_MERGE_NONE,
	SEGMENT_MERGE_STREAM, /* those of its stream */
	SEGMENT_MERGE_ALL,    /* all: who cares for bytes alone */
};

struct segment_window;

/*
 * A segment open for reading. Descriptors are owned from attach on. May be
 * moved by copying it, as long as one copy alone is used and released.
 */
struct segment {
	int log_fd;
	int index_fd;
	uint64_t base;
	uint64_t sequence;
	uint64_t record; /* where the last chunk was found */
	uint64_t known;	 /* the log is known to have bytes up to here */
	struct segment_window *window; /* records read last; NULL: none */
	enum codec codec;
	uint64_t frames;	   /* compressed: how many */
	uint64_t end;		   /* compressed: offset behind the last byte */
	struct unpacker *unpacker; /* with the frame read last; NULL: none */
};

/* Reads the header and takes both descriptors. 0, or -1 with errno (EBADMSG:
 * not an index); then the descriptors are still the caller's. */
int segment_attach(struct segment *segment, int log_fd, int index_fd);
void segment_release(struct segment *segment);
/* How many bytes of output the log holds, or -1. */
int64_t segment_size(const struct segment *segment);
/*
 * The chunk that holds `offset`, cut so that it starts there and holds only
 * bytes that are in the log. 1; 0: not there (yet); -1: errno.
 */
int segment_chunk(struct segment *segment, uint64_t offset,
    struct segment_chunk *chunk);
/* The same with its neighbours; the records are lent until the next call. */
int segment_run(struct segment *segment, uint64_t offset,
    enum segment_merge merge, struct segment_chunk *chunk);
/* The chunk without its first n bytes, of which it has more. */
void segment_chunk_skip(struct segment_chunk *chunk, uint64_t n);
/* The chunk up to the first record that came after time_us, which its own
 * first one did not. */
void segment_chunk_until(struct segment_chunk *chunk, int64_t time_us);
/* True when the last record promises bytes that the log does not hold. */
bool segment_promised(const struct segment *segment);
/* Bytes of one stream that the index tells of. 0, or -1 with errno. */
int segment_count(const struct segment *segment, enum stream stream,
    uint64_t *bytes);
/*
 * Offset of the first chunk that arrived at or after time_us; the segment's
 * end when all came before. 0, or -1 with errno.
 */
int segment_find_time(struct segment *segment, int64_t time_us,
    uint64_t *offset);
/* How many whole records the index has, or -1. */
int64_t segment_records(const struct segment *segment);
/* One of them. 1; 0: there is none of that number; -1: errno. */
int segment_record(const struct segment *segment, uint64_t number,
    struct segment_record *record);
/*
 * The last byte of a stream before `offset`, which lies in the segment or at
 * its end. Looks through *patience records at most, and takes from it how many
 * it were. 1; 0: not found; -1: errno.
 */
int segment_find_last(const struct segment *segment, uint64_t offset,
    enum stream stream, uint64_t *patience, uint64_t *last);
/* Where in the index a record stands. */
off_t segment_record_at(const struct segment *segment, uint64_t number);
/* Number of the last record that begins at or before offset, the first if
 * none does; -1: errno. */
int64_t segment_find_record(const struct segment *segment, uint64_t offset);
/* Of a compressed segment: where the frame that holds `offset`, which must
 * lie in the segment, begins and ends. 0, or -1: errno (EBADMSG). */
int segment_frame(const struct segment *segment, uint64_t offset,
    struct segment_frame limits[2]);

/* --- segment_read.c: who names these links the codecs -------------------- */

/*
 * Up to n bytes of the output from a global offset. Bytes read; 0: the log
 * has none there; -1: errno (EBADMSG: damaged; ENOTSUP: this build lacks the
 * codec, see segment_strerror).
 */
ssize_t segment_read(struct segment *segment, uint64_t offset, void *bytes,
    size_t n);
/*
 * Of a compressed segment: the bytes from `offset` to the end of its frame,
 * borrowed until the next call. How many; 0: behind the end; -1: errno.
 */
ssize_t segment_view(struct segment *segment, uint64_t offset,
    const char **bytes);
/* Words for errno after reading, for people. */
const char *segment_strerror(int error);

#endif
