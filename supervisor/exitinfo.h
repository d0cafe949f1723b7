/*
 * exitinfo.h - how a process that is not our child has ended.
 */
#ifndef SUPERVISOR_EXITINFO_H
#define SUPERVISOR_EXITINFO_H

/*
 * PIDFD_GET_INFO with PIDFD_INFO_EXIT (Linux 6.15): the status as waitpid(2)
 * would have given it, once the process was reaped by whoever is its parent;
 * before that, while it is a zombie, from /proc/PID/stat.
 * 1: *status is set; 0: not yet; -1: this kernel does not tell.
 */
int exitinfo_get(int pidfd, int pid, int *status);

#endif
