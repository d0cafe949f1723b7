/*
 * home.c - see home.h.
 */
#include "home.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

/* What a person can do about it. */
static const struct {
	int error;
	const char *cure;
} home_cures[] = {
	{ ENOSPC,
	    "make room there (jobwatch prune removes old jobs), or set "
	    "JOBWATCH_HOME to a directory on another disk" },
	{ EDQUOT,
	    "your quota there is used up: make room (jobwatch prune "
	    "removes old jobs), or set JOBWATCH_HOME to a directory on "
	    "another disk" },
	{ EROFS, "set JOBWATCH_HOME to a directory that can be written" },
	{ EACCES, "set JOBWATCH_HOME to a directory that you may write to" },
};

int
home_why(struct why *why, const char *format, ...)
{
	int saved = errno;
	struct why what;
	va_list args;
	size_t used;

	va_start(args, format);
	vsnprintf(what.text, sizeof(what.text), format, args);
	va_end(args);
	errno = saved;
	why_errno(why, "%.250s", what.text);
	used = strlen(why->text);
	for (size_t i = 0; i < sizeof(home_cures) / sizeof(home_cures[0]); i++)
		if (home_cures[i].error == saved)
			snprintf(why->text + used, sizeof(why->text) - used,
			    ": %s", home_cures[i].cure);
	errno = saved;
	return -1;
}

static char *
home_join(const char *left, const char *right)
{
	char *path;

	return asprintf(&path, "%s%s", left, right) == -1 ? NULL : path;
}

static char *
home_absolute(const char *path)
{
	char cwd[PATH_MAX];
	char *out;

	if (path[0] == '/')
		return strdup(path);
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return NULL;
	return asprintf(&out, "%s/%s", cwd, path) == -1 ? NULL : out;
}

/* What ~ stands for; NULL: nobody knows. Cron jobs, units and containers
 * often start without HOME. */
static const char *
home_of_user(void)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (home != NULL && home[0] == '/')
		return home;
	entry = getpwuid(geteuid());
	return entry != NULL && entry->pw_dir != NULL && entry->pw_dir[0] == '/'
	    ? entry->pw_dir
	    : NULL;
}

char *
home_path(struct why *why)
{
	const char *own = getenv("JOBWATCH_HOME");
	const char *state = getenv("XDG_STATE_HOME");
	const char *user;
	char *path;

	if (own != NULL && own[0] != '\0') {
		path = home_absolute(own);
	} else if (state != NULL && state[0] == '/') {
		path = home_join(state, "/jobwatch");
	} else if ((user = home_of_user()) != NULL) {
		path = home_join(user, "/.local/state/jobwatch");
	} else {
		why_set(why,
		    "cannot find a home for jobs: HOME is not set, and you "
		    "have no entry in passwd: set JOBWATCH_HOME to a "
		    "directory");
		return NULL;
	}
	if (path == NULL)
		why_errno(why, "cannot name the home");
	return path;
}

int
home_open(struct why *why)
{
	static const char *const parts[] = { "jobs", "counters", "running" };
	char *path = home_path(why);
	int fd = -1;

	if (path == NULL)
		return -1;
	if (io_mkdirs(path) == -1 ||
	    (fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		home_why(why, "cannot open the home %s", path);
		goto out;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (mkdirat(fd, parts[i], 0700) == -1 && errno != EEXIST) {
			home_why(why, "cannot make %s/%s", path, parts[i]);
			close(fd);
			fd = -1;
			goto out;
		}
out:
	free(path);
	return fd;
}
