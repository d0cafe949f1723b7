/*
 * needle.h - text that stands in every match of a pattern.
 *
 * Lines without it need not be looked at one by one, and memmem(3) passes
 * over them twenty times faster than a pattern does.
 */
#ifndef JOBS_CMD_NEEDLE_H
#define JOBS_CMD_NEEDLE_H

#include <stddef.h>

#define NEEDLE_MAX 128

/*
 * The longest such text of a PCRE2 expression without options, cut at
 * NEEDLE_MAX; its length. 0: there is none, or the expression is not of the
 * simple kind that is understood here.
 */
size_t needle_find(const char *expression, char needle[NEEDLE_MAX]);

#endif
