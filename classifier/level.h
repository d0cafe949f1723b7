/*
 * level.h - the words by which loggers say how grave a line is.
 */
#ifndef CLASSIFIER_LEVEL_H
#define CLASSIFIER_LEVEL_H

#include <stddef.h>

enum level {
	LEVEL_NONE,
	LEVEL_TRACE,
	LEVEL_DEBUG,
	LEVEL_INFO,
	LEVEL_WARN,
	LEVEL_ERROR,
	LEVEL_FATAL,
	LEVEL_COUNT
};

/* Length of the level word at p in any case, a whole word; 0: there is
 * none, and level is left as it is. */
size_t level_word(const char *p, size_t n, enum level *level);
/* The letter of glog, Android and Tornado ("E"), or LEVEL_NONE. */
enum level level_letter(char letter);
/* The number of syslog (RFC 5424, 6.2.1: 0 is the worst, 7 debug). */
enum level level_syslog(unsigned number);

#endif
