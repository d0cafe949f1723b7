/*
 * strays.c - see strays.h.
 *
 * The child works on the stack with system calls alone, for it is forked
 * from a process with threads. It reads /proc/PID/stat only: that never
 * waits for another process's memory, as cmdline does.
 */
#include "strays.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "supervisor.h"

#define LOOK_MAX 16384 /* processes that one look takes in */
#define LOOK_DEPTH 64  /* generations between a process and the job */
#define LOOK_ROUNDS 20 /* of KILL, while there are new ones */
#define PATIENCE_MS 1000

struct look_process {
	int32_t pid, parent, group, session;
	char name[20];
};

struct look {
	pid_t job, keeper, supervisor;
	bool must_kill;
	unsigned count, told_count;
	struct look_process processes[LOOK_MAX];
	int32_t told[LOOK_MAX];
};

/* "12 (some name) S 1 12 12 …", proc_pid_stat(5). */
static bool
look_parse(const char *line, struct look_process *process)
{
	const char *open = strchr(line, '('), *close = strrchr(line, ')');
	char *p;
	size_t n;

	if (open == NULL || close == NULL || close[1] == '\0' ||
	    close[2] == 'Z')
		return false;
	n = (size_t)(close - open - 1);
	if (n >= sizeof(process->name))
		n = sizeof(process->name) - 1;
	memcpy(process->name, open + 1, n);
	process->name[n] = '\0';
	process->pid = (int32_t)strtol(line, NULL, 10);
	process->parent = (int32_t)strtol(close + 4, &p, 10);
	process->group = (int32_t)strtol(p, &p, 10);
	process->session = (int32_t)strtol(p, &p, 10);
	return true;
}

static void
look_at(struct look *look, int proc, const char *pid)
{
	char path[300], line[512];
	ssize_t n;
	int fd;

	stpcpy(stpcpy(path, pid), "/stat");
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0 || look->count == LOOK_MAX)
		return;
	line[n] = '\0';
	if (look_parse(line, &look->processes[look->count]))
		look->count++;
}

/* One buffer of directory entries, as getdents64(2) lays them out. */
static void
look_entries(struct look *look, int proc, const char *buf, long n)
{
	for (long at = 0; at < n;) {
		const struct dirent64 *entry = (const void *)(buf + at);

		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_at(look, proc, entry->d_name);
		at += entry->d_reclen;
	}
}

static void
look_around(struct look *look)
{
	_Alignas(8) char buf[16384];
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long n;

	if (proc == -1)
		return;
	while ((n = getdents64(proc, buf, sizeof(buf))) > 0)
		look_entries(look, proc, buf, n);
	close(proc);
}

static const struct look_process *
look_find(const struct look *look, pid_t pid)
{
	for (unsigned i = 0; i < look->count; i++)
		if (look->processes[i].pid == pid)
			return &look->processes[i];
	return NULL;
}

/* A family that the job has started is a job of its own, with its own
 * stop. */
static bool
look_is_keeper(const struct look_process *process)
{
	return strcmp(process->name, "jobwatch-keeper") == 0;
}

/* Up the line of parents: to the job, or to the keeper (which adopts its
 * orphans) without passing the supervisor or another keeper. */
static bool
look_is_ours(const struct look *look, const struct look_process *process)
{
	if (process->pid == look->keeper || process->pid == look->supervisor)
		return false;
	for (int depth = 0; process != NULL && depth < LOOK_DEPTH; depth++) {
		if (process->session == look->job ||
		    process->group == look->job || process->pid == look->job)
			return true;
		if (process->parent == look->supervisor ||
		    look_is_keeper(process))
			return false;
		if (process->parent == look->keeper && look->keeper > 1)
			return true;
		process = look_find(look, process->parent);
	}
	return false;
}

/* False for one that was told before: it is on its way out. */
static bool
look_is_new(struct look *look, pid_t pid)
{
	for (unsigned i = 0; i < look->told_count; i++)
		if (look->told[i] == pid)
			return false;
	if (look->told_count < LOOK_MAX)
		look->told[look->told_count++] = pid;
	return true;
}

/* Tells each process found through fd, once. True when some were new. */
static bool
look_round(struct look *look, int fd)
{
	bool some = false;

	look->count = 0;
	look_around(look);
	for (unsigned i = 0; i < look->count; i++) {
		const struct look_process *process = &look->processes[i];
		struct stray stray = { .pid = process->pid };

		if (!look_is_ours(look, process) || process->pid == getpid() ||
		    !look_is_new(look, process->pid))
			continue;
		some = true;
		memcpy(stray.name, process->name, sizeof(stray.name));
		if (look->must_kill)
			kill(process->pid, SIGKILL);
		io_write_all(fd, &stray, sizeof(stray));
	}
	return some;
}

/* Never returns. Who forks while we look has a child that we have not seen:
 * with the parents dead, the next round finds it. */
static void
look_run(struct look *look, int fd)
{
	for (int round = 0; round < LOOK_ROUNDS; round++)
		if (!look_round(look, fd) || !look->must_kill)
			break;
	_exit(0);
}

static void
strays_done(struct strays *strays)
{
	pid_t again = strays->again;
	bool kills = strays->again_kills;

	event_free(strays->readable);
	strays->readable = NULL;
	evtimer_del(strays->patience);
	close(strays->fd);
	strays->fd = -1;
	if (again > 0) {
		strays->again = 0;
		strays->again_kills = false;
		strays_look(strays, again, kills);
	}
	life_step(&strays->supervisor->life);
}

static void
strays_readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct strays *strays = arg;
	struct stray stray;
	ssize_t n = read(fd, &stray, sizeof(stray));

	(void)what;
	if (n == -1 && io_again(errno))
		return;
	if (n != sizeof(stray)) {
		strays_done(strays);
		return;
	}
	stray.name[sizeof(stray.name) - 1] = '\0';
	if (strays->count < STRAYS_MAX)
		strays->found[strays->count] = stray;
	strays->count++;
}

static void
strays_patience_cb(evutil_socket_t fd, short what, void *arg)
{
	struct strays *strays = arg;

	(void)fd;
	(void)what;
	log_warn("the look for processes left behind hangs; it is given up");
	kill(strays->pid, SIGKILL);
	strays_done(strays);
}

static int
strays_listen(struct strays *strays, int fd)
{
	const struct timeval patience = { PATIENCE_MS / 1000,
		PATIENCE_MS % 1000 * 1000 };

	io_nonblock(fd, true);
	strays->fd = fd;
	strays->count = 0;
	strays->readable = event_new(strays->supervisor->base, fd,
	    EV_READ | EV_PERSIST, strays_readable_cb, strays);
	if (strays->readable == NULL)
		return -1;
	evtimer_add(strays->patience, &patience);
	return event_add(strays->readable, NULL);
}

/* The keeper adopts what the job leaves behind: when it has no child but us,
 * nothing was left, and a look at every process of the machine is saved. */
static bool
strays_may_be(pid_t keeper, pid_t self)
{
	char path[64], us[32];
	char *children;
	bool none;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", keeper,
	    keeper);
	snprintf(us, sizeof(us), "%d ", self);
	children = io_load(AT_FDCWD, path, 4096, NULL);
	none = children != NULL && strcmp(children, us) == 0;
	free(children);
	return !none;
}

void
strays_look(struct strays *strays, pid_t job, bool must_kill)
{
	static struct look look; /* the child's: pages that we never touch */
	pid_t keeper = strays->supervisor->life.keeper_gone ? 0 : getppid();
	pid_t self = getpid();
	int ends[2];

	if (job <= 0)
		return;
	if (strays->fd != -1) { /* what this one misses, the next finds */
		strays->again = job;
		strays->again_kills = strays->again_kills || must_kill;
		return;
	}
	strays->count = 0;
	if (keeper > 0 && !strays_may_be(keeper, self))
		return;
	if (pipe2(ends, O_CLOEXEC) == -1)
		return;
	strays->pid = fork();
	if (strays->pid == 0) {
		look.job = job;
		look.keeper = keeper;
		look.supervisor = self;
		look.must_kill = must_kill;
		look_run(&look, ends[1]);
	}
	close(ends[1]);
	if (strays->pid == -1 || strays_listen(strays, ends[0]) == -1) {
		log_warn("cannot look for processes left behind: %s",
		    strerror(errno));
		close(ends[0]);
		strays->fd = -1;
	}
}

bool
strays_are_busy(const struct strays *strays)
{
	return strays->fd != -1;
}

void
strays_write(const struct strays *strays, struct jsonw *w, const char *key)
{
	char text[48];

	if (strays->count == 0)
		return;
	jsonw_open(w, key, '[');
	for (unsigned i = 0; i < strays->count && i < STRAYS_MAX; i++) {
		snprintf(text, sizeof(text), "%s (%d)", strays->found[i].name,
		    strays->found[i].pid);
		jsonw_str(w, NULL, text);
	}
	jsonw_close(w, ']');
}

int
strays_init(struct strays *strays, struct supervisor *supervisor,
    struct why *why)
{
	strays->supervisor = supervisor;
	strays->fd = -1;
	strays->patience = evtimer_new(supervisor->base, strays_patience_cb,
	    strays);
	return strays->patience == NULL
	    ? why_errno(why, "cannot prepare to look for strays")
	    : 0;
}

void
strays_release(struct strays *strays)
{
	if (strays->readable != NULL)
		event_free(strays->readable);
	if (strays->patience != NULL)
		event_free(strays->patience);
}
