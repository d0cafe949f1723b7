/*
 * spawn.c - see spawn.h.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

/* An error number, as all of posix_spawn's. */
static int
spawn_redirect(posix_spawn_file_actions_t *actions, const struct spawn *spawn)
{
	int error = 0;

	if (spawn->in != -1)
		error = posix_spawn_file_actions_adddup2(actions, spawn->in,
		    STDIN_FILENO);
	if (error != 0 || spawn->out == -1)
		return error;
	error = posix_spawn_file_actions_adddup2(actions, spawn->out,
	    STDOUT_FILENO);
	if (error != 0)
		return error;
	return posix_spawn_file_actions_addopen(actions, STDERR_FILENO,
	    "/dev/null", O_WRONLY, 0);
}

int
spawn_start(const struct spawn *spawn, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error == 0) {
		error = spawn_redirect(&actions, spawn);
		if (error == 0)
			error = posix_spawnp(pid, spawn->argv[0], &actions,
			    NULL, (char *const *)spawn->argv,
			    spawn->env != NULL ? (char *const *)spawn->env
					       : environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	errno = error;
	return error == 0 ? 0 : -1;
}

int
spawn_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* All that comes until the end of input, into max bytes. Bytes, or -1: it is
 * more, or takes longer. */
static ssize_t
spawn_read(int fd, int ms, char *out, size_t max)
{
	int64_t deadline = clock_mono_us() + ms * INT64_C(1000);
	size_t have = 0;

	while (have < max) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = (deadline - clock_mono_us() + 999) / 1000;
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return -1;
		n = read(fd, out + have, max - have);
		if (n == 0)
			return (ssize_t)have;
		if (n > 0)
			have += (size_t)n;
		else if (errno != EINTR)
			return -1;
	}
	return -1;
}

int
spawn_ask(const struct spawn *asked, int ms, char *out, size_t max)
{
	struct spawn spawn = *asked;
	int fds[2] = { -1, -1 }, result = -1, code;
	pid_t pid;
	ssize_t n;

	spawn.in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (spawn.in == -1 || pipe2(fds, O_CLOEXEC) == -1)
		goto out;
	spawn.out = fds[1];
	if (spawn_start(&spawn, &pid) == -1)
		goto out;
	close(fds[1]);
	fds[1] = -1;
	n = spawn_read(fds[0], ms, out, max);
	if (n == -1)
		kill(pid, SIGKILL);
	else
		out[n] = '\0';
	code = spawn_wait(pid);
	result = code == -1 ? -1 : n == -1 || code != 0;
out:
	for (int i = 0; i < 2; i++)
		if (fds[i] != -1)
			close(fds[i]);
	if (spawn.in != -1)
		close(spawn.in);
	return result;
}
