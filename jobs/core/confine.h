/*
 * confine.h - a process gives up what it will not need, once and for good.
 *
 * For the programs that eat bytes from outside: the classifier and the
 * compressor (a job's output) and the notifier (what the network answers,
 * and it holds the secrets). Enter when all that needs more power is done:
 * descriptors open, tables built. What a profile forbids is killed where it can
 * only be an attack, and refused with EPERM where a library may try it in
 * passing.
 *
 * A build with -DCONFINE_OFF (for valgrind, which needs more than a profile
 * allows) confines nothing. Under AddressSanitizer a profile also allows
 * what a report needs.
 */
#ifndef JOBS_CORE_CONFINE_H
#define JOBS_CORE_CONFINE_H

#include <stdbool.h>

#include "why.h"

enum confine_profile {
	/*
	 * Reads and writes the descriptors it has, computes, sleeps. Dies of
	 * SIGSYS on open, socket, connect, exec, fork, a new thread, ptrace,
	 * kill; every other call outside the list gives EPERM, mmap and
	 * mprotect with PROT_EXEC included.
	 */
	CONFINE_CLASSIFIER,
	/*
	 * Network, files and threads, but dies on exec, fork and ptrace, and
	 * may not administer the machine. Not dumpable: no core file, and no
	 * other process of the user's reads its memory.
	 */
	CONFINE_NOTIFIER,
	/*
	 * Reads and writes the descriptors it has, and syncs them. Dies of all
	 * that the classifier dies of; it cannot even wait for anybody.
	 */
	CONFINE_COMPRESSOR,
	CONFINE_PROFILES
};

/* Binds the calling process; call it while there is one thread. There is no
 * way back. 0, or -1: why, and errno; then nothing is confined. */
int confine_enter(enum confine_profile profile, struct why *why);
/* False in a build that confines nothing. */
bool confine_is_on(void);

#endif
