/*
 * logfile.c - see logfile.h.
 */
#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "logread.h"

/* Records of one stream that come closer than this share one. */
#define LOGFILE_COALESCE_US 1000
#define LOGFILE_RECORD_MAX (64u << 20)

static off_t
logfile_record_at(uint64_t number)
{
	return (off_t)(sizeof(struct segment_header) +
	    number * sizeof(struct segment_record));
}

/* --- opening ------------------------------------------------------------ */

/* -1 with EBADMSG: another program's file, or a newer format; ENODATA: there
 * is nothing in it. */
static int
logfile_read_header(struct logfile *log)
{
	static const struct segment_header nothing;
	struct segment_header header = { .base = 0 };
	ssize_t n = io_pread_full(log->index_fd, &header, sizeof(header), 0);

	if (n == -1)
		return -1;
	if (n < (ssize_t)sizeof(header) ||
	    memcmp(&header, &nothing, sizeof(header)) == 0) {
		errno = ENODATA;
		return -1;
	}
	if (memcmp(header.magic, SEGMENT_MAGIC, sizeof(header.magic)) != 0) {
		errno = EBADMSG;
		return -1;
	}
	log->base = header.base;
	log->sequence = header.sequence;
	log->created_us = header.created_us;
	return 0;
}

/* Reads the last whole record; a torn one behind it is overwritten. */
static int
logfile_read_last(struct logfile *log)
{
	struct stat st;

	if (fstat(log->index_fd, &st) == -1)
		return -1;
	log->records = ((uint64_t)st.st_size - sizeof(struct segment_header)) /
	    sizeof(struct segment_record);
	log->last = (struct segment_record){ .offset = log->base };
	if (log->records == 0)
		return 0;
	return io_pread_full(log->index_fd, &log->last, sizeof(log->last),
		   logfile_record_at(log->records - 1)) == sizeof(log->last)
	    ? 0
	    : -1;
}

static void
logfile_look_at_end(struct logfile *log)
{
	char last;

	if (log->end == log->base)
		log->line_end = true;
	else if (pread(log->log_fd, &last, 1,
		     (off_t)(log->end - log->base - 1)) == 1)
		log->line_end = last == '\n';
}

/* What the index promises and the log lacks is owed; bytes that no record
 * tells of (a power cut took the index's tail) get one. */
static int
logfile_settle(struct logfile *log)
{
	uint64_t promised = log->last.offset + log->last.length;
	struct stat st;

	if (fstat(log->log_fd, &st) == -1)
		return -1;
	log->end = log->base + (uint64_t)st.st_size;
	log->owed = 0;
	if (log->end < promised)
		log->owed = (uint32_t)(promised - log->end);
	logfile_look_at_end(log);
	if (log->end <= promised)
		return 0;
	log->last = (struct segment_record){
		.offset = promised,
		.time_us = clock_real_us(),
		.length = (uint32_t)(log->end - promised),
	};
	return io_pwrite_all(log->index_fd, &log->last, sizeof(log->last),
	    logfile_record_at(log->records++));
}

static int
logfile_open_pair(struct logfile *log)
{
	log->index_fd = openat(log->dir, SEGMENT_INDEX, O_RDWR | O_CLOEXEC);
	if (log->index_fd == -1)
		return -1;
	log->log_fd = openat(log->dir, SEGMENT_LOG,
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (log->log_fd == -1)
		return -1;
	if (logfile_read_header(log) == -1 || logfile_read_last(log) == -1)
		return -1;
	return logfile_settle(log);
}

/* A power cut may leave an index without its header; the log's bytes are
 * there still, only their times are not. */
static int
logfile_open_or_mend(struct logfile *log)
{
	if (logfile_open_pair(log) == 0)
		return 0;
	if (errno != ENODATA)
		return -1;
	logfile_release(log);
	if (logfile_make_index(log) == -1)
		return -1;
	return logfile_open_pair(log);
}

int
logfile_init(struct logfile *log, int dir, struct why *why)
{
	*log = (struct logfile){ .dir = dir, .log_fd = -1, .index_fd = -1 };
	if (faccessat(dir, SEGMENT_INDEX, F_OK, 0) == -1 &&
	    logfile_make_index(log) == -1)
		return why_errno(why, "cannot make the log");
	if (logfile_open_or_mend(log) == -1) {
		why_errno(why, "cannot open the log");
		logfile_release(log);
		return -1;
	}
	logfile_sweep(dir);
	return 0;
}

void
logfile_release(struct logfile *log)
{
	if (log->log_fd != -1)
		close(log->log_fd);
	if (log->index_fd != -1)
		close(log->index_fd);
	log->log_fd = log->index_fd = -1;
}

/* --- writing ------------------------------------------------------------ */

static bool
logfile_coalesces(const struct logfile *log, enum stream stream,
    uint32_t length, int64_t time_us)
{
	const struct segment_record *last = &log->last;

	return log->records > 0 && last->stream == stream &&
	    time_us - last->time_us >= 0 &&
	    time_us - last->time_us <= LOGFILE_COALESCE_US &&
	    last->length + length <= LOGFILE_RECORD_MAX;
}

int
logfile_promise(struct logfile *log, enum stream stream, uint32_t length,
    int64_t time_us)
{
	struct segment_record record = {
		.offset = log->end,
		.time_us = time_us,
		.length = length,
		.stream = (uint8_t)stream,
	};
	uint64_t number = log->records;

	if (logfile_coalesces(log, stream, length, time_us)) {
		record = log->last;
		record.length += length;
		number--;
	}
	if (io_pwrite_all(log->index_fd, &record, sizeof(record),
		logfile_record_at(number)) == -1)
		return -1;
	log->last = record;
	log->records = number + 1;
	log->owed = length;
	return 0;
}

int64_t
logfile_move(struct logfile *log, const int stage_fds[STREAM_COUNT])
{
	int stage = stage_fds[log->last.stream == STREAM_STDERR];
	off_t at = (off_t)(log->end - log->base);
	ssize_t n;

	do
		n = splice(stage, NULL, log->log_fd, &at, log->owed,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	log->end += (uint64_t)n;
	log->owed -= (uint32_t)n;
	if (log->owed == 0)
		logfile_look_at_end(log);
	return n;
}

int
logfile_forgive(struct logfile *log)
{
	struct segment_record less = log->last;

	less.length -= log->owed;
	if (io_pwrite_all(log->index_fd, &less, sizeof(less),
		logfile_record_at(log->records - 1)) == -1)
		return -1;
	log->last = less;
	log->owed = 0;
	return 0;
}
