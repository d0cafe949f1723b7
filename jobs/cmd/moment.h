/*
 * moment.h - points in time as people write them.
 *
 * Durations and RFC 3339 are read here. All else ("yesterday", "10:30",
 * "last monday") is for date(1) of GNU, which has read such words for thirty
 * years; it is asked as a program, because no library offers its parser.
 */
#ifndef JOBS_CMD_MOMENT_H
#define JOBS_CMD_MOMENT_H

#include <stddef.h>
#include <stdint.h>

#include "why.h"

#define MOMENT_MAX 256 /* bytes of a text; a longer one is no time */

/*
 * Microseconds since 1970, in local time where the text names no zone. An
 * amount of time ("10m", "2 hours", "3 days ago") counts back from now;
 * "today" and "yesterday" mean their midnight. 0, or -1: why.
 */
int moment_parse(const char *text, int64_t *real_us, struct why *why);
/*
 * The text as date(1) is to be asked, into out. 0, or -1: it must not be
 * asked, because its answer would not be what was meant.
 */
int moment_phrase(const char *text, char *out, size_t max);

#endif
