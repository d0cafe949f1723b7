/*
 * attempt.h - system calls that a confined process may try: each gives the
 * raw call's result, -1 with errno.
 */
#ifndef TESTS_UNIT_CORE_ATTEMPT_H
#define TESTS_UNIT_CORE_ATTEMPT_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static int storing_fd; /* the test's: of an empty file */

static inline long
try_open(void)
{
	return syscall(SYS_open, "/dev/null", O_RDWR);
}

static inline long
try_openat(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
}

static inline long
try_openat_write(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CREAT, 0);
}

static inline long
try_openat2(void)
{
	return syscall(SYS_openat2, AT_FDCWD, "/dev/null", NULL, 0);
}

static inline long
try_creat(void)
{
	return syscall(SYS_creat, "/tmp/confine-must-not-be", 0600);
}

static inline long
try_socket(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static inline long
try_connect(void)
{
	return syscall(SYS_connect, 0, NULL, 0);
}

static inline long
try_execve(void)
{
	char *argv[] = { (char *)"true", NULL };

	return syscall(SYS_execve, "/bin/true", argv, NULL);
}

static inline long
try_execveat(void)
{
	char *argv[] = { (char *)"true", NULL };

	return syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0);
}

static inline long
try_fork(void)
{
	return syscall(SYS_fork);
}

static inline long
try_vfork(void)
{
	return syscall(SYS_vfork);
}

static inline long
try_clone_process(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static inline long
try_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0);
}

static inline long
try_ptrace(void)
{
	return syscall(SYS_ptrace, 0, 0, NULL, NULL);
}

static inline long
try_vm_readv(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static inline long
try_vm_writev(void)
{
	return syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0);
}

static inline long
try_kill(void)
{
	return syscall(SYS_kill, getpid(), 0);
}

static inline long
try_tgkill_other(void)
{
	return syscall(SYS_tgkill, getpid() - 1, getpid() - 1, 0);
}

static inline long
try_tgkill_self(void)
{
	return syscall(SYS_tgkill, getpid(), gettid(), 0);
}

static inline long
try_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static inline long
try_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static inline long
try_mount(void)
{
	return syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL);
}

static inline long
try_unshare(void)
{
	return syscall(SYS_unshare, CLONE_NEWUSER);
}

static inline long
try_perf(void)
{
	return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0);
}

static inline long
try_unlink(void)
{
	return syscall(SYS_unlinkat, AT_FDCWD, "/nowhere/at/all", 0);
}

static inline long
try_socketpair(void)
{
	int ends[2];

	return syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends);
}

static inline long
try_own_signals(void)
{
	return fcntl(0, F_SETOWN, getppid());
}

static inline long
try_map(int protection)
{
	void *at = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);

	return at == MAP_FAILED ? -1 : 0;
}

static inline long
try_map_plain(void)
{
	return try_map(PROT_READ | PROT_WRITE);
}

static inline long
try_map_exec(void)
{
	return try_map(PROT_READ | PROT_EXEC);
}

static inline long
try_protect_exec(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

/* What a classifier does all day. */
static inline long
try_work(void)
{
	struct timespec moment = { 0, 1000 };
	struct stat st;
	char *text = malloc(1 << 20);
	long bad;

	memset(text, 'x', 1 << 20);
	bad = fstat(1, &st) | fcntl(1, F_GETFL) >> 30 |
	    clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL) |
	    (write(1, text, 0) != 0);
	free(text);
	return bad == 0 ? 0 : -1;
}

/* What a compressor does all day, to a file that was opened before. */
static inline long
try_storing(void)
{
	char *text = malloc(1 << 20);
	long bad = pwrite(storing_fd, "x", 1, 5) != 1 || fsync(storing_fd);

	free(text);
	return bad == 0 && lseek(storing_fd, 0, SEEK_END) == 6 ? 0 : -1;
}

static inline long
try_cut(void)
{
	return syscall(SYS_ftruncate, storing_fd, 0);
}

static inline long
try_wait(void)
{
	return syscall(SYS_poll, NULL, 0, 0);
}

static inline void *
thread_run(void *arg)
{
	return arg;
}

static inline long
try_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, thread_run, NULL);

	if (error == 0)
		error = pthread_join(thread, NULL);
	errno = error;
	return error == 0 ? 0 : -1;
}

static inline long
try_dumpable(void)
{
	return prctl(PR_GET_DUMPABLE) == SANITIZED ? 0 : -1;
}

#endif
