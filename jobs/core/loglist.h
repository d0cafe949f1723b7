/*
 * loglist.h - which segments a job directory holds, in order.
 *
 * The names alone make the list, so that a hundred segments cost one reading
 * of the directory. Where one begins stands in its index, and is asked for
 * when a search comes by. A name that turns out to be no segment's (a stray
 * file, one that is gone since) leaves the list then, and those behind it
 * move up: after each call that may ask, places in the list are new.
 *
 * The list is a look at one moment: a rotation or retention makes it old,
 * and then opening an entry fails with ENOENT. That a segment was compressed
 * meanwhile makes no difference.
 */
#ifndef JOBS_CORE_LOGLIST_H
#define JOBS_CORE_LOGLIST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segment.h"

struct loglist_entry {
	uint64_t sequence;
	uint64_t base; /* once known */
	bool known;
	/* Of the log before compression, whatever it is called now. */
	char name[NAME_MAX + 1];
};

struct loglist {
	struct loglist_entry *entries; /* owned, in order */
	size_t count;
	size_t room;
	int dir; /* borrowed */
};

/* Reads the directory anew; an empty struct (= {0}) is a fine start. 0, or
 * -1 with errno. */
int loglist_read(struct loglist *list, int dir);
void loglist_release(struct loglist *list);
/* Where the entry at this place begins. 1; 0: none is there, nor behind it;
 * -1: errno. May ask. */
int loglist_base(struct loglist *list, size_t entry, uint64_t *base);
/* The last entry that begins at or before offset, the first if none does.
 * 1; 0: the list is empty; -1: errno. May ask. */
int loglist_find(struct loglist *list, uint64_t offset, size_t *entry);
/* Opens log and index of an entry. 0; -1 with errno, ENOENT when the names
 * do not lead to that segment any more. */
int loglist_open(const struct loglist *list, size_t entry,
    struct segment *segment);
/* True while the entry is the active segment and `segment` open for it: by its
 * index, which an empty segment may get a new one of. */
bool loglist_is_active(const struct loglist *list, size_t entry,
    const struct segment *segment);

#endif
