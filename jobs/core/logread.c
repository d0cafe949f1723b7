/*
 * logread.c - see logread.h.
 *
 * The list of segments is read anew whenever an offset is not found in it,
 * which is what a rotation looks like from here.
 */
#include "logread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loglist.h"

#define TAIL_BLOCK 65536

struct logread {
	int dir;
	struct loglist list;
	size_t open_entry;	/* which one `segment` is */
	struct segment segment; /* log_fd -1: none is open */
};

static void
logread_forget(struct logread *reader)
{
	if (reader->segment.log_fd != -1)
		segment_release(&reader->segment);
}

static int
logread_list(struct logread *reader)
{
	logread_forget(reader);
	return loglist_read(&reader->list, reader->dir);
}

struct logread *
logread_open(int dir, struct why *why)
{
	struct logread *reader = calloc(1, sizeof(*reader));

	if (reader == NULL) {
		why_errno(why, "cannot read the log");
		return NULL;
	}
	reader->dir = dir;
	reader->segment.log_fd = reader->segment.index_fd = -1;
	if (logread_list(reader) == -1) {
		why_errno(why, "cannot list the log's segments");
		logread_close(reader);
		return NULL;
	}
	return reader;
}

void
logread_close(struct logread *reader)
{
	if (reader == NULL)
		return;
	logread_forget(reader);
	loglist_release(&reader->list);
	free(reader);
}

/* --- from offset to segment --------------------------------------------- */

static int
logread_use(struct logread *reader, size_t entry)
{
	struct segment segment;

	if (reader->segment.log_fd != -1 && reader->open_entry == entry)
		return 0;
	if (loglist_open(&reader->list, entry, reader->dir, &segment) == -1)
		return -1;
	logread_forget(reader);
	reader->segment = segment;
	reader->open_entry = entry;
	return 0;
}

/* Opens the segment for offset, listing anew once if it moved away. */
static int
logread_seek(struct logread *reader, uint64_t offset)
{
	for (int tries = 0; tries < 3; tries++) {
		size_t entry = loglist_find(&reader->list, offset);

		if (reader->list.count > 0 && logread_use(reader, entry) == 0)
			return 0;
		if (reader->list.count > 0 && errno != ENOENT)
			return -1;
		if (logread_list(reader) == -1)
			return -1;
	}
	errno = ENOENT;
	return -1;
}

uint64_t
logread_begin(struct logread *reader)
{
	return reader->list.count == 0 ? 0 : reader->list.entries[0].base;
}

uint64_t
logread_end(struct logread *reader)
{
	int64_t size;

	if (logread_list(reader) == -1 || reader->list.count == 0 ||
	    logread_use(reader, reader->list.count - 1) == -1)
		return 0;
	size = segment_size(&reader->segment);
	return reader->segment.base + (uint64_t)(size < 0 ? 0 : size);
}

/* One look at offset in the segment that should have it. Behind a segment's
 * end, but before the next one's begin, bytes were lost: go on there. */
static int
logread_chunk(struct logread *reader, uint64_t offset,
    struct segment_chunk *chunk)
{
	for (;;) {
		size_t next;
		int found;

		if (logread_seek(reader, offset) == -1)
			return errno == ENOENT ? 0 : -1;
		if (offset < reader->segment.base)
			offset = reader->segment.base; /* older: gone */
		found = segment_chunk(&reader->segment, offset, chunk);
		next = reader->open_entry + 1;
		if (found != 0 || next >= reader->list.count ||
		    reader->list.entries[next].base <= offset)
			return found;
		offset = reader->list.entries[next].base;
	}
}

static bool
logread_is_newest(const struct logread *reader)
{
	return reader->segment.log_fd != -1 &&
	    loglist_is_active(&reader->list, reader->open_entry, reader->dir,
		reader->segment.log_fd);
}

int
logread_locate(struct logread *reader, uint64_t offset,
    struct segment_chunk *chunk, int *fd, off_t *at)
{
	int found = logread_chunk(reader, offset, chunk);

	if (found == 0 && !logread_is_newest(reader)) {
		if (logread_list(reader) == -1)
			return -1;
		found = logread_chunk(reader, offset, chunk);
	}
	if (found != 1)
		return found;
	*fd = reader->segment.log_fd;
	*at = (off_t)(chunk->offset - reader->segment.base);
	return 1;
}

bool
logread_owed(const struct logread *reader)
{
	return reader->segment.log_fd != -1 &&
	    segment_promised(&reader->segment);
}

ssize_t
logread_get(struct logread *reader, uint64_t offset, void *bytes, size_t n,
    struct segment_chunk *chunk)
{
	off_t at;
	int fd, found = logread_locate(reader, offset, chunk, &fd, &at);

	if (found != 1)
		return found;
	if (chunk->length > n)
		chunk->length = (uint32_t)n;
	return segment_read(&reader->segment, chunk->offset, bytes,
	    chunk->length);
}

int
logread_find_time(struct logread *reader, int64_t time_us, uint64_t *offset)
{
	if (logread_list(reader) == -1)
		return -1;
	*offset = 0;
	for (size_t i = 0; i < reader->list.count; i++) {
		int64_t size;

		if (logread_use(reader, i) == -1)
			return -1;
		size = segment_size(&reader->segment);
		if (segment_find_time(&reader->segment, time_us, offset) == -1)
			return -1;
		if (*offset < reader->segment.base + (uint64_t)size)
			return 0;
	}
	return 0;
}

uint64_t
logread_base(struct logread *reader, uint64_t offset)
{
	if (reader->list.count == 0)
		return 0;
	return reader->list.entries[loglist_find(&reader->list, offset)].base;
}

int
logread_segment(struct logread *reader, uint64_t least, struct segment *segment)
{
	for (size_t i = 0; i < reader->list.count; i++) {
		if (reader->list.entries[i].base < least)
			continue;
		if (loglist_open(&reader->list, i, reader->dir, segment) == -1)
			return -1;
		return 1;
	}
	return 0;
}

/* --- the last N lines --------------------------------------------------- */

/* Counts newlines in bytes from the back; where the wanted one is, or -1. */
static ssize_t
tail_scan(const char *bytes, size_t n, unsigned long *lines)
{
	const char *p = bytes + n;

	while ((p = memrchr(bytes, '\n', (size_t)(p - bytes))) != NULL)
		if ((*lines)-- == 0)
			return p - bytes;
	return -1;
}

/* Where the bytes before `at` begin that one block holds; *at steps back over
 * a gap before them. 0, or -1. */
static int
tail_block(struct logread *reader, uint64_t *at, uint64_t *from)
{
	int64_t size;
	uint64_t base, end;

	if (logread_seek(reader, *at - 1) == -1 ||
	    (size = segment_size(&reader->segment)) == -1)
		return -1;
	base = reader->segment.base;
	end = base + (uint64_t)size;
	if (*at > end)
		*at = end;
	if (*at < base)
		*at = base; /* older ones went meanwhile */
	*from = *at - base > TAIL_BLOCK ? *at - TAIL_BLOCK : base;
	return 0;
}

int
logread_find_tail(struct logread *reader, unsigned long lines, uint64_t *offset)
{
	uint64_t end = logread_end(reader), at = end, from;
	char block[TAIL_BLOCK];
	bool last = true;

	*offset = end;
	if (lines == 0)
		return 0;
	while (at > logread_begin(reader)) {
		ssize_t hit, n;

		if (tail_block(reader, &at, &from) == -1)
			return -1;
		n = segment_read(&reader->segment, from, block, at - from);
		if (n != (ssize_t)(at - from))
			return -1;
		/* The newline that ends the last line starts none. */
		if (last && n > 0 && block[n - 1] != '\n')
			lines--;
		last = last && n == 0;
		if ((hit = tail_scan(block, (size_t)n, &lines)) >= 0) {
			*offset = from + (uint64_t)hit + 1;
			return 0;
		}
		at = from;
	}
	*offset = at;
	return 0;
}
