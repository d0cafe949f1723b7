/*
 * jobdir.c - see jobdir.h.
 */
#include "jobdir.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "home.h"
#include "io.h"

#define JOB_JSON_MAX (4 << 20) /* an argv can be 2 MiB, escaped it is more */
#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* --- names and ids ------------------------------------------------------ */

static bool
job_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '_' || c == '-';
}

bool
job_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > JOB_NAME_MAX || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!job_name_char(name[i]))
			return false;
	return true;
}

void
job_name_from(const char *text, char name[JOB_NAME_MAX + 1])
{
	size_t n = 0;

	while (*text != '\0' && !isalnum((unsigned char)*text))
		text++;
	for (; *text != '\0' && n < JOB_NAME_MAX; text++)
		name[n++] = job_name_char(*text) ? *text : '-';
	name[n] = '\0';
	if (n == 0)
		snprintf(name, JOB_NAME_MAX + 1, "job");
}

/* The N of "NAME-N" when id is a job of that name, else 0. */
static unsigned long
job_number(const char *id, const char *name)
{
	size_t n = strlen(name);
	char *end;
	unsigned long number;

	if (strncmp(id, name, n) != 0 || id[n] != '-' ||
	    !isdigit((unsigned char)id[n + 1]))
		return 0;
	number = strtoul(id + n + 1, &end, 10);
	return *end == '\0' ? number : 0;
}

/* --- directories -------------------------------------------------------- */

/* One more than the counter file says; the file says so from now on. Its
 * lock makes the step atomic, its existence makes numbers last beyond rm. */
static int
counter_next(int home, const char *name, unsigned long *number)
{
	char path[16 + JOB_NAME_MAX], text[32] = "";
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd, n, result = -1;

	snprintf(path, sizeof(path), "counters/%s", name);
	fd = openat(home, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	while ((n = fcntl(fd, F_OFD_SETLKW, &lock)) == -1 && errno == EINTR)
		;
	if (n == -1 || io_pread_full(fd, text, sizeof(text) - 1, 0) == -1)
		goto out;
	*number = strtoul(text, NULL, 10) + 1;
	n = snprintf(text, sizeof(text), "%lu\n", *number);
	result = io_pwrite_all(fd, text, (size_t)n, 0);
out:
	close(fd);
	return result;
}

int
jobdir_create(int home, const char *name, char id[JOB_ID_MAX], struct why *why)
{
	char path[JOB_ID_MAX + 8];
	unsigned long number;
	int fd;

	do {
		if (counter_next(home, name, &number) == -1)
			return home_why(why, "cannot number a job %s", name);
		snprintf(id, JOB_ID_MAX, "%s-%lu", name, number);
		snprintf(path, sizeof(path), "jobs/%s", id);
		fd = mkdirat(home, path, 0700);
	} while (fd == -1 && errno == EEXIST); /* a lost counter: count past */
	if (fd == 0)
		fd = jobdir_open(home, id);
	if (fd == -1)
		home_why(why, "cannot make the directory of job %s", id);
	return fd;
}

int
jobdir_open(int home, const char *id)
{
	char path[JOB_ID_MAX + 8];

	if (strlen(id) >= JOB_ID_MAX || strchr(id, '/') != NULL ||
	    id[0] == '.' || id[0] == '\0') {
		errno = ENOENT;
		return -1;
	}
	snprintf(path, sizeof(path), "jobs/%s", id);
	return openat(home, path, OPEN_DIR);
}

struct newest {
	const char *name;
	unsigned long number;
};

static int
newest_visit(const char *id, void *arg)
{
	struct newest *newest = arg;
	unsigned long number = job_number(id, newest->name);

	if (number > newest->number)
		newest->number = number;
	return 0;
}

int
jobdir_find(int home, const char *job, char id[JOB_ID_MAX], struct why *why)
{
	struct newest newest = { .name = job };
	int fd = jobdir_open(home, job);

	snprintf(id, JOB_ID_MAX, "%s", job);
	if (fd != -1 || errno != ENOENT)
		goto out;
	if (job_name_ok(job) &&
	    jobdir_each(home, false, newest_visit, &newest) == 0 &&
	    newest.number > 0) {
		snprintf(id, JOB_ID_MAX, "%s-%lu", job, newest.number);
		fd = jobdir_open(home, id);
	} else {
		errno = ENOENT;
	}
out:
	if (fd == -1 && errno == ENOENT) {
		why_set(why, "no such job: %.80s (jobwatch ps -a lists them)",
		    job);
		errno = ENOENT;
	} else if (fd == -1) {
		why_errno(why, "cannot open job %.80s", job);
	}
	return fd;
}

int
jobdir_each(int home, bool running_only,
    int (*visit)(const char *id, void *arg), void *arg)
{
	int fd = openat(home, running_only ? "running" : "jobs", OPEN_DIR);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' &&
		    strlen(entry->d_name) < JOB_ID_MAX)
			result = visit(entry->d_name, arg);
	closedir(dir);
	return result;
}

/* Everything in a directory, which may hold directories of one more level
 * and so on; symbolic links are removed, never followed. */
static int
remove_inside(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL) {
		close(fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		int child;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), name, 0) == 0)
			continue;
		child = openat(dirfd(dir), name, OPEN_DIR | O_NOFOLLOW);
		result = child == -1 ? -1 : remove_inside(child);
		if (result == 0)
			result = unlinkat(dirfd(dir), name, AT_REMOVEDIR);
	}
	closedir(dir);
	return result;
}

int
jobdir_remove(int home, const char *id)
{
	char path[JOB_ID_MAX + 8];
	int fd = jobdir_open(home, id);

	if (fd == -1 || remove_inside(fd) == -1)
		return -1;
	snprintf(path, sizeof(path), "jobs/%s", id);
	return unlinkat(home, path, AT_REMOVEDIR);
}

/* --- locks and marks ---------------------------------------------------- */

int
jobdir_alive(int dir)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = openat(dir, "lock", O_RDONLY | O_CLOEXEC);
	int result;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	result = fcntl(fd, F_OFD_GETLK, &lock);
	close(fd);
	if (result == -1)
		return -1;
	return lock.l_type == F_UNLCK ? 0 : 1;
}

int
jobdir_lock(int dir)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int saved;

	if (fd == -1 || fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return fd;
	saved = errno == EACCES ? EAGAIN : errno;
	close(fd);
	errno = saved;
	return -1;
}

int
jobdir_mark(int home, const char *id)
{
	char path[JOB_ID_MAX + 8];
	int fd;

	snprintf(path, sizeof(path), "running/%s", id);
	fd = openat(home, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

int
jobdir_unmark(int home, const char *id)
{
	char path[JOB_ID_MAX + 8];

	snprintf(path, sizeof(path), "running/%s", id);
	return unlinkat(home, path, 0);
}

/* --- what is written there ---------------------------------------------- */

json_t *
jobdir_identity(int dir, struct why *why)
{
	size_t len;
	char *text = io_load(dir, "job.json", JOB_JSON_MAX, &len);
	json_error_t error;
	json_t *identity;

	if (text == NULL) {
		why_errno(why, "cannot read job.json");
		return NULL;
	}
	identity = json_loadb(text, len, 0, &error);
	free(text);
	if (identity == NULL || !json_is_object(identity)) {
		json_decref(identity);
		why_set(why, "cannot read job.json: %s", error.text);
		return NULL;
	}
	return identity;
}

const char *
jobdir_boot_id(char out[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : io_read_full(fd, out, 36);

	out[n < 0 ? 0 : n] = '\0';
	if (fd != -1)
		close(fd);
	return out;
}
