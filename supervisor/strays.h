/*
 * strays.h - processes that the job has left behind, or that must go.
 *
 * A look at /proc is made by a child of its own, which may hang there as
 * long as it likes. What counts as the job's: its session, its process
 * group, and whatever descends from it or was handed to the keeper when its
 * parent died.
 */
#ifndef SUPERVISOR_STRAYS_H
#define SUPERVISOR_STRAYS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "jsonw.h"
#include "why.h"

#define STRAYS_MAX 64 /* named; more are counted */

struct supervisor;

struct stray {
	int32_t pid;
	char name[20]; /* comm, at most 15 bytes */
};

struct strays {
	struct supervisor *supervisor;
	struct event *readable;
	struct event *patience; /* timer: it hangs */
	int fd;			/* of the look that runs, -1: none */
	pid_t pid;		/* of that child */
	pid_t again; /* asked meanwhile: the next look, for this job */
	bool again_kills;
	unsigned count; /* found by the last look */
	struct stray found[STRAYS_MAX];
};

int strays_init(struct strays *strays, struct supervisor *supervisor,
    struct why *why);
void strays_release(struct strays *strays);
/* Looks for processes of the job (its main pid given, which is not counted
 * itself when it is gone); with kill sends KILL to each, until none is left.
 * While a look runs, the next one waits for its end. */
void strays_look(struct strays *strays, pid_t job, bool kill);
bool strays_are_busy(const struct strays *strays);
/* An array of "NAME (PID)", if there are any. */
void strays_write(const struct strays *strays, struct jsonw *w,
    const char *key);

#endif
