/*
 * follow.h - the job's output from an offset on, as it grows.
 *
 * Owns a log reader and an inotify descriptor on the job directory. Whoever
 * follows polls the descriptor, for as long as follow_wait_ms says, and then
 * takes what is there. An idle job wakes nobody.
 */
#ifndef JOBS_CMD_FOLLOW_H
#define JOBS_CMD_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "outlet.h"
#include "segment.h"
#include "why.h"

struct follow;

enum follow_result {
	FOLLOW_MORE,	/* call again */
	FOLLOW_IDLE,	/* nothing there now */
	FOLLOW_BLOCKED, /* poll follow_outlet for POLLOUT */
	FOLLOW_CLOSED,	/* follow_outlet just closed: errno; call again */
	FOLLOW_FAILED,	/* errno */
};

/* Borrows dir. `id` names the job in words about lost output, on stderr.
 * NULL: why. */
struct follow *follow_open(int dir, const char *id, uint64_t from,
    struct why *why);
void follow_close(struct follow *follow);

/* Offset of the next byte; and to go on elsewhere. */
uint64_t follow_at(const struct follow *follow);
void follow_seek(struct follow *follow, uint64_t offset);
/* What comes is not asked for its stream: pieces are larger then. */
void follow_mix(struct follow *follow);
/* Stop before bytes that arrived after time_us. */
void follow_until(struct follow *follow, int64_t time_us);
/* Stop at this offset, for which nobody waits: it is there. */
void follow_to(struct follow *follow, uint64_t end);

/* To poll for POLLIN, once there was nothing to take; -1: inotify has none to
 * give. */
int follow_fd(const struct follow *follow);
/* Milliseconds after which to look again without being woken; -1: never. */
int follow_wait_ms(const struct follow *follow);
/*
 * Sends a piece of output to outlets[stream]; a NULL or closed outlet takes
 * all and shows nothing.
 */
enum follow_result follow_send(struct follow *follow,
    struct outlet *const outlets[STREAM_COUNT]);
/* True when some output could not be read: it was passed over, and named on
 * stderr. */
bool follow_damaged(const struct follow *follow);
/* Why a step failed, by errno. Always -1. */
int follow_why(const struct follow *follow, struct why *why);
/* The outlet that was written to last. */
const struct outlet *follow_outlet(const struct follow *follow);
/* The same into memory: up to n bytes of one stream, described in chunk,
 * whose records are lent until the next call. Bytes read; 0: nothing there now;
 * -1: errno. */
ssize_t follow_read(struct follow *follow, void *bytes, size_t n,
    struct segment_chunk *chunk);

#endif
