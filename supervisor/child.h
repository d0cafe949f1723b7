/*
 * child.h - a helper process of the supervisor: the classifier, the notifier.
 *
 * Started from a descriptor of its executable, talks over one socket, is
 * replaced with backoff when it dies or misbehaves, and dies with us. One that
 * owes an answer and gives none is stopped, or loops: it is replaced, too.
 */
#ifndef SUPERVISOR_CHILD_H
#define SUPERVISOR_CHILD_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

/* What differs between the helpers; const. */
struct child_type {
	const char *name; /* argv[0], and in words */
	enum proc proc;
	int exe_fd;
	/* Descriptors it inherits besides 2 and its socket: pairs (from, to),
	 * ended by -1. `from` CHILD_FD_POLICY means policy.json. */
	const int *fds;
	/* After the start: say what it must know first. */
	void (*started)(void *arg);
	void (*message)(const struct message *message, void *arg);
	/* The socket has room again; called once after child_want_write. */
	void (*writable)(void *arg);
	/* It ended; crashed is false for an exit code 0 and for SIGKILL, which
	 * is somebody else's doing, and true where it gave no answer. Starting
	 * it again is up to the owner (child_start does so with backoff). */
	void (*ended)(bool crashed, void *arg);
};

#define CHILD_FD_POLICY (-2)
#define CHILD_PATIENCE_MS 10000 /* for what needs no time but its own */

struct child {
	const struct child_type *type; /* borrowed */
	void *arg;
	struct event_base *base;
	pid_t pid; /* 0: none */
	int fd;	   /* its channel, -1: none */
	struct event *readable;
	struct event *writeable;
	struct event *retry;
	struct event *patience; /* pending while an answer is owed */
	int64_t due_us;		/* when that runs out; 0: none is owed */
	int64_t owed_us;	/* since when */
	bool hangs;		/* it was killed for that */
	unsigned quick_deaths;
	int64_t started_us;
	bool wanted;
	struct message in;
};

/* 0, or -1: out of memory. */
int child_init(struct child *child, const struct child_type *type,
    struct event_base *base, void *arg);
void child_release(struct child *child);
/* Starts it, at once or when its backoff is over; does nothing when it runs
 * or is about to. */
void child_start(struct child *child);
/* Kills it, unheard from now on; no replacement until child_start. */
void child_stop(struct child *child);
bool child_is_up(const struct child *child);
/* 0; -1 with EAGAIN: call again after `writable`; other errors cost it its
 * life and are told by `ended`. */
int child_send(struct child *child, enum message_type type, const void *body,
    size_t length, const int *fds, unsigned fd_count);
void child_want_write(struct child *child);
/* It owes an answer within ms from now, or it is replaced; where it owes one
 * already, the sooner time counts. */
void child_expect(struct child *child, int64_t ms);
/* It has answered: nothing is owed until the next child_expect. */
void child_excuse(struct child *child);
/* waitpid gave this status for its pid. */
void child_reaped(struct child *child, int status);

#endif
