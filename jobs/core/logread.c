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
#include <unistd.h>

#include "logread_state.h"
#include "pins.h"

#define LOGREAD_TRIES 3 /* lists that were old at once */

static void
logread_forget(struct logread *reader)
{
	if (reader->segment.log_fd != -1)
		segment_release(&reader->segment);
	if (reader->block != NULL)
		reader->block->fd = -1;
}

int
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
	reader->pins = -1;
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
	if (reader->pins != -1)
		close(reader->pins);
	free(reader->block);
	free(reader);
}

void
logread_pin(struct logread *reader)
{
	reader->pins = pins_open(reader->dir);
	if (reader->pins != -1)
		pins_set(reader->pins,
		    reader->list.count == 0 ? 0
					    : reader->list.entries[0].sequence);
}

void
logread_merge(struct logread *reader, enum segment_merge merge)
{
	reader->merge = merge;
}

/* --- from offset to segment --------------------------------------------- */

/* A segment is known by its number: places in the list move. An empty one may
 * have got another begin. */
static bool
logread_has(const struct logread *reader, const struct loglist_entry *entry)
{
	return reader->segment.log_fd != -1 &&
	    reader->sequence == entry->sequence &&
	    (!entry->known || entry->base == reader->segment.base);
}

/* 0, or -1: ENOENT when the list is old. */
static int
logread_use(struct logread *reader, size_t entry)
{
	uint64_t sequence = reader->list.entries[entry].sequence;
	struct segment segment;

	reader->entry = entry;
	if (logread_has(reader, &reader->list.entries[entry]))
		return 0;
	if (loglist_open(&reader->list, entry, &segment) == -1)
		return -1;
	logread_forget(reader);
	reader->segment = segment;
	reader->sequence = sequence;
	if (reader->pins != -1)
		pins_set(reader->pins, sequence);
	return 0;
}

int
logread_seek(struct logread *reader, uint64_t offset)
{
	for (int tries = 0; tries < LOGREAD_TRIES; tries++) {
		size_t entry;
		int found = loglist_find(&reader->list, offset, &entry);

		if (found == 1 && logread_use(reader, entry) == 0)
			return 0;
		if (found != 0 && errno != ENOENT)
			return -1;
		if (logread_list(reader) == -1)
			return -1;
	}
	errno = ENOENT;
	return -1;
}

int
logread_next(struct logread *reader, uint64_t *base)
{
	return loglist_base(&reader->list, reader->entry + 1, base);
}

uint64_t
logread_begin(struct logread *reader)
{
	uint64_t base;

	return loglist_base(&reader->list, 0, &base) == 1 ? base : 0;
}

uint64_t
logread_end(struct logread *reader)
{
	int64_t size;

	if (logread_list(reader) == -1 ||
	    logread_seek(reader, UINT64_MAX) == -1)
		return 0;
	size = segment_size(&reader->segment);
	return reader->segment.base + (uint64_t)(size < 0 ? 0 : size);
}

/* When the first chunk of the segment at this place arrived. 1; 0: it has
 * none, or is none any more; -1: errno. */
static int
logread_time(struct logread *reader, size_t entry, int64_t *time_us)
{
	struct segment_record first;
	uint64_t base;
	int found = loglist_base(&reader->list, entry, &base);

	if (found != 1)
		return found;
	if (logread_use(reader, entry) == -1)
		return errno == ENOENT ? 0 : -1;
	found = segment_record(&reader->segment, 0, &first);
	if (found == 1)
		*time_us = first.time_us;
	return found;
}

/* The place of the last segment that begins before time_us, or of one before
 * that; 0 where all are later. -1: errno. */
static int
logread_find_begin(struct logread *reader, int64_t time_us, size_t *entry)
{
	size_t low = 0, high = reader->list.count;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;
		int64_t begin;
		int found = logread_time(reader, middle, &begin);

		if (found == -1)
			return -1;
		if (found == 1 && begin < time_us)
			low = middle;
		else
			high = middle;
	}
	*entry = low;
	return 0;
}

int
logread_find_time(struct logread *reader, int64_t time_us, uint64_t *offset)
{
	size_t entry;
	uint64_t base;
	int found;

	*offset = 0;
	if (logread_list(reader) == -1 ||
	    logread_find_begin(reader, time_us, &entry) == -1)
		return -1;
	while ((found = loglist_base(&reader->list, entry, &base)) == 1) {
		int64_t size;

		if (logread_use(reader, entry++) == -1) {
			if (errno != ENOENT)
				return -1;
			continue; /* gone this moment */
		}
		size = segment_size(&reader->segment);
		if (size == -1 ||
		    segment_find_time(&reader->segment, time_us, offset) == -1)
			return -1;
		if (*offset < base + (uint64_t)size)
			return 0;
	}
	return found;
}

uint64_t
logread_base(struct logread *reader, uint64_t offset)
{
	size_t entry;

	if (loglist_find(&reader->list, offset, &entry) != 1)
		return 0;
	return reader->list.entries[entry].base;
}

int
logread_segment(struct logread *reader, uint64_t least, struct segment *segment)
{
	size_t entry;
	uint64_t base;
	int found = loglist_find(&reader->list, least, &entry);

	while (found == 1 &&
	    (found = loglist_base(&reader->list, entry, &base)) == 1 &&
	    base < least)
		entry++;
	if (found != 1)
		return found;
	return loglist_open(&reader->list, entry, segment) == -1 ? -1 : 1;
}
