/*
 * pager.c - see pager.h.
 */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spawn.h"

#define PAGER_WORDS 32
#define PAGER_COMMAND 1024
#define PAGER_BLANKS " \t\n"
/* A command with any of these is the shell's to understand. */
#define PAGER_SHELL "|&;<>()$`\\\"'*?[#~=%"
#define PAGER_NOT_FOUND 127 /* says the shell */

/* The command, or NULL: none is wanted. */
static const char *
pager_command(void)
{
	const char *command = getenv("JOBWATCH_PAGER");

	if (command == NULL)
		command = getenv("PAGER");
	if (command == NULL)
		command = "less";
	if (command[strspn(command, PAGER_BLANKS)] == '\0' ||
	    strcmp(command, "cat") == 0)
		return NULL;
	return command;
}

/* The command as arguments, in words or for the shell. 0, or -1: too long. */
static int
pager_words(const char *command, char *room, const char **argv)
{
	size_t count = 0;

	if (strlen(command) >= PAGER_COMMAND)
		return -1;
	strcpy(room, command);
	if (strpbrk(command, PAGER_SHELL) != NULL) {
		argv[0] = "sh";
		argv[1] = "-c";
		argv[2] = room;
		argv[3] = NULL;
		return 0;
	}
	for (char *next = room, *word;
	     (word = strsep(&next, PAGER_BLANKS)) != NULL;)
		if (*word != '\0' && count < PAGER_WORDS - 1)
			argv[count++] = word;
	argv[count] = NULL;
	return 0;
}

/* Its input leads there. 0, or -1. */
static int
pager_spawn(struct pager *pager, int in)
{
	const char *argv[PAGER_WORDS], *command = pager_command();
	char room[PAGER_COMMAND];
	const struct spawn spawn = { argv, NULL, in, -1 };

	if (command == NULL || pager_words(command, room, argv) == -1)
		return -1;
	/* Quit when it fits the screen, colours, no second screen. */
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	return spawn_start(&spawn, &pager->pid);
}

static int
pager_lead(int fd, int to)
{
	int was = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (was != -1 && dup2(to, fd) == -1) {
		close(was);
		was = -1;
	}
	return was;
}

static void
pager_lead_back(int fd, int was)
{
	if (was == -1)
		return;
	dup2(was, fd);
	close(was);
}

bool
pager_start(struct pager *pager)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return false;
	*pager = (struct pager){ .out = -1, .err = -1 };
	if (pager_spawn(pager, fds[0]) == 0) {
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
		pager->out = pager_lead(STDOUT_FILENO, fds[1]);
		if (isatty(STDERR_FILENO))
			pager->err = pager_lead(STDERR_FILENO, fds[1]);
	}
	close(fds[0]);
	close(fds[1]);
	return pager->out != -1;
}

/* What it has not taken when it left is not for the terminal either. */
static void
pager_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return;
	__fpurge(stdout);
	clearerr(stdout);
}

bool
pager_end(struct pager *pager)
{
	int code;

	pager_flush();
	pager_lead_back(STDOUT_FILENO, pager->out);
	pager_lead_back(STDERR_FILENO, pager->err);
	code = spawn_wait(pager->pid);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	return code != PAGER_NOT_FOUND;
}
