/*
 * world.h - what a history of the store is compared with.
 *
 * A history is a row of lives: processes that each take up the writer of one
 * job directory, do some things with it, and die. The world lies in memory
 * that they share with the process that starts them, which holds the pipes as
 * a keeper would. All that is random comes from its dice, so that a seed and
 * a number make the same history again.
 */
#ifndef TESTS_FAULT_PROPERTY_WORLD_H
#define TESTS_FAULT_PROPERTY_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "severity.h"
#include "writer.h"

#define SAID_MAX (3u << 20) /* bytes of a stream in one history */
#define STAMPS_MAX 4096
#define DROPS_MAX 8192
#define TOLD_MAX 1024
#define WORDS_MAX 16384

/* Of a stream, said at one moment: the bytes from the stamp before on. */
struct stamp {
	size_t end;
	int64_t us;
};

/* Bytes that the disk did not take, and where in the log they would be. */
struct drop {
	uint64_t at;
	uint64_t count;
	enum stream stream;
};

struct range {
	uint64_t begin, end;
};

struct world {
	struct board board;
	struct writer_rules rules;
	uint64_t dice;
	int64_t now_us; /* the history's own clock */
	unsigned life;
	unsigned looks;
	bool short_of_room; /* old segments, then new bytes, may have gone */
	bool vague;   /* a promise could not be taken back: if its writer dies,
		       * later bytes have its time */
	bool unnoted; /* a loss could not be: a crash may leave it unnamed */
	char said[STREAM_COUNT][SAID_MAX];
	size_t said_count[STREAM_COUNT];
	struct stamp stamps[STREAM_COUNT][STAMPS_MAX];
	unsigned stamp_count[STREAM_COUNT];
	struct drop drops[DROPS_MAX];
	unsigned drop_count;
	struct range told[TOLD_MAX]; /* as log.loss does */
	unsigned told_count;
	uint64_t lost_until;   /* the end of what was told */
	char words[WORDS_MAX]; /* what was done */
	size_t word_count;
	char wrong[1024]; /* "": nothing is */
	char path[64];	  /* of the job directory */
	char archive[80];
	int dir;
	int reads[STREAM_COUNT]; /* of the staging pipes */
	int writes[STREAM_COUNT];
};

/* Makes the world of history `number`, in a new folder of `place`. */
struct world *world_new(const char *place, uint64_t seed, uint64_t number);
/* Removes the folder, unless it is to be looked at. */
void world_free(struct world *world, bool keep);

/* 0 to sides - 1. */
uint64_t world_roll(struct world *world, uint64_t sides);
bool world_chance(struct world *world, unsigned percent);
/* Notes what is done, for a report. */
void world_note(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Ends this life: the history has failed. */
void world_fail(struct world *world, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
/* Bytes that lie in a staging pipe. */
size_t world_staged(const struct world *world, enum stream stream);
/* n more bytes are said, and in staging; as many of them as there was room
 * for are the result. */
size_t world_say(struct world *world, enum stream stream, size_t n);

#endif
