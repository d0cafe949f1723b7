/*
 * keeper.h - what the keeper's files share.
 *
 * The keeper starts the job and the supervisor, reaps them, and holds the
 * descriptors that must outlive a supervisor. It links libc alone, parses
 * nothing and allocates nothing after its start, so that there is next to
 * nothing in it that could fail.
 */
#ifndef SUPERVISOR_KEEPER_H
#define SUPERVISOR_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "family.h"
#include "message.h"

/* How the job is to be started: the plan's strings as arrays. */
struct keeper_job {
	struct family_plan *plan; /* mapped, private: attempt is patched */
	char **argv;		  /* both point into the plan */
	char **env;
};

/*
 * Maps the plan and builds the arrays, the only allocation there is. 0, or
 * -1 with errno (EBADMSG: not a plan).
 */
int keeper_job_init(struct keeper_job *job, int plan_fd);
/*
 * Forks and executes the job with fds as its descriptors 0 to 2, in a session
 * of its own, whose terminal is the last of them where the plan says so.
 * *report is the read end of a pipe that gives EOF when exec worked, else two
 * ints: errno and whether it was chdir's. Its pid, or -1 with errno.
 */
pid_t keeper_job_spawn(struct keeper_job *job, uint32_t attempt,
    const int fds[3], int *report);

enum watch_state {
	WATCH_IDLE,  /* nothing to do for the supervisor, as far as known */
	WATCH_ARMED, /* there is something; the timer runs */
	WATCH_ASKED, /* there is still something, and we asked */
};

struct keeper {
	const char *job_id;
	struct keeper_job plan;
	struct message_job job; /* as told to supervisors */
	int pidfd;		/* the job's, -1: none */
	int terminal;		/* the job's end of it, -1: none */
	int report;		/* of its exec, -1: decided */
	pid_t supervisor;	/* 0: none */
	int peer;		/* its channel, -1: none */
	bool heard;		/* it has said something: it has started */
	int64_t started_us;	/* when it was started */
	unsigned quick_deaths;	/* in a row */
	unsigned crashes;	/* those among them that nobody else caused */
	enum watch_state watch;
	int epoll;
	int signals;
	int watchdog; /* timer */
	int backoff;  /* timer */
	bool finished;
	struct message in;
};

/* What the supervisor must see to in time, so what is watched. */
#define KEEPER_WATCHED 4
extern const int keeper_watched[KEEPER_WATCHED];

/* A line on descriptor 2, with the words for errno. */
void keeper_log(const char *what);
/* Sets a timerfd to run out once, in ms. */
void keeper_arm(int timer, int64_t ms);
/* epoll_ctl with the descriptor as its own data. */
void keeper_watch(struct keeper *keeper, int op, int fd, uint32_t events);

/* keeper_job.c: starts the job, and learns of its fate. */
void keeper_spawn_job(struct keeper *keeper, uint32_t attempt);
void keeper_on_report(struct keeper *keeper);
void keeper_job_ended(struct keeper *keeper, int status,
    const struct rusage *used);

/* keeper_supervisor.c: starts the supervisor, tells and hears it, replaces
 * one that died or gives no sign of life. */
void keeper_start_supervisor(struct keeper *keeper);
void keeper_supervisor_ended(struct keeper *keeper, int status);
void keeper_tell(struct keeper *keeper);
/*
 * Forks and executes the supervisor with the family's descriptors; its
 * channel is keeper->peer then, and what it must know of the job is in it.
 * Its pid, or -1 with errno.
 */
pid_t keeper_supervisor_spawn(struct keeper *keeper);
void keeper_on_peer(struct keeper *keeper);
void keeper_on_work(struct keeper *keeper, int fd, uint32_t events);
void keeper_on_watchdog(struct keeper *keeper);

#endif
