/*
 * assembly.c - see assembly.h.
 */
#include "assembly.h"

#include <stdlib.h>
#include <string.h>

int
assembly_init(struct assembly *assembly)
{
	memset(assembly, 0, sizeof(*assembly));
	for (int i = 0; i < STREAM_COUNT; i++) {
		assembly->streams[i].bytes = calloc(1, LINE_KEPT_MAX);
		if (assembly->streams[i].bytes == NULL)
			return -1;
	}
	return 0;
}

void
assembly_release(struct assembly *assembly)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		free(assembly->streams[i].bytes);
	memset(assembly, 0, sizeof(*assembly));
}

/* Makes room in a full buffer by dropping what a '\r' overwrote. */
static void
assembly_fold(struct assembly_stream *stream)
{
	char *last = memrchr(stream->bytes, '\r', stream->kept);

	if (last == NULL) {
		stream->full = true;
		return;
	}
	stream->kept -= (size_t)(last + 1 - stream->bytes);
	memmove(stream->bytes, last + 1, stream->kept);
}

static void
assembly_append(struct assembly_stream *stream, const char *bytes, size_t n)
{
	stream->length += n;
	while (n > 0 && !stream->full) {
		size_t room = LINE_KEPT_MAX - stream->kept;

		if (room == 0) {
			assembly_fold(stream);
			continue;
		}
		if (room > n)
			room = n;
		memcpy(stream->bytes + stream->kept, bytes, room);
		stream->kept += room;
		bytes += room;
		n -= room;
	}
}

static void
assembly_begin(struct assembly_stream *stream, uint64_t offset)
{
	stream->open = true;
	stream->full = false;
	stream->offset = offset;
	stream->length = 0;
	stream->kept = 0;
}

/* Lends the stream's line out and closes it; the bytes stay until then. */
static int
assembly_end(struct assembly_stream *stream, enum stream name,
    struct line *line)
{
	*line = (struct line){
		.offset = stream->offset,
		.length = stream->length,
		.stream = name,
		.bytes = stream->bytes,
		.kept = stream->kept,
	};
	stream->open = false;
	return 1;
}

static void
run_advance(struct run *run, size_t n)
{
	run->bytes += n;
	run->offset += n;
	run->length -= n;
}

int
assembly_next(struct assembly *assembly, struct run *run, struct line *line)
{
	struct assembly_stream *stream = &assembly->streams[run->stream];
	const char *end = memchr(run->bytes, '\n', run->length);
	size_t n = end == NULL ? run->length : (size_t)(end - run->bytes);

	if (run->length == 0)
		return 0;
	if (!stream->open && end != NULL && n <= LINE_KEPT_MAX) {
		*line = (struct line){ run->offset, n, run->stream, run->bytes,
			n };
		run_advance(run, n + 1);
		return 1;
	}
	if (!stream->open)
		assembly_begin(stream, run->offset);
	assembly_append(stream, run->bytes, n);
	run_advance(run, end == NULL ? n : n + 1);
	return end == NULL ? 0 : assembly_end(stream, run->stream, line);
}

int
assembly_flush(struct assembly *assembly, struct line *line)
{
	struct assembly_stream *first = NULL;

	for (int i = 0; i < STREAM_COUNT; i++) {
		struct assembly_stream *stream = &assembly->streams[i];

		if (stream->open &&
		    (first == NULL || stream->offset < first->offset))
			first = stream;
	}
	if (first == NULL)
		return 0;
	return assembly_end(first, (enum stream)(first - assembly->streams),
	    line);
}

bool
assembly_open(const struct assembly *assembly)
{
	return assembly->streams[STREAM_STDOUT].open ||
	    assembly->streams[STREAM_STDERR].open;
}
