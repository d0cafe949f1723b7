/*
 * keyboard.c - see keyboard.h.
 */
#include "keyboard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "io.h"
#include "pty.h"

#define KEYBOARD_FIRST ('P' & 037) /* Ctrl-P, then Ctrl-Q */
#define KEYBOARD_SECOND ('Q' & 037)

const enum keyboard_held keyboard_next[HELD_STATES][KEY_KINDS] = {
	[HELD_NONE] = { [KEY_FIRST] = HELD_FIRST },
	[HELD_FIRST] = { [KEY_FIRST] = HELD_FIRST, [KEY_SECOND] = HELD_DETACH },
	[HELD_DETACH] = { HELD_DETACH, HELD_DETACH, HELD_DETACH },
};

static enum keyboard_key
keyboard_kind(char byte)
{
	return byte == KEYBOARD_FIRST ? KEY_FIRST
	    : byte == KEYBOARD_SECOND ? KEY_SECOND
				      : KEY_OTHER;
}

size_t
keyboard_filter(enum keyboard_held *held, const char *in, size_t n, char *out)
{
	size_t have = 0;

	for (size_t i = 0; i < n && *held != HELD_DETACH; i++) {
		enum keyboard_held next = keyboard_next[*held]
						       [keyboard_kind(in[i])];

		if (*held == HELD_FIRST && next != HELD_DETACH)
			out[have++] = KEYBOARD_FIRST;
		if (next == HELD_NONE)
			out[have++] = in[i];
		*held = next;
	}
	return have;
}

/* --- our terminal ------------------------------------------------------- */

/* In the background this stops us, as it does any program that wants the
 * terminal there, until the user brings us back. A read never waits: what
 * poll has seen may have been somebody else's by then. */
static void
keyboard_make_raw(struct keyboard *keyboard)
{
	struct termios mode = keyboard->cooked;

	cfmakeraw(&mode);
	mode.c_cc[VMIN] = 0;
	mode.c_cc[VTIME] = 0;
	keyboard->raw = tcsetattr(STDIN_FILENO, TCSANOW, &mode) == 0;
}

/* Also from the background, where it would stop us otherwise. */
static void
keyboard_restore(struct keyboard *keyboard)
{
	sigset_t stop, old;

	if (!keyboard->raw)
		return;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stop, &old);
	tcsetattr(STDIN_FILENO, TCSANOW, &keyboard->cooked);
	sigprocmask(SIG_SETMASK, &old, NULL);
	keyboard->raw = false;
}

/* --- nobody types ------------------------------------------------------- */

/* End of input, as the job's terminal understands it; while it passes on
 * single keys it knows of none. */
static void
keyboard_type_end(const struct keyboard *keyboard)
{
	struct termios mode;

	if (tcgetattr(keyboard->master, &mode) == 0 &&
	    (mode.c_lflag & ICANON) != 0 && mode.c_cc[VEOF] != _POSIX_VDISABLE)
		io_write_all(keyboard->master, &mode.c_cc[VEOF], 1);
}

/* A terminal tells its writers each time that something was read from it;
 * only an edge-triggered wait hears it, since there always is room. It hears
 * something at once, too, and that is the first end. */
static void
keyboard_watch_reads(struct keyboard *keyboard)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET };

	keyboard->watched = epoll_create1(EPOLL_CLOEXEC);
	if (keyboard->watched != -1)
		epoll_ctl(keyboard->watched, EPOLL_CTL_ADD, keyboard->master,
		    &event);
}

static void
keyboard_on_read(struct keyboard *keyboard)
{
	struct epoll_event event;

	if (epoll_wait(keyboard->watched, &event, 1, 0) != 1)
		return;
	if ((event.events & EPOLLHUP) == 0) {
		keyboard_type_end(keyboard);
		return;
	}
	close(keyboard->watched); /* nobody has the terminal any more */
	keyboard->watched = -1;
}

/* --- what is typed ------------------------------------------------------ */

static void
keyboard_pass(struct keyboard *keyboard)
{
	ssize_t n = write(keyboard->master, keyboard->bytes, keyboard->have);

	if (n == -1 && io_again(errno))
		return;
	if (n == -1) /* the job is gone, and what was meant for it */
		n = (ssize_t)keyboard->have;
	keyboard->have -= (size_t)n;
	memmove(keyboard->bytes, keyboard->bytes + n, keyboard->have);
}

static void
keyboard_take(struct keyboard *keyboard, short events)
{
	char typed[KEYBOARD_BYTES];
	ssize_t n = read(STDIN_FILENO, typed, sizeof(typed));

	if (n > 0)
		keyboard->have = keyboard_filter(&keyboard->held, typed,
		    (size_t)n, keyboard->bytes);
	else if ((events & POLLHUP) != 0 || (n == -1 && !io_again(errno)))
		keyboard->keys = false; /* our terminal is gone */
}

/* --- from outside ------------------------------------------------------- */

void
keyboard_start(struct keyboard *keyboard, int master, bool ends)
{
	*keyboard = (struct keyboard){ .master = master, .watched = -1 };
	if (master == -1)
		return;
	pty_follow_size(master);
	keyboard->keys = tcgetattr(STDIN_FILENO, &keyboard->cooked) == 0;
	if (keyboard->keys)
		keyboard_make_raw(keyboard);
	else if (ends)
		keyboard_watch_reads(keyboard);
}

void
keyboard_stop(struct keyboard *keyboard)
{
	keyboard_restore(keyboard);
	if (keyboard->master != -1 && keyboard->watched != -1)
		close(keyboard->watched);
	keyboard->master = keyboard->watched = -1;
	keyboard->keys = false;
	keyboard->have = 0;
}

void
keyboard_resume(struct keyboard *keyboard)
{
	if (keyboard->master == -1)
		return;
	if (keyboard->keys)
		keyboard_make_raw(keyboard);
	pty_follow_size(keyboard->master);
}

void
keyboard_pause(struct keyboard *keyboard)
{
	keyboard_restore(keyboard);
	kill(getpid(), SIGSTOP);
	keyboard_resume(keyboard);
}

void
keyboard_poll(const struct keyboard *keyboard, struct pollfd p[2])
{
	p[0] = (struct pollfd){ .fd = keyboard->watched, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = -1, .events = POLLOUT };
	if (keyboard->keys && keyboard->have == 0)
		p[0].fd = STDIN_FILENO;
	if (keyboard->have > 0)
		p[1].fd = keyboard->master;
}

bool
keyboard_step(struct keyboard *keyboard, const struct pollfd p[2])
{
	if (p[0].fd != -1 && p[0].revents != 0) {
		if (keyboard->keys)
			keyboard_take(keyboard, p[0].revents);
		else
			keyboard_on_read(keyboard);
	}
	if (keyboard->have > 0)
		keyboard_pass(keyboard);
	return keyboard->held != HELD_DETACH;
}
