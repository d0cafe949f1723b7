/*
 * test_confine.c - what each profile forbids, tried for true: a child enters
 * it, makes one call and tells by its end what became of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "attempt.h"
#include "confine.h"

#define DIES (-1) /* SIGSYS ends the process */

struct attempt {
	const char *name;
	enum confine_profile profile;
	int expected; /* DIES, 0 or an errno */
	long (*try)(void);
};

#define C CONFINE_CLASSIFIER
#define N CONFINE_NOTIFIER
#define Z CONFINE_COMPRESSOR

static const struct attempt attempts[] = {
#if !SANITIZED /* a report reads files; the leak check traces */
	{ "open", C, DIES, try_open },
	{ "openat", C, DIES, try_openat },
	{ "openat for writing", C, DIES, try_openat_write },
	{ "openat", Z, DIES, try_openat },
	{ "clone of a process", N, DIES, try_clone_process },
	{ "ptrace", N, DIES, try_ptrace },
#else
	{ "open for writing", C, EPERM, try_open },
	{ "openat for writing", C, EPERM, try_openat_write },
#endif
	{ "openat2", C, DIES, try_openat2 },
	{ "creat", C, DIES, try_creat },
	{ "socket", C, DIES, try_socket },
	{ "connect", C, DIES, try_connect },
	{ "execve", C, DIES, try_execve },
	{ "execveat", C, DIES, try_execveat },
	{ "fork", C, DIES, try_fork },
	{ "vfork", C, DIES, try_vfork },
	{ "clone", C, DIES, try_clone_process },
	{ "clone3", C, DIES, try_clone3 },
	{ "ptrace", C, DIES, try_ptrace },
	{ "process_vm_readv", C, DIES, try_vm_readv },
	{ "process_vm_writev", C, DIES, try_vm_writev },
	{ "kill", C, DIES, try_kill },
	{ "io_uring_setup", C, DIES, try_io_uring },
	{ "bpf", C, DIES, try_bpf },
	{ "tgkill of another", C, EPERM, try_tgkill_other },
	{ "tgkill of itself", C, 0, try_tgkill_self },
	{ "mount", C, EPERM, try_mount },
	{ "unlink", C, EPERM, try_unlink },
	{ "socketpair", C, EPERM, try_socketpair },
	{ "signals by fcntl", C, EPERM, try_own_signals },
	{ "plain memory", C, 0, try_map_plain },
	{ "executable memory", C, EPERM, try_map_exec },
	{ "memory made executable", C, EPERM, try_protect_exec },
	{ "its work", C, 0, try_work },
	{ "execve", N, DIES, try_execve },
	{ "execveat", N, DIES, try_execveat },
	{ "fork", N, DIES, try_fork },
	{ "vfork", N, DIES, try_vfork },
	{ "process_vm_readv", N, DIES, try_vm_readv },
	{ "process_vm_writev", N, DIES, try_vm_writev },
	{ "clone3", N, ENOSYS, try_clone3 },
	{ "io_uring_setup", N, ENOSYS, try_io_uring },
	{ "mount", N, EPERM, try_mount },
	{ "unshare", N, EPERM, try_unshare },
	{ "bpf", N, EPERM, try_bpf },
	{ "perf_event_open", N, EPERM, try_perf },
	{ "kill", N, EPERM, try_kill },
	{ "a thread", N, 0, try_thread },
	{ "socket", N, 0, try_socket },
	{ "openat", N, 0, try_openat },
	{ "its work", N, 0, try_work },
	{ "no core dumps", N, 0, try_dumpable },
	{ "openat2", Z, DIES, try_openat2 },
	{ "creat", Z, DIES, try_creat },
	{ "socket", Z, DIES, try_socket },
	{ "execve", Z, DIES, try_execve },
	{ "fork", Z, DIES, try_fork },
	{ "clone3", Z, DIES, try_clone3 },
	{ "kill", Z, DIES, try_kill },
	{ "io_uring_setup", Z, DIES, try_io_uring },
	{ "unlink", Z, EPERM, try_unlink },
	{ "cutting a file", Z, EPERM, try_cut },
	{ "waiting", Z, EPERM, try_wait },
	{ "executable memory", Z, EPERM, try_map_exec },
	{ "its work", Z, 0, try_storing },
	{ "storing", C, EPERM, try_storing },
};

/* How the child ended, in words of struct attempt; -2: otherwise. */
static int
attempt_run(const struct attempt *attempt)
{
	pid_t pid = fork();
	struct why why;
	int status;

	if (pid == 0) {
		if (confine_enter(attempt->profile, &why) == -1)
			_exit(255);
		errno = 0;
		_exit(attempt->try() == -1 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WTERMSIG(status) == SIGSYS ? DIES : -2;
}

static void
test_attempts(void **state)
{
	int wrong = 0;

	(void)state;
	if (!confine_is_on())
		skip();
	storing_fd = memfd_create("storing", MFD_CLOEXEC);
	assert_int_not_equal(storing_fd, -1);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *attempt = &attempts[i];
		int got = attempt_run(attempt);

		if (got == attempt->expected)
			continue;
		print_error("profile %d, %s: %d, expected %d\n",
		    attempt->profile, attempt->name, got, attempt->expected);
		wrong++;
	}
	close(storing_fd);
	assert_int_equal(wrong, 0);
}

/* A program that finds a broken heap must still be able to say so. */
static void
test_abort(void **state)
{
	struct why why;
	int status;
	pid_t pid;

	(void)state;
	if (!confine_is_on())
		skip();
	if ((pid = fork()) == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		signal(SIGABRT, SIG_DFL);
		if (confine_enter(CONFINE_CLASSIFIER, &why) == 0)
			abort();
		_exit(255);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* The filter is on for all that follows, and entering once more only adds. */
static void
test_no_way_back(void **state)
{
	struct why why;
	int status;
	pid_t pid;

	(void)state;
	if (!confine_is_on())
		skip();
	if ((pid = fork()) == 0) {
		if (confine_enter(CONFINE_NOTIFIER, &why) == -1)
			_exit(1);
		if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
			_exit(2);
		if (confine_enter(CONFINE_CLASSIFIER, &why) == -1)
			_exit(3);
		try_socket();
		_exit(4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attempts),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_no_way_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
