/*
 * recovery.h - finds families that died with work undone, and settles it.
 *
 * A supervisor that is started for it writes down how the job ended and sees
 * to its alerts. The first takes no time, and whoever asks for it can count
 * on it; the alerts may take a day.
 */
#ifndef JOBS_CMD_RECOVERY_H
#define JOBS_CMD_RECOVERY_H

#include <stdbool.h>

#include "jobref.h"
#include "why.h"

/* Starts a recovery for each fallen family but `except`'s, and does not
 * wait: a run sees to its neighbours in passing. Says nothing. */
void recovery_in_passing(int home_fd, const char *except);
/*
 * The same for all of an open home, calling tell for each one started; until
 * each job's end, also of one that somebody else settles now, can be read in
 * its files; with wait, until all alerts are settled. CMD_OK, or CMD_FAILED
 * and said.
 */
int recovery_all(const struct jobref *home, bool wait,
    void (*tell)(const char *id));
/*
 * The same for one job without a family: 0 once its files say how it ended
 * (nothing is done where they do, where nothing was left undone, or where it
 * is another host's). -1: why.
 */
int recovery_of(const struct jobref *ref, struct why *why);

#endif
