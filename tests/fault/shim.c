/*
 * shim.c - lets a chosen system call of a chosen program fail, or be its last.
 *
 * Preloaded (LD_PRELOAD), with
 *
 *	FAULT_BOARD     the file of a struct board (board.h)
 *	FAULT_PROGRAMS  names of programs, as they are called: "a:b"
 *
 * In every other program, the job among them, the calls go through as they
 * are. Or linked into a test, which gives it a board by shim_use.
 *
 * Calls are counted over all processes that share the board. The functions
 * make their system calls themselves: nothing is to be looked up between a
 * fork and an exec.
 */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "board.h"

#define FDS 64 /* whose names are kept */

static struct board *board;
static char names[FDS][BOARD_NAME];

struct call {
	enum board_kind kind;
	uint64_t number; /* among its kind */
	uint64_t step;	 /* among all that change something; 0: it does not */
	uint64_t room;	 /* among all that need room */
	struct board_trace *trace;
	bool in_place; /* over bytes that the file has */
	bool half;
	bool dies;
};

/* --- names -------------------------------------------------------------- */

static void
name_fd(int fd, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (fd >= 0 && fd < FDS)
		snprintf(names[fd], BOARD_NAME, "%.40s",
		    slash == NULL ? path : slash + 1);
}

static const char *
name_of(int fd)
{
	return fd >= 0 && fd < FDS ? names[fd] : "";
}

/* What was open before: a confined program cannot ask later. */
static void
name_inherited(void)
{
	char link[32], path[4096];

	for (int fd = 0; fd < FDS; fd++) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof(path) - 1);
		if (n > 0) {
			path[n] = '\0';
			name_fd(fd, path);
		}
	}
}

static bool
is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	    (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static bool
has_bytes(int fd, off_t end)
{
	struct stat st;

	return board != NULL && fstat(fd, &st) == 0 && end <= st.st_size;
}

static bool
is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* --- what is to happen -------------------------------------------------- */

/* The whole process, from within any sandbox of ours. */
static void
die(struct call *call)
{
	if (call->trace != NULL)
		call->trace->error = -1;
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGKILL);
	_exit(137);
}

static uint64_t
count(enum board_kind kind)
{
	return __atomic_add_fetch(&board->calls[kind], 1, __ATOMIC_SEQ_CST);
}

static void
call_trace(struct call *call, const char *name)
{
	const char *slash = strrchr(name, '/');
	uint32_t at = __atomic_fetch_add(&board->traced, 1, __ATOMIC_SEQ_CST);

	if (at >= BOARD_TRACES)
		return;
	call->trace = &board->traces[at];
	call->trace->kind = call->kind;
	call->trace->pid = (uint32_t)getpid();
	snprintf(call->trace->name, BOARD_NAME, "%.40s",
	    slash == NULL ? name : slash + 1);
}

/* How far this call is beyond the one that the rule is for; -1: it is not
 * concerned. A pipe may be somebody's last one, but it does not fail. */
static int64_t
rule_reach(const struct board_rule *rule, const struct call *call)
{
	uint64_t number = 0;

	if (rule->kind == call->kind)
		number = call->number;
	else if (rule->kind == CALL_STEP)
		number = call->step;
	else if (rule->kind == CALL_ROOM)
		number = call->room;
	if (number < rule->at || rule->at == 0 ||
	    (call->kind == CALL_MOVE && rule->action < ACTION_KILL_BEFORE))
		return -1;
	return (int64_t)(number - rule->at);
}

/* 0: the call is made; else the errno of its failure. */
static int
rule_apply(struct board_rule *rule, struct call *call)
{
	int64_t reach = rule_reach(rule, call);
	bool lasts = rule->lasting &&
	    !__atomic_load_n(&board->lifted, __ATOMIC_SEQ_CST);
	int64_t last = rule->action == ACTION_TEAR ? 1 : 0;

	if (rule->action == ACTION_NONE || reach < 0 ||
	    (reach > last && !lasts))
		return 0;
	__atomic_add_fetch(&rule->fired, 1, __ATOMIC_SEQ_CST);
	if (rule->action == ACTION_KILL_BEFORE)
		die(call);
	call->dies = rule->action == ACTION_KILL_AFTER;
	call->half = rule->action == ACTION_TEAR && reach == 0;
	return call->dies || call->half ? 0 : rule->error;
}

static void
call_count(struct call *call)
{
	enum board_kind kind = call->kind;

	call->number = count(kind);
	if (kind != CALL_OPEN && kind != CALL_READ)
		call->step = count(CALL_STEP);
	if (kind == CALL_CREATE || kind == CALL_WRITE || kind == CALL_SPLICE ||
	    kind == CALL_MKDIR || (kind == CALL_PWRITE && !call->in_place))
		call->room = count(CALL_ROOM);
}

/* True when the call is to be made; else it has failed, with errno. */
static bool
call_begin(struct call *call, enum board_kind kind, const char *name)
{
	int error = 0;

	*call = (struct call){ .kind = kind, .in_place = call->in_place };
	if (board == NULL)
		return true;
	call_count(call);
	call_trace(call, name);
	for (int i = 0; i < BOARD_RULES && error == 0; i++)
		error = rule_apply(&board->rules[i], call);
	if (error != 0 && call->trace != NULL)
		call->trace->error = error;
	if (error != 0)
		errno = error;
	return error == 0;
}

static long
call_end(struct call *call, long result)
{
	if (call->dies)
		die(call);
	return result;
}

static size_t
call_length(const struct call *call, size_t n)
{
	return call->half && n > 1 ? n / 2 : n;
}

/* --- the calls ---------------------------------------------------------- */

int
openat64(int dir, const char *path, int flags, ...)
{
	enum board_kind kind = CALL_OPEN;
	struct call call = { 0 };
	mode_t mode = 0;
	va_list list;
	int fd;

	if ((flags & O_CREAT) != 0) {
		if (board != NULL && faccessat(dir, path, F_OK, 0) == -1)
			kind = CALL_CREATE;
		va_start(list, flags);
		mode = va_arg(list, mode_t);
		va_end(list);
	}
	if (!call_begin(&call, kind, path))
		return -1;
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (board != NULL)
		name_fd(fd, path);
	return (int)call_end(&call, fd);
}

ssize_t
read(int fd, void *bytes, size_t n)
{
	struct call call = { 0 };

	if (board != NULL && is_file(fd) &&
	    !call_begin(&call, CALL_READ, name_of(fd)))
		return -1;
	return call_end(&call, syscall(SYS_read, fd, bytes, n));
}

ssize_t
pread64(int fd, void *bytes, size_t n, off_t at)
{
	struct call call = { 0 };

	if (!call_begin(&call, CALL_READ, name_of(fd)))
		return -1;
	return call_end(&call, syscall(SYS_pread64, fd, bytes, n, at));
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	struct call call = { 0 };

	if (board != NULL && is_file(fd) &&
	    !call_begin(&call, CALL_WRITE, name_of(fd)))
		return -1;
	return call_end(&call,
	    syscall(SYS_write, fd, bytes, call_length(&call, n)));
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	struct call call = { .in_place = has_bytes(fd, at + (off_t)n) };

	if (!call_begin(&call, CALL_PWRITE, name_of(fd)))
		return -1;
	return call_end(&call,
	    syscall(SYS_pwrite64, fd, bytes, call_length(&call, n), at));
}

ssize_t
splice(int from, off_t *from_at, int to, off_t *to_at, size_t n, unsigned flags)
{
	struct call call = { 0 };
	bool counts = board != NULL && (is_file(to) || is_pipe(to));

	if (counts &&
	    !call_begin(&call, is_pipe(to) ? CALL_MOVE : CALL_SPLICE,
		name_of(to)))
		return -1;
	return call_end(&call,
	    syscall(SYS_splice, from, from_at, to, to_at, call_length(&call, n),
		flags));
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	struct call call = { 0 };

	if (!call_begin(&call, CALL_RENAME, to))
		return -1;
	return (int)call_end(&call,
	    syscall(SYS_renameat, from_dir, from, to_dir, to));
}

int
unlinkat(int dir, const char *path, int flags)
{
	struct call call = { 0 };

	if (!call_begin(&call, CALL_UNLINK, path))
		return -1;
	return (int)call_end(&call, syscall(SYS_unlinkat, dir, path, flags));
}

int
fsync(int fd)
{
	struct call call = { 0 };

	if (!call_begin(&call, CALL_SYNC, name_of(fd)))
		return -1;
	return (int)call_end(&call, syscall(SYS_fsync, fd));
}

int
fdatasync(int fd)
{
	struct call call = { 0 };

	if (!call_begin(&call, CALL_SYNC, name_of(fd)))
		return -1;
	return (int)call_end(&call, syscall(SYS_fdatasync, fd));
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	struct call call = { 0 };

	if (!call_begin(&call, CALL_MKDIR, path))
		return -1;
	return (int)call_end(&call, syscall(SYS_mkdirat, dir, path, mode));
}

int
ftruncate64(int fd, off_t length)
{
	struct call call = { 0 };

	if (!call_begin(&call, CALL_TRUNCATE, name_of(fd)))
		return -1;
	return (int)call_end(&call, syscall(SYS_ftruncate, fd, length));
}

/* --- who is concerned --------------------------------------------------- */

void
shim_use(struct board *use)
{
	board = use;
}

static bool
is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (list != NULL && *list != '\0') {
		if (strncmp(list, name, n) == 0 &&
		    (list[n] == ':' || list[n] == '\0'))
			return true;
		list = strchr(list, ':');
		list = list == NULL ? NULL : list + 1;
	}
	return false;
}

/* A board that cannot be mapped must not look like a test that passes. */
__attribute__((constructor)) static void
shim_init(void)
{
	const char *path = getenv("FAULT_BOARD");
	void *map;
	int fd;

	if (path == NULL ||
	    !is_listed(getenv("FAULT_PROGRAMS"), program_invocation_short_name))
		return;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd == -1) {
		perror("shim: cannot open the board");
		abort();
	}
	map = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (map == MAP_FAILED) {
		perror("shim: cannot map the board");
		abort();
	}
	close(fd);
	name_inherited();
	board = map;
}
