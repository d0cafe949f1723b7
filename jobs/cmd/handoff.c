/*
 * handoff.c - see handoff.h.
 */
#include "handoff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd.h"
#include "io.h"
#include "programs.h"

void
handoff_add(struct handoff *handoff, const char *text)
{
	if (handoff->argc < HANDOFF_ARGS_MAX)
		handoff->argv[handoff->argc++] = text;
}

int
handoff_add_fd(struct handoff *handoff, const char *name, int fd)
{
	char *number = handoff->numbers[handoff->number_count++];

	snprintf(number, sizeof(handoff->numbers[0]), "%d", fd);
	handoff_add(handoff, name);
	handoff_add(handoff, number);
	return io_cloexec(fd, false);
}

int
handoff_policy_fd(const struct policy *policy)
{
	char *text = policy_to_json(policy);
	int fd = memfd_create("policy", MFD_CLOEXEC);

	if (text == NULL || fd == -1 ||
	    io_write_all(fd, text, strlen(text)) == -1) {
		if (fd != -1)
			close(fd);
		fd = -1;
	}
	free(text);
	return fd;
}

int
handoff_exec(struct handoff *handoff)
{
	const char *name = handoff->argv[0];
	int fd = programs_open(name);

	handoff->argv[handoff->argc] = NULL;
	if (fd != -1) {
		execveat(fd, "", (char *const *)handoff->argv, environ,
		    AT_EMPTY_PATH);
		close(fd);
	}
	return cmd_error(CMD_FAILED, "cannot start %s: %s", name,
	    strerror(errno));
}
