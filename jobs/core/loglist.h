/*
 * loglist.h - which segments a job directory holds, by offset.
 *
 * A segment's base stands in its index header; names say nothing about it.
 * The list is a look at one moment: a rotation or retention makes it old,
 * and then opening an entry fails with ENOENT.
 */
#ifndef JOBS_CORE_LOGLIST_H
#define JOBS_CORE_LOGLIST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segment.h"

struct loglist_entry {
	uint64_t base;
	uint64_t sequence;
	char name[NAME_MAX + 1]; /* of the log; the index adds ".idx" */
};

struct loglist {
	struct loglist_entry *entries; /* owned, in order */
	size_t count;
};

/* Reads the directory anew; an empty struct (= {0}) is a fine start. 0, or
 * -1 with errno. */
int loglist_read(struct loglist *list, int dir);
void loglist_release(struct loglist *list);
/* Index of the last entry that begins at or before offset; 0 if none does. */
size_t loglist_find(const struct loglist *list, uint64_t offset);
/* Opens log and index of an entry. 0; -1 with errno, ENOENT when the names
 * do not lead to that segment any more. */
int loglist_open(const struct loglist *list, size_t entry, int dir,
    struct segment *segment);
/* True while the entry is the active segment and fd its log. */
bool loglist_is_active(const struct loglist *list, size_t entry, int dir,
    int fd);

#endif
