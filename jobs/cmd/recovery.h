/*
 * recovery.h - finds families that died with work undone, and settles it.
 */
#ifndef JOBS_CMD_RECOVERY_H
#define JOBS_CMD_RECOVERY_H

#include <stdbool.h>

/* Starts a recovery for each fallen family but `except`'s, and does not
 * wait: a run sees to its neighbours in passing. Says nothing. */
void recovery_in_passing(int home_fd, const char *except);
/*
 * The same for all, calling tell for each one started; with wait, until all
 * is settled. How many, or -1 with errno.
 */
int recovery_all(int home_fd, bool wait, void (*tell)(const char *id));

#endif
