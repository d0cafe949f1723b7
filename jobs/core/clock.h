/*
 * clock.h - the two clocks and how their readings are written.
 *
 * Wall-clock times are microseconds since 1970 UTC (CLOCK_REALTIME), spans
 * are microseconds of CLOCK_MONOTONIC. Nothing here allocates.
 */
#ifndef JOBS_CORE_CLOCK_H
#define JOBS_CORE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT 32 /* room for one time in text, NUL included */

int64_t clock_real_us(void);
int64_t clock_mono_us(void);

/* RFC 3339, UTC, microseconds, "Z": "2026-03-02T14:07:11.204518Z". */
const char *clock_rfc3339(int64_t real_us, char out[CLOCK_TEXT]);
/* Local time for people: "2026-03-02 15:07:11.204". */
const char *clock_local(int64_t real_us, char out[CLOCK_TEXT]);
/* The same over the text of another time: within its second, only the digits
 * behind the point are written anew. */
const char *clock_local_again(int64_t real_us, int64_t before_us,
    char out[CLOCK_TEXT]);
/* Segment names: "20260302T140711Z". */
const char *clock_stamp(int64_t real_us, char out[CLOCK_TEXT]);
/*
 * Reads an RFC 3339 time ("T" or a space, optional fraction, "Z" or an
 * offset; without either, local time). 0, or -1 with errno EINVAL.
 */
int clock_parse(const char *text, int64_t *real_us);

#endif
