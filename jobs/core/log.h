/*
 * log.h - the family's own log: lines on descriptor 2, which the starter
 * chose. Owns no path; control bytes are the caller's to avoid.
 */
#ifndef JOBS_CORE_LOG_H
#define JOBS_CORE_LOG_H

/* The name that begins each line; borrowed. */
void log_init(const char *program);
/* One line: time, program, what. Cut at 1 KiB; written in one write. */
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
