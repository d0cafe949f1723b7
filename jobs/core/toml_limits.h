/*
 * toml_limits.h - what is refused before the TOML parser sees it.
 */
#ifndef JOBS_CORE_TOML_LIMITS_H
#define JOBS_CORE_TOML_LIMITS_H

#include "toml.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 0, or -1: why, and where. */
int toml_limits_check(const char *text, size_t length, struct toml_mark *at,
    struct why *why);

#ifdef __cplusplus
}
#endif

#endif
