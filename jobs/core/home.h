/*
 * home.h - where jobs live, and what to say when they cannot.
 */
#ifndef JOBS_CORE_HOME_H
#define JOBS_CORE_HOME_H

#include "why.h"

/* $JOBWATCH_HOME, else $XDG_STATE_HOME/jobwatch, else ~/.local/state/…,
 * made absolute; to be freed. ~ is $HOME, else the home of the password
 * entry. NULL: why. */
char *home_path(struct why *why);
/* A descriptor of the home, which is made (0700) when it is not there. -1:
 * why. */
int home_open(struct why *why);
/* As why_errno, for what was to be written in the home: where a person can
 * mend the cause, says how. Keeps errno and returns -1. */
int home_why(struct why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
