/*
 * lossbook.h - the last runs of lost output, noted where a full disk still
 * takes it.
 *
 * The file "losses" of a job directory is SLOTS records of fixed size, written
 * once while there is room and then only in place: begin and end of a run as
 * offsets in the job's whole output, errno, and a check (FNV-1a over what is
 * before it). Runs take the slots in turn; an empty or torn one is skipped.
 * What was told of is not struck out: log.loss events say how far that is.
 */
#ifndef SUPERVISOR_LOSSBOOK_H
#define SUPERVISOR_LOSSBOOK_H

#include <stdint.h>

#define LOSSBOOK_FILE "losses"
#define LOSSBOOK_SLOTS 16

struct lossbook_run {
	uint64_t begin, end;
	int32_t error;
	uint32_t reserved;
	uint64_t check;
};

struct lossbook {
	int fd; /* owned; -1: none */
	unsigned slot;
	struct lossbook_run runs[LOSSBOOK_SLOTS];
};

/* Opens or makes the file, and reads what is in it. 0, or -1 with errno: try
 * again when it is needed. */
int lossbook_open(struct lossbook *book, int dir);
void lossbook_close(struct lossbook *book);
/* A run has come to `end`, or begins, where `begin` is not that of the last
 * one. 0, or -1 with errno. */
int lossbook_note(struct lossbook *book, uint64_t begin, uint64_t end,
    int error);

#endif
