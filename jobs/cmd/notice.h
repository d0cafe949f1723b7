/*
 * notice.h - being woken when something changes in a job directory.
 */
#ifndef JOBS_CMD_NOTICE_H
#define JOBS_CMD_NOTICE_H

#define NOTICE_BLIND_MS 250 /* look this often where there is no inotify */

/* An inotify descriptor, non-blocking, to poll for POLLIN and to close; -1:
 * the user has too many, and must look every NOTICE_BLIND_MS. */
int notice_open(int dir);
/* Takes all notices; -1 is fine. Look at the files after this, not before. */
void notice_drain(int fd);

#endif
