/*
 * loglist_open.h - opens a segment by the name of its log, whatever state that
 * is in: plain, compressed, or between two names. For loglist.c alone.
 */
#ifndef JOBS_CORE_LOGLIST_OPEN_H
#define JOBS_CORE_LOGLIST_OPEN_H

#include <stdbool.h>

#include "segment.h"

/* True while the name leads to the open file, and it is one. */
bool loglist_is_named(int dir, const char *name, int fd);
/* True for what a name that is no segment's leads to, too. */
bool loglist_is_absent(int error);
/* The log `plain` as this codec has left it. 0, or -1 with errno. */
int loglist_open_as(int dir, const char *plain, enum codec codec,
    struct segment *segment);
/* Whichever there is. 0, or -1 with errno: ENOENT when there is none. */
int loglist_open_any(int dir, const char *plain, struct segment *segment);

#endif
