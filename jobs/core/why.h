/*
 * why.h - what went wrong, in words, for whoever speaks to the user.
 *
 * Parsers and openers fill one of these and return -1; only the caller that
 * knows the user's words prints it, once.
 */
#ifndef JOBS_CORE_WHY_H
#define JOBS_CORE_WHY_H

#define WHY_MAX 512

struct why {
	char text[WHY_MAX];
};

/* Formats the reason, cut at WHY_MAX - 1 bytes. Always returns -1. */
int why_set(struct why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, with ": " and the words for errno at the end; keeps errno. */
int why_errno(struct why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
