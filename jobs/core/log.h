/*
 * log.h - the family's own log: lines on descriptor 2, which the starter
 * chose. Owns no path; control bytes are the caller's to avoid.
 */
#ifndef JOBS_CORE_LOG_H
#define JOBS_CORE_LOG_H

#include <stddef.h>

/* The name that begins each line; borrowed. */
void log_init(const char *program);
typedef void log_sink(const char *line, size_t n, void *arg);
/* From now on lines go to sink, newline included, for whoever must not wait
 * for a disk; NULL: to descriptor 2 again. Called by one thread. */
void log_divert(log_sink *sink, void *arg);
/* One line: time, program, what. Cut at 1 KiB; written in one write. */
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
