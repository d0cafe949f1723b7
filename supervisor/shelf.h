/*
 * shelf.h - the closed segments of a job directory, oldest first, and which
 * of them retention may take.
 *
 * A closed segment is a log and its index, "NAME" and "NAME.idx"; NAME is
 * output-STAMP-SEQ.log, with .zst or .gz behind it once it is compressed.
 * Used by the writer's thread alone.
 */
#ifndef SUPERVISOR_SHELF_H
#define SUPERVISOR_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#define SHELF_MAX 4096 /* the oldest; more wait until these are gone */
#define SHELF_NAME 64

struct shelf_segment {
	uint64_t sequence;
	int64_t bytes;	   /* on the disk, index included */
	int64_t closed_us; /* real time: its last byte came */
	bool compressed;
	char name[SHELF_NAME];
};

struct shelf {
	unsigned count;
	int64_t bytes; /* of all */
	struct shelf_segment segments[SHELF_MAX];
};

/* What may stay; 0 (time: negative) means no such limit. */
struct shelf_limits {
	unsigned keep;	     /* closed segments */
	int64_t total_size;  /* bytes on the disk, active segment included */
	int64_t max_age_us;  /* since a segment was closed; -1: none */
	int64_t active_size; /* bytes of the active one */
};

/*
 * Reads the directory, and removes what a crash has left half done: the
 * uncompressed twin of a compressed segment, a log whose index is removed
 * already. `active` is the number of the segment that is written to, whatever
 * its name says. 0, or -1 with errno.
 */
int shelf_read(struct shelf *shelf, int dir, uint64_t active);
/* True when the limits want the oldest segment gone. */
bool shelf_is_over(const struct shelf *shelf, const struct shelf_limits *limits,
    int64_t now_us);
/* The oldest is on this list no more. */
void shelf_forget_first(struct shelf *shelf);
/* Removes the oldest. 0, or -1 with errno. */
int shelf_remove_first(struct shelf *shelf, int dir);
/* Offset behind the last byte of the oldest, as the next one's index says, or
 * `active` when it is the last closed one. 0, or -1 with errno. */
int shelf_first_end(const struct shelf *shelf, int dir, uint64_t active,
    uint64_t *end);
/* The first one that is not compressed, of all but the newest `spared`; NULL:
 * none. */
const struct shelf_segment *shelf_to_compress(const struct shelf *shelf,
    unsigned spared);
/* The first one with a number above sequence; NULL: none. */
const struct shelf_segment *shelf_after(const struct shelf *shelf,
    uint64_t sequence);
/* Puts the new files of a compressed segment in place, old ones away: each
 * step may be the last before a crash. One that retention has taken meanwhile
 * stays away. 0, or -1 with errno: call again. */
int shelf_replace(int dir, const char *name, const char *fresh,
    const char *suffix);
/* Removes new files that are not to be put in place. 0, or -1 with errno. */
int shelf_discard(int dir, const char *fresh);

#endif
