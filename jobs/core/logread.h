/*
 * logread.h - the job's whole output as one stream, by global offset.
 *
 * Finds all segments of a job directory and goes from one to the next, also
 * when the active one is set aside while it is read, or a closed one is
 * compressed. Used by every view. segment_strerror has the words for errno.
 */
#ifndef JOBS_CORE_LOGREAD_H
#define JOBS_CORE_LOGREAD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "segment.h"
#include "why.h"

struct logread; /* opaque; holds at most two descriptors */

/* Borrows dir, which must stay open. NULL: why. */
struct logread *logread_open(int dir, struct why *why);
void logread_close(struct logread *reader);
/* From now on retention leaves what this reader has not come to yet (pins.h),
 * as long as the disk has room. */
void logread_pin(struct logread *reader);
/* Which neighbours the chunks that it gives are merged with; none at first. */
void logread_merge(struct logread *reader, enum segment_merge merge);
/* Offset of the first byte that is still there. */
uint64_t logread_begin(struct logread *reader);
/* Offset behind the last byte that is there now. */
uint64_t logread_end(struct logread *reader);
/*
 * Up to n bytes of one stream at `offset` into bytes, described in chunk.
 * Bytes read; 0: nothing there yet; -1: errno. Where old segments are gone,
 * chunk->offset is beyond the offset asked for: the gap is for the caller
 * to name. Its records are lent until the next call.
 */
ssize_t logread_get(struct logread *reader, uint64_t offset, void *bytes,
    size_t n, struct segment_chunk *chunk);
/* Base of the segment that holds offset (the oldest, when it is gone). */
uint64_t logread_base(struct logread *reader, uint64_t offset);
/* Opens the first segment whose base is at least `least`, for the caller to
 * own. 1, 0: there is none, -1: errno. */
int logread_segment(struct logread *reader, uint64_t least,
    struct segment *segment);

/* Where output is: in a file, for sendfile(2), or unpacked in memory. Both
 * are the reader's, and good until the next call. */
struct logread_place {
	struct segment_chunk chunk;
	int fd;		   /* of the log; -1: it is compressed */
	off_t at;	   /* where in it the chunk begins */
	const char *bytes; /* compressed: the chunk */
};

/* What logread_get would give, not read but located. 1; 0: nothing there
 * yet; -1: errno. */
int logread_locate(struct logread *reader, uint64_t offset,
    struct logread_place *place);
/* Reads it: chunk.length bytes, which the caller may have lowered. As many
 * as there are, or -1 with errno. */
ssize_t logread_copy(struct logread *reader, const struct logread_place *place,
    void *bytes);
/* What stands in the way of an offset. */
struct logread_trouble {
	char file[NAME_MAX + 8]; /* in the job's directory */
	uint64_t at;		 /* byte of it */
	uint64_t end; /* where the output goes on; the offset: nobody knows */
};

/* To be called when the offset could not be read, and nothing since. */
void logread_trouble(const struct logread *reader, uint64_t offset,
    struct logread_trouble *trouble);
/* True when the index promises bytes that are not in the log yet: they are
 * on their way, and before Linux 6.5 no inotify event tells of a splice. */
bool logread_owed(const struct logread *reader);
/* Offset of the first byte that arrived at or after time_us, else the end.
 * 0, or -1 with errno. */
int logread_find_time(struct logread *reader, int64_t time_us,
    uint64_t *offset);
/* True when the stream is within a line at the offset: its last byte before it
 * is no newline. One that was silent for very long is taken for not. 1, 0; -1
 * with errno. */
int logread_in_line(struct logread *reader, uint64_t offset,
    enum stream stream);
/*
 * Offset where the last `lines` lines begin, both streams counted together
 * by their '\n' bytes; a last line without newline counts as one. What is
 * damaged has none. 0 or -1.
 */
int logread_find_tail(struct logread *reader, unsigned long lines,
    uint64_t *offset);

#endif
