/*
 * follow.c - see follow.h.
 */
#include "follow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "logread.h"
#include "notice.h"
#include "trouble.h"

#define FOLLOW_PIECE (1u << 20) /* signals are looked at after each */
#define FOLLOW_OWED_FIRST_MS 1
#define FOLLOW_OWED_LAST_MS 1000

struct follow {
	struct logread *reader;
	const char *id;
	int dir;      /* borrowed */
	bool watched; /* notice was asked for */
	int notice;   /* -1: none to be had, or not needed yet */
	int owed_ms;  /* pause before bytes that are on their way; 0: none */
	uint64_t at;
	uint64_t end;
	int64_t until_us;
	const struct outlet *outlet; /* that was written last */
	bool damaged;		     /* some of it was passed over */
};

struct follow *
follow_open(int dir, const char *id, uint64_t from, struct why *why)
{
	struct follow *follow = calloc(1, sizeof(*follow));

	if (follow == NULL) {
		why_errno(why, "cannot follow the log");
		return NULL;
	}
	follow->reader = logread_open(dir, why);
	if (follow->reader == NULL) {
		free(follow);
		return NULL;
	}
	logread_pin(follow->reader);
	logread_merge(follow->reader, SEGMENT_MERGE_STREAM);
	follow->id = id;
	follow->at = from;
	follow->end = UINT64_MAX;
	follow->until_us = INT64_MAX;
	follow->dir = dir;
	follow->notice = -1;
	return follow;
}

void
follow_close(struct follow *follow)
{
	if (follow == NULL)
		return;
	if (follow->notice != -1)
		close(follow->notice);
	logread_close(follow->reader);
	free(follow);
}

void
follow_mix(struct follow *follow)
{
	logread_merge(follow->reader, SEGMENT_MERGE_ALL);
}

uint64_t
follow_at(const struct follow *follow)
{
	return follow->at;
}

void
follow_seek(struct follow *follow, uint64_t offset)
{
	follow->at = offset;
}

void
follow_until(struct follow *follow, int64_t time_us)
{
	follow->until_us = time_us;
}

void
follow_to(struct follow *follow, uint64_t end)
{
	follow->end = end;
}

int
follow_fd(const struct follow *follow)
{
	return follow->notice;
}

int
follow_wait_ms(const struct follow *follow)
{
	if (follow->owed_ms > 0)
		return follow->owed_ms;
	return follow->watched && follow->notice == -1 ? NOTICE_BLIND_MS : -1;
}

bool
follow_damaged(const struct follow *follow)
{
	return follow->damaged;
}

int
follow_why(const struct follow *follow, struct why *why)
{
	return trouble_why(why, follow->dir, follow->reader, follow->at);
}

const struct outlet *
follow_outlet(const struct follow *follow)
{
	return follow->outlet;
}

/* --- where the next bytes are ------------------------------------------- */

static void
follow_skip(struct follow *follow, uint64_t to)
{
	if (to > follow->at)
		cmd_error(0,
		    "%s: %" PRIu64 " bytes of output from offset "
		    "%" PRIu64 " on are not kept any more",
		    follow->id, to - follow->at, follow->at);
	follow->at = to;
}

/* What is damaged is named and passed over. False, and errno is as it was:
 * that will not do. */
static bool
follow_pass_damage(struct follow *follow)
{
	struct logread_trouble trouble;
	char folder[PATH_MAX];
	int error = errno;

	if (!trouble_measure(follow->reader, follow->at, follow->end,
		&trouble)) {
		errno = error;
		return false;
	}
	cmd_error(0,
	    "%s: %" PRIu64 " bytes of output from offset %" PRIu64
	    " on cannot be read: %s is damaged at byte %" PRIu64 " (in %s)",
	    follow->id, trouble.end - follow->at, follow->at, trouble.file,
	    trouble.at, trouble_folder(follow->dir, folder));
	follow->damaged = true;
	follow->at = trouble.end;
	return true;
}

static int
follow_find(struct follow *follow, struct logread_place *place)
{
	struct segment_chunk *chunk = &place->chunk;
	int found;

	do
		found = logread_locate(follow->reader, follow->at, place);
	while (found == -1 && follow->at < follow->end &&
	    follow_pass_damage(follow));
	if (found != 1)
		return found;
	if (chunk->offset >= follow->end || chunk->time_us > follow->until_us)
		return 0;
	segment_chunk_until(chunk, follow->until_us);
	if (chunk->offset + chunk->length > follow->end)
		chunk->length = (uint32_t)(follow->end - chunk->offset);
	follow_skip(follow, chunk->offset);
	return 1;
}

/* Asks for notices only now that there may be something to wait for: to open
 * and close inotify takes the kernel up to 20 ms. */
static void
follow_watch(struct follow *follow)
{
	if (follow->watched)
		notice_drain(follow->notice);
	else if (follow->end == UINT64_MAX)
		follow->notice = notice_open(follow->dir);
	follow->watched = true;
}

/* The next chunk. Only when there is none are the notices thrown away, and
 * then it looks again, so that none is missed in between. */
static int
follow_locate(struct follow *follow, struct logread_place *place)
{
	int found = follow_find(follow, place);

	if (found == 0) {
		follow_watch(follow);
		found = follow_find(follow, place);
	}
	if (found != 0 || !logread_owed(follow->reader))
		follow->owed_ms = 0;
	else if (follow->owed_ms == 0)
		follow->owed_ms = FOLLOW_OWED_FIRST_MS;
	else if (follow->owed_ms < FOLLOW_OWED_LAST_MS)
		follow->owed_ms *= 2;
	return found;
}

/* --- taking them -------------------------------------------------------- */

static ssize_t
follow_pass(struct outlet *outlet, struct logread_place *place)
{
	if (place->fd == -1)
		return outlet_put(outlet, place->bytes, place->chunk.length);
	return outlet_send(outlet, place->fd, &place->at, place->chunk.length);
}

enum follow_result
follow_send(struct follow *follow, struct outlet *const outlets[STREAM_COUNT])
{
	struct logread_place place;
	struct outlet *outlet;
	ssize_t done;
	int found = follow_locate(follow, &place);

	if (found != 1)
		return found == 0 ? FOLLOW_IDLE : FOLLOW_FAILED;
	outlet = outlets[place.chunk.stream];
	if (outlet == NULL || outlet->closed) {
		follow->at += place.chunk.length;
		return FOLLOW_MORE;
	}
	if (place.chunk.length > FOLLOW_PIECE)
		place.chunk.length = FOLLOW_PIECE;
	done = follow_pass(outlet, &place);
	follow->outlet = outlet;
	if (done == 0)
		return FOLLOW_BLOCKED;
	if (done == -1)
		return FOLLOW_CLOSED;
	follow->at += (uint64_t)done;
	return FOLLOW_MORE;
}

ssize_t
follow_read(struct follow *follow, void *bytes, size_t n,
    struct segment_chunk *chunk)
{
	struct logread_place place;
	int found = follow_locate(follow, &place);
	ssize_t got;

	if (found != 1)
		return found;
	if (place.chunk.length > n)
		place.chunk.length = (uint32_t)n;
	*chunk = place.chunk;
	got = logread_copy(follow->reader, &place, bytes);
	if (got > 0)
		follow->at += (uint64_t)got;
	return got;
}
