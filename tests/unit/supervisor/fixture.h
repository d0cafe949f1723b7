/*
 * fixture.h - a job directory and the family's pipes, for tests.
 */
#ifndef TESTS_UNIT_SUPERVISOR_FIXTURE_H
#define TESTS_UNIT_SUPERVISOR_FIXTURE_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "family.h"
#include "io.h"
#include "logread.h"
#include "segment.h"

/* Pipes stand for staging, as the keeper would hold them. */
struct fixture {
	char path[40];
	int dir;
	int reads[STREAM_COUNT];
	int writes[STREAM_COUNT];
};

/* Moves a descriptor out of the way of the family's fixed numbers. */
static inline int
fixture_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FAMILY_FD_COUNT);

	if (high == -1)
		abort();
	close(fd);
	return high;
}

static inline void
fixture_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) == -1)
		abort();
	ends[0] = fixture_high(ends[0]);
	ends[1] = fixture_high(ends[1]);
}

static inline void
fixture_init(struct fixture *fixture)
{
	strcpy(fixture->path, "/tmp/jobwatch-unit-XXXXXX");
	if (mkdtemp(fixture->path) == NULL)
		abort();
	fixture->dir = fixture_high(
	    open(fixture->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (int i = 0; i < STREAM_COUNT; i++) {
		int ends[2];

		fixture_pipe(ends);
		fixture->reads[i] = ends[0];
		fixture->writes[i] = ends[1];
	}
}

static inline void
fixture_release(struct fixture *fixture)
{
	char command[64];

	for (int i = 0; i < STREAM_COUNT; i++) {
		close(fixture->reads[i]);
		close(fixture->writes[i]);
	}
	close(fixture->dir);
	snprintf(command, sizeof(command), "rm -rf '%s'", fixture->path);
	if (system(command) != 0)
		abort();
}

static inline void
fixture_put(int fd, const char *text)
{
	if (io_write_all(fd, text, strlen(text)) == -1)
		abort();
}

/* Puts text into a staging pipe, as capture does by splice. */
static inline void
fixture_stage(struct fixture *fixture, enum stream stream, const char *text)
{
	fixture_put(fixture->writes[stream], text);
}

/* A file of the directory as text; "" when it is not there. */
static inline const char *
fixture_file(const struct fixture *fixture, const char *name)
{
	static char text[1 << 21];
	int fd = openat(fixture->dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? 0 : io_read_full(fd, text, sizeof(text) - 1);

	if (n == -1)
		abort();
	if (fd != -1)
		close(fd);
	text[n] = '\0';
	return text;
}

/* All output across all segments, as a reader finds it. */
static inline const char *
fixture_output(const struct fixture *fixture)
{
	static char text[1 << 21];
	struct why why;
	struct logread *reader = logread_open(fixture->dir, &why);
	struct segment_chunk chunk;
	uint64_t offset = 0;
	ssize_t n;

	if (reader == NULL)
		abort();
	while ((n = logread_get(reader, offset, text + offset,
		    sizeof(text) - 1 - offset, &chunk)) > 0)
		offset += (uint64_t)n;
	logread_close(reader);
	if (n == -1)
		abort();
	text[offset] = '\0';
	return text;
}

/* One for a test program: the tests that need it are rows of FIXTURE_TEST,
 * each of which has it new. */
static struct fixture fixture;

static inline int
fixture_setup(void **state)
{
	(void)state;
	fixture_init(&fixture);
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	(void)state;
	fixture_release(&fixture);
	return 0;
}

#define FIXTURE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
