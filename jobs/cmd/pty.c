/*
 * pty.c - see pty.h.
 */
#include "pty.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "io.h"

#define PTY_COLUMNS 80
#define PTY_LINES 24
#define PTY_SIDE_MAX 32767 /* what wider ones do to programs, nobody tested */

static unsigned short
pty_side(const char *text, unsigned short usual)
{
	char *end;
	unsigned long n;

	if (text == NULL || !isdigit((unsigned char)text[0]))
		return usual;
	n = strtoul(text, &end, 10);
	return *end == '\0' && n > 0 && n <= PTY_SIDE_MAX ? (unsigned short)n
							  : usual;
}

struct winsize
pty_default_size(const char *columns, const char *lines)
{
	return (struct winsize){ .ws_col = pty_side(columns, PTY_COLUMNS),
		.ws_row = pty_side(lines, PTY_LINES) };
}

/* Of the terminal on which the output is seen, or else one that we have. One
 * that says 0x0 does not know. */
static bool
pty_own_size(struct winsize *size)
{
	static const int fds[] = { STDOUT_FILENO, STDIN_FILENO, STDERR_FILENO };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (ioctl(fds[i], TIOCGWINSZ, size) == 0 && size->ws_col > 0 &&
		    size->ws_row > 0)
			return true;
	return false;
}

void
pty_follow_size(int master)
{
	struct winsize size;

	if (pty_own_size(&size))
		ioctl(master, TIOCSWINSZ, &size);
}

int
pty_open(struct why *why)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct winsize size;

	if (master == -1)
		return why_errno(why, "cannot make a terminal for the job");
	if (!pty_own_size(&size))
		size = pty_default_size(getenv("COLUMNS"), getenv("LINES"));
	if (grantpt(master) == 0 && unlockpt(master) == 0 &&
	    ioctl(master, TIOCSWINSZ, &size) == 0 &&
	    io_nonblock(master, true) == 0)
		return master;
	why_errno(why, "cannot make a terminal for the job");
	close(master);
	return -1;
}
