/*
 * logread_line.c - whether a stream is within a line; see logread.h.
 */
#include <errno.h>

#include "logread_state.h"

#define LOGREAD_PATIENCE 65536 /* records to look through: a few ms */

/* The last byte of the stream before the offset, in whichever segment. 1; 0:
 * there is none, or none near; -1: errno. */
static int
logread_find_last(struct logread *reader, uint64_t offset, enum stream stream,
    uint64_t *last)
{
	uint64_t patience = LOGREAD_PATIENCE;

	while (offset > 0 && patience > 0) {
		int64_t size;
		int found;

		if (logread_seek(reader, offset - 1) == -1)
			return errno == ENOENT ? 0 : -1;
		size = segment_size(&reader->segment);
		if (size == -1)
			return -1;
		if (offset <= reader->segment.base ||
		    offset > reader->segment.base + (uint64_t)size)
			return 0; /* what was before it is gone */
		found = segment_find_last(&reader->segment, offset, stream,
		    &patience, last);
		if (found != 0)
			return found;
		offset = reader->segment.base;
		patience -= patience > 0; /* a segment may have no records */
	}
	return 0;
}

int
logread_in_line(struct logread *reader, uint64_t offset, enum stream stream)
{
	uint64_t last;
	char byte;
	int found = logread_find_last(reader, offset, stream, &last);

	if (found != 1)
		return found;
	switch (segment_read(&reader->segment, last, &byte, 1)) {
	case 1:
		return byte != '\n';
	case 0:
		return 0;
	default: /* nobody knows, and who reads on will say so */
		return errno == EBADMSG ? 0 : -1;
	}
}
