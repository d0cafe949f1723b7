/*
 * keyboard.h - what is typed at our terminal reaches the job's.
 *
 * While the keys are the job's, our terminal is raw: Ctrl-C is a character
 * like any other, and the job's own terminal makes of it what the job wants.
 * Ctrl-P Ctrl-Q is kept back: it detaches, as docker has it. Where our input
 * is no terminal nobody types, and a job that asks is told so: end of input,
 * each time.
 */
#ifndef JOBS_CMD_KEYBOARD_H
#define JOBS_CMD_KEYBOARD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define KEYBOARD_BYTES 1024

/* The two keys that detach; one that is not followed by the other is passed
 * on with what follows it. */
enum keyboard_held { HELD_NONE, HELD_FIRST, HELD_DETACH, HELD_STATES };
enum keyboard_key { KEY_FIRST, KEY_SECOND, KEY_OTHER, KEY_KINDS };
extern const enum keyboard_held keyboard_next[HELD_STATES][KEY_KINDS];

struct keyboard {
	int master; /* of the job's terminal, borrowed; -1: it has none */
	bool keys;  /* descriptor 0 is a terminal, and its keys are the job's */
	bool raw;   /* and its mode is ours */
	int watched; /* epoll that wakes when the job has read; -1: none */
	enum keyboard_held held;
	size_t have; /* bytes that the job's terminal had no room for */
	char bytes[KEYBOARD_BYTES + 1];
	struct termios cooked; /* our terminal's mode as we found it */
};

/*
 * Takes our terminal for the job; master -1: does nothing, here and below.
 * With `ends`, a job whose keyboard we are not is told that its input is over.
 */
void keyboard_start(struct keyboard *keyboard, int master, bool ends);
/* Our terminal is as it was. May be called at any time, more than once. */
void keyboard_stop(struct keyboard *keyboard);
/* SIGTSTP: gives the terminal back and stops this process; it goes on here. */
void keyboard_pause(struct keyboard *keyboard);
/* SIGCONT: somebody else may have set the terminal meanwhile. */
void keyboard_resume(struct keyboard *keyboard);
/* What to poll for; a descriptor of -1 means: nothing. */
void keyboard_poll(const struct keyboard *keyboard, struct pollfd p[2]);
/* What poll has found is done. False: the keys that detach were typed. */
bool keyboard_step(struct keyboard *keyboard, const struct pollfd p[2]);
/*
 * Splits what was typed: out gets what is to be passed on, n + 1 bytes at
 * most. Its length; *held is HELD_DETACH when the rest is not the job's.
 */
size_t keyboard_filter(enum keyboard_held *held, const char *in, size_t n,
    char *out);

#endif
