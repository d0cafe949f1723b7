/*
 * logs_range.c - from "the last 20 lines of stderr since 10m" to offsets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "logread.h"
#include "logs.h"

#define RANGE_BLOCK 65536

/* Lines of the wanted streams from `from` up to `end`; an unfinished last
 * one counts. 0, or -1 with errno. */
static int
range_count(const struct logs *logs, struct logread *reader, uint64_t from,
    uint64_t end, unsigned long *lines)
{
	char bytes[RANGE_BLOCK];
	bool open = false;

	*lines = 0;
	while (from < end) {
		struct segment_chunk chunk;
		ssize_t n = logread_get(reader, from, bytes, sizeof(bytes),
		    &chunk);

		if (n == -1)
			return -1;
		if (n == 0)
			break;
		from = chunk.offset + (uint64_t)n;
		if (!logs->streams[chunk.stream])
			continue;
		open = bytes[n - 1] != '\n';
		for (const char *p = bytes;
		     (p = memchr(p, '\n', (size_t)(bytes + n - p))) != NULL;
		     p++)
			(*lines)++;
	}
	*lines += open;
	return 0;
}

/*
 * The tail of one stream: looks back ever further, until there are more of
 * its lines than wanted, so that the first one is whole and can be skipped
 * to; or until the begin.
 */
static int
range_tail_of_stream(const struct logs *logs, struct logread *reader,
    struct logs_range *range)
{
	uint64_t end = logread_end(reader);

	for (unsigned long back = logs->lines + 1;; back *= 4) {
		unsigned long have;

		if (logread_find_tail(reader, back, &range->from) == -1 ||
		    range_count(logs, reader, range->from, end, &have) == -1)
			return -1;
		if (have > logs->lines ||
		    range->from <= logread_begin(reader)) {
			range->skip = have > logs->lines ? have - logs->lines
							 : 0;
			return 0;
		}
	}
}

static int
range_tail(const struct logs *logs, struct logread *reader,
    struct logs_range *range)
{
	if (logs->lines == 0) {
		range->from = logread_end(reader);
		return 0;
	}
	if (logs->streams[STREAM_STDOUT] && logs->streams[STREAM_STDERR])
		return logread_find_tail(reader, logs->lines, &range->from);
	return range_tail_of_stream(logs, reader, range);
}

static int
range_find(const struct logs *logs, struct logread *reader,
    struct logs_range *range)
{
	uint64_t since;

	if (logs->tail && range_tail(logs, reader, range) == -1)
		return -1;
	if (logs->since_us != 0) {
		if (logread_find_time(reader, logs->since_us, &since) == -1)
			return -1;
		if (since > range->from) {
			range->from = since;
			range->skip = 0;
		}
	}
	if (!logs->follow)
		range->end = logread_end(reader);
	return 0;
}

int
logs_range(const struct logs *logs, struct logs_range *range, struct why *why)
{
	struct logread *reader = logread_open(logs->ref.dir, why);
	int result;

	if (reader == NULL)
		return -1;
	*range = (struct logs_range){ .end = UINT64_MAX };
	result = range_find(logs, reader, range);
	if (result == -1)
		why_set(why, "cannot read the log: %s",
		    segment_strerror(errno));
	logread_close(reader);
	return result;
}
