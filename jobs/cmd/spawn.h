/*
 * spawn.h - other people's programs: found in $PATH, never through a shell
 * unless it is the shell that is asked for.
 */
#ifndef JOBS_CMD_SPAWN_H
#define JOBS_CMD_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

struct spawn {
	const char *const *argv; /* borrowed, ended by NULL, as the next */
	const char *const *env;	 /* NULL: ours */
	int in;			 /* its standard input; -1: ours */
	int out; /* and its output; with it, errors go nowhere; -1: ours */
};

/* Starts it. 0 and its pid, which is the caller's to wait for; or -1 with
 * errno: ENOENT, when there is no such program. */
int spawn_start(const struct spawn *spawn, pid_t *pid);
/* Waits for its end: its exit code, 128 + the signal that ended it, or -1
 * with errno. */
int spawn_wait(pid_t pid);
/*
 * Runs it without input, takes what it prints into out, NUL-terminated: 0
 * when it exits with 0 within ms, and prints less than max bytes; 1: it does
 * not; -1: errno. It is gone then, either way.
 */
int spawn_ask(const struct spawn *spawn, int ms, char *out, size_t max);

#endif
