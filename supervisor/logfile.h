/*
 * logfile.h - the active segment: the only writer of output.log.
 *
 * Used by the writer thread alone. The index record is written before its
 * bytes move, so that after a crash the difference between what the index
 * promises and what the log holds says exactly how many bytes of which
 * staging pipe are still owed.
 */
#ifndef SUPERVISOR_LOGFILE_H
#define SUPERVISOR_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "segment.h"
#include "why.h"

struct logfile {
	int dir; /* borrowed */
	int log_fd;
	int index_fd;
	uint64_t base;	   /* offset of the segment's first byte */
	uint64_t sequence; /* its number in the job, from 1 */
	uint64_t end;	   /* offset behind the last byte in the log */
	uint64_t records;  /* in the index */
	struct segment_record last;
	uint32_t owed; /* bytes that last promises and the log lacks */
	int64_t created_us;
	bool line_end; /* the last byte of the log is a newline, or none is */
};

/*
 * Opens or makes the active segment of a job directory, and finishes a
 * rotation that a crash cut short. 0, or -1 with why.
 */
int logfile_init(struct logfile *log, int dir, struct why *why);
void logfile_release(struct logfile *log);
/* Promises length bytes of a stream; nothing may be owed. 0, or -1. */
int logfile_promise(struct logfile *log, enum stream stream, uint32_t length,
    int64_t time_us);
/*
 * Moves owed bytes from the staging pipe of their stream into the log.
 * Bytes moved (0: the pipe is empty), or -1 with errno; call again while
 * something is owed.
 */
int64_t logfile_move(struct logfile *log, const int stage_fds[STREAM_COUNT]);
/* Takes back a promise whose bytes do not come. 0, or -1 with errno: it
 * stands. */
int logfile_forgive(struct logfile *log);
/* Sets the segment aside and opens the next, `gap` bytes further on: so many
 * were lost. Nothing may be owed. name gets that of the closed log. 0, or -1
 * with errno: all is as it was, and output may go on into the segment. */
int logfile_rotate(struct logfile *log, uint64_t gap, char *name, size_t cap);
/* The name that the segment gets then. */
void logfile_closed_name(const struct logfile *log, char *name, size_t cap);
/* The segment, in which nothing is, begins `gap` bytes further on: so many
 * were lost. 0, or -1 with errno: all is as it was. */
int logfile_skip(struct logfile *log, uint64_t gap);
/* Finishes a rotation that a crash cut short, and makes the index of the
 * active segment where there is none, or one for a log that has lost it. 0,
 * or -1 with errno. */
int logfile_make_index(struct logfile *log);
/* Removes what a rotation that was cut short has left beside a log that is
 * open again. */
void logfile_sweep(int dir);

#endif
