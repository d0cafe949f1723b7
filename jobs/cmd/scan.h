/*
 * scan.h - from the bytes of the output to the lines that were asked for.
 *
 * Passes over what need not be looked at line by line: most of a log, when a
 * word in it is searched for.
 */
#ifndef JOBS_CMD_SCAN_H
#define JOBS_CMD_SCAN_H

#include "lines.h"
#include "logs.h"
#include "selection.h"

/* Who takes the lines. */
struct scan_taker {
	/* A line of a wanted stream; selected: it was asked for. */
	void (*line)(const struct line *line, const struct alert *alert,
	    bool selected, void *arg);
	/* Lines were passed over, none of them asked for nor one of the
	 * `before` lines before one that is. */
	void (*gap)(void *arg);
	/* True: the next line is wanted, whatever it is. */
	bool (*hungry)(void *arg);
	unsigned long before;
	void *arg;
};

struct scan {
	const struct logs *logs; /* borrowed, as the next */
	const struct selection *selection;
	struct scan_taker taker;
	struct lines *lines;	/* owned */
	uint64_t from;		/* lines that begin before are dropped */
	uint64_t next;		/* where bytes are to follow; 0: anywhere */
	bool cut[STREAM_COUNT]; /* a piece was dropped, and so is the next */
	bool costly; /* the pattern was, at this line: nothing more */
	uint64_t costly_at;
};

/* 0, or -1: out of memory. */
int scan_init(struct scan *scan, const struct logs *logs,
    const struct selection *selection, const struct scan_taker *taker);
void scan_release(struct scan *scan);
/* What comes next is the range's first byte. */
void scan_start(struct scan *scan, const struct logs_range *range);
/* Bytes of one stream, as logread_get describes them. */
void scan_feed(struct scan *scan, const struct segment_chunk *chunk,
    const char *bytes, size_t n);
/* No more will come: what has no newline is a line, too. */
void scan_flush(struct scan *scan);

#endif
