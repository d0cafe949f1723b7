/*
 * pty.h - the pseudo-terminal of a job that wants one, and its size.
 */
#ifndef JOBS_CMD_PTY_H
#define JOBS_CMD_PTY_H

#include <sys/ioctl.h>

#include "why.h"

/* The master of a new terminal, as large as ours; non-blocking, close-on-exec.
 * -1: why. */
int pty_open(struct why *why);
/* Makes it as large as our terminal is now; without one it stays as it is. */
void pty_follow_size(int master);
/* What the variables COLUMNS and LINES say (NULL: nothing), else 80x24. */
struct winsize pty_default_size(const char *columns, const char *lines);

#endif
