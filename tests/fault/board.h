/*
 * board.h - what a test and the shim (shim.c) tell each other: which call is
 * to fail, and how many there were. A file that both map, or plain memory.
 * board.py knows the layout, too.
 */
#ifndef TESTS_FAULT_BOARD_H
#define TESTS_FAULT_BOARD_H

#include <stdint.h>

#define BOARD_RULES 4
#define BOARD_TRACES 8192
#define BOARD_NAME 48

/* Calls that concern files; a pipe or a socket is nobody's disk. */
enum board_kind {
	CALL_OPEN,   /* of a file that is there */
	CALL_CREATE, /* of one that is not: a new one needs room */
	CALL_READ,   /* read, pread */
	CALL_WRITE,
	CALL_PWRITE,
	CALL_SPLICE, /* into a file */
	CALL_MOVE,   /* splice from pipe to pipe: not the disk, but a step */
	CALL_RENAME,
	CALL_UNLINK,
	CALL_SYNC, /* fsync, fdatasync */
	CALL_MKDIR,
	CALL_TRUNCATE,
	CALL_STEP, /* any of those that change something */
	CALL_ROOM, /* any of those that need room on the disk: a pwrite over
		    * what is there needs none */
	CALL_COUNT
};

enum board_action {
	ACTION_NONE,
	ACTION_FAIL,	    /* with `error`, nothing done */
	ACTION_TEAR,	    /* half of it is done, the next call fails */
	ACTION_KILL_BEFORE, /* SIGKILL for the process that makes the call */
	ACTION_KILL_AFTER,
};

struct board_rule {
	uint32_t kind;
	uint32_t action;
	uint64_t at; /* the number of the call, from 1 */
	int32_t error;
	uint32_t lasting; /* from that call on, until the board is lifted */
	uint32_t fired;	  /* how often */
	uint32_t reserved;
};

struct board_trace {
	uint32_t kind;
	int32_t error; /* as injected; -1: killed */
	uint32_t pid;
	uint32_t reserved;
	char name[BOARD_NAME]; /* of the file, where it is known */
};

struct board {
	uint64_t calls[CALL_COUNT]; /* so far, of all processes */
	uint32_t lifted;
	uint32_t traced;
	struct board_rule rules[BOARD_RULES];
	struct board_trace traces[BOARD_TRACES]; /* the first ones */
};

/* Of a program that has the shim linked in. NULL: no call is looked at. */
void shim_use(struct board *board);

#endif
