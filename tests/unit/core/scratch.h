/*
 * scratch.h - directories and log segments for tests, under /tmp.
 */
#ifndef TESTS_UNIT_CORE_SCRATCH_H
#define TESTS_UNIT_CORE_SCRATCH_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "segment.h"

/* A new directory's name, to be freed after scratch_remove. */
static inline char *
scratch_new(void)
{
	char *path = strdup("/tmp/jobwatch-unit-XXXXXX");

	if (path == NULL || mkdtemp(path) == NULL)
		abort();
	return path;
}

static inline int
scratch_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		abort();
	return fd;
}

static inline void
scratch_remove(char *path)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	if (system(command) != 0)
		abort();
	free(path);
}

static inline void
scratch_append(int dir, const char *name, const void *bytes, size_t n)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	    0600);

	if (fd == -1 || io_write_all(fd, bytes, n) == -1)
		abort();
	close(fd);
}

/* The active segment of a log that is written by hand. */
struct scratch_log {
	int dir;
	uint64_t end;
	uint64_t sequence;
};

static inline void
scratch_segment(struct scratch_log *log)
{
	struct segment_header header = {
		.magic = SEGMENT_MAGIC,
		.base = log->end,
		.sequence = ++log->sequence,
	};

	scratch_append(log->dir, SEGMENT_INDEX, &header, sizeof(header));
	scratch_append(log->dir, SEGMENT_LOG, "", 0);
}

static inline void
scratch_record(struct scratch_log *log, enum stream stream, int64_t time_us,
    uint32_t length)
{
	struct segment_record record = {
		.offset = log->end,
		.time_us = time_us,
		.length = length,
		.stream = (uint8_t)stream,
	};

	scratch_append(log->dir, SEGMENT_INDEX, &record, sizeof(record));
}

static inline void
scratch_say(struct scratch_log *log, enum stream stream, int64_t time_us,
    const char *text)
{
	scratch_record(log, stream, time_us, (uint32_t)strlen(text));
	scratch_append(log->dir, SEGMENT_LOG, text, strlen(text));
	log->end += strlen(text);
}

/* Sets the active segment aside as `name` and begins the next. */
static inline void
scratch_rotate(struct scratch_log *log, const char *name)
{
	char index[80];

	snprintf(index, sizeof(index), "%s.idx", name);
	if (renameat(log->dir, SEGMENT_INDEX, log->dir, index) == -1 ||
	    renameat(log->dir, SEGMENT_LOG, log->dir, name) == -1)
		abort();
	scratch_segment(log);
}

#endif
