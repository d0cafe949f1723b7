/*
 * pins.h - readers that are behind keep the segments that they still need.
 *
 * A reader holds a shared open-file-description lock on the bytes of the
 * file "pins" whose positions are the numbers of the segments from its own
 * on. The kernel lets go of it with the reader. Retention asks before it
 * removes a segment; what it may do about it is its own policy.
 */
#ifndef JOBS_CORE_PINS_H
#define JOBS_CORE_PINS_H

#include <stdbool.h>
#include <stdint.h>

#define PINS_FILE "pins"

/* Opens the file of a job directory, for readers; -1: errno, and then the
 * reader goes on without (an old job, a read-only disk). */
int pins_open(int dir);
/* Makes it, for the one who asks. -1: errno. */
int pins_create(int dir);
/* From now on segments from `sequence` on are needed, and no older ones. */
void pins_set(int fd, uint64_t sequence);
/* True when some reader needs this segment. */
bool pins_hold(int fd, uint64_t sequence);

#endif
