/*
 * logread_state.h - what the log reader's two files share: logread.c finds
 * segments, logread_get.c takes bytes out of them. Apart, because who only
 * looks where segments begin links no codec.
 */
#ifndef JOBS_CORE_LOGREAD_STATE_H
#define JOBS_CORE_LOGREAD_STATE_H

#include "loglist.h"
#include "logread.h"

#define LOGREAD_BLOCK (64u << 10)

/* Bytes that were read with others, for chunks far shorter than it. */
struct logread_block {
	int fd; /* of the log that they are from, -1: none */
	off_t at;
	size_t have;
	char bytes[LOGREAD_BLOCK];
};

struct logread {
	int dir;
	struct loglist list;
	size_t entry;		/* the place of `segment` in the list */
	uint64_t sequence;	/* its number in the job */
	struct segment segment; /* log_fd -1: none is open */
	enum segment_merge merge;
	struct logread_block *block; /* owned; NULL: not needed yet */
	bool bare; /* no record of the index tells of the offset's byte */
	int pins;  /* pins.h; -1: retention need not wait */
};

/* Lists anew; no segment is open then. 0, or -1 with errno. */
int logread_list(struct logread *reader);
/* Opens the segment for offset, listing anew if it moved away. 0, or -1 with
 * errno, ENOENT: there is none at all. */
int logread_seek(struct logread *reader, uint64_t offset);
/* Where the segment behind the open one begins. 1; 0: none; -1: errno. */
int logread_next(struct logread *reader, uint64_t *base);

#endif
