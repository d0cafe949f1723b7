/*
 * policy_pattern.h - is a pattern one that PCRE2 takes?
 */
#ifndef JOBS_CORE_POLICY_PATTERN_H
#define JOBS_CORE_POLICY_PATTERN_H

#include "why.h"

#define POLICY_PATTERN_MAX 8192 /* bytes */

/*
 * Compiles it as UTF-8, caseful. group: a named group that it must have, or
 * NULL. 0, or -1: why, with the offset in the pattern.
 */
int policy_pattern_check(const char *pattern, const char *group,
    struct why *why);

#endif
