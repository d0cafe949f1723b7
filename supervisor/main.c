/*
 * main.c - the supervisor: set up, loop, leave.
 *
 * Started by the keeper with the family's descriptors at their numbers, or
 * by `jobwatch recover` when keeper and job are gone. All it needs to know
 * is in the job directory; all it holds was held by its predecessor.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "family.h"
#include "io.h"
#include "jobdir.h"
#include "log.h"
#include "supervisor.h"

#define LEAVE_MS 5000 /* for the last writes */

/* The family's marks go last, when all it wrote is on the disk. */
static void
supervisor_leave(struct supervisor *supervisor)
{
	struct flock unlock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };
	char path[JOB_ID_MAX + 32];

	classify_release(&supervisor->classify);
	notice_release(&supervisor->notice);
	log_divert(NULL, NULL);
	writer_free(supervisor->writer, LEAVE_MS);
	if (supervisor->exit_code != FAMILY_EXIT_DONE)
		return;
	snprintf(path, sizeof(path), "../../running/%s",
	    supervisor->identity.id);
	if (!supervisor->life.owing)
		unlinkat(FAMILY_FD_DIR, path, 0);
	unlinkat(FAMILY_FD_DIR, "control", 0);
	fcntl(FAMILY_FD_LOCK, F_OFD_SETLK, &unlock);
	server_settled(&supervisor->server);
}

static void
supervisor_run(struct supervisor *supervisor)
{
	if (supervisor->recover) {
		child_start(&supervisor->classify.child);
		life_recover(&supervisor->life);
	} else /* the keeper learns that the start is over */
		message_send(FAMILY_FD_PEER, MESSAGE_PONG, NULL, 0, NULL, 0,
		    NULL, 0);
	log_divert(writer_log, supervisor->writer);
	while (!supervisor->finished)
		if (event_base_loop(supervisor->base, EVLOOP_ONCE) == -1)
			return;
	supervisor_leave(supervisor);
}

/* Helpers get what child_type says and nothing else. */
static void
supervisor_own_descriptors(void)
{
	for (int fd = FAMILY_FD_DIR; fd < FAMILY_FD_COUNT; fd++)
		io_cloexec(fd, true); /* EBADF: not handed to us */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit is an error like a full disk */
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	umask(077);
}

int
main(int argc, char **argv)
{
	static struct supervisor supervisor;
	struct why why;

	log_init("jobwatch-supervisor");
	if (argc < 2 || fcntl(FAMILY_FD_DIR, F_GETFD) == -1) {
		fputs("jobwatch-supervisor is started by jobwatch run\n",
		    stderr);
		return 2;
	}
	supervisor.recover = argc > 2 &&
	    strcmp(argv[2], FAMILY_ARG_RECOVER) == 0;
	supervisor_own_descriptors();
	if (supervisor_init(&supervisor, &why) == -1) {
		log_warn("%s", why.text);
		return FAMILY_EXIT_FAILED;
	}
	supervisor_run(&supervisor);
	return supervisor.exit_code;
}
