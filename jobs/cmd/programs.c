/*
 * programs.c - see programs.h.
 */
#include "programs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const program_folders[] = { "", "../libexec/jobwatch/" };

char *
programs_path(const char *name)
{
	char self[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n == -1)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	slash[1] = '\0';
	for (size_t i = 0; i < 2; i++) {
		if (asprintf(&path, "%s%s%s", self, program_folders[i], name) ==
		    -1)
			return NULL;
		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	errno = ENOENT;
	return NULL;
}

int
programs_open(const char *name)
{
	char *path = programs_path(name);
	int fd, saved;

	if (path == NULL)
		return -1;
	fd = open(path, O_PATH | O_CLOEXEC);
	saved = errno;
	free(path);
	errno = saved;
	return fd;
}
