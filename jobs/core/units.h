/*
 * units.h - durations ("1h30m", "250ms") and sizes ("64KiB", "100MB").
 *
 * A bare number is an error that names the units, because "timeout = 10"
 * is the mistake that costs a night.
 */
#ifndef JOBS_CORE_UNITS_H
#define JOBS_CORE_UNITS_H

#include <stdint.h>

#include "why.h"

#define UNITS_TEXT 48 /* room for one duration or size in text */

/* Milliseconds. Units ms s m h d, and sums of them, largest first or not. */
int duration_parse(const char *text, int64_t *ms, struct why *why);
/* Bytes. Units B KB MB GB TB (1000) and KiB MiB GiB TiB (1024). */
int size_parse(const char *text, int64_t *bytes, struct why *why);

/* "1h30m", "250ms", "0s": reads back as the same number. */
const char *duration_format(int64_t ms, char out[UNITS_TEXT]);
/* "1.4 GB", for people. */
const char *size_format(int64_t bytes, char out[UNITS_TEXT]);

#endif
