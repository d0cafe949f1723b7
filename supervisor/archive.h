/*
 * archive.h - copies a closed segment and its index to another directory.
 */
#ifndef SUPERVISOR_ARCHIVE_H
#define SUPERVISOR_ARCHIVE_H

/* Copies NAME and NAME.idx from dir to path/job/, which is made; both are on
 * the disk there when it returns 0, and under their names only when whole.
 * -1: errno. Makes system calls only: it runs in a forked child. */
int archive_copy(int dir, const char *name, const char *path, const char *job);

#endif
