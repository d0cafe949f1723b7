/*
 * ground.h - a directory in which shell commands move files about.
 */
#ifndef TESTS_UNIT_FEEDER_GROUND_H
#define TESTS_UNIT_FEEDER_GROUND_H

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct ground {
	char path[64];
	char log[80]; /* path/log */
};

static inline void
ground_init(struct ground *ground)
{
	snprintf(ground->path, sizeof(ground->path), "%s",
	    "/tmp/jobwatch-unit-XXXXXX");
	if (mkdtemp(ground->path) == NULL)
		abort();
	snprintf(ground->log, sizeof(ground->log), "%s/log", ground->path);
}

/* Runs a shell script in it, which must succeed. */
static inline void
ground_do(const struct ground *ground, const char *script)
{
	char command[4096];

	snprintf(command, sizeof(command), "cd %s && { %s\n}", ground->path,
	    script);
	if (system(command) != 0) {
		fprintf(stderr, "cannot do: %s\n", script);
		abort();
	}
}

static inline void
ground_release(const struct ground *ground)
{
	ground_do(ground, "rm -rf \"$PWD\"");
}

#endif
