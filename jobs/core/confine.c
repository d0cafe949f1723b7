/*
 * confine.c - see confine.h. A profile is a table: each row a system call,
 * what becomes of it and, for some, one condition on an argument.
 *
 * Facts that shaped the tables: glibc's fstat is newfstatat with an empty
 * path; its threads ask for clone3 first, whose flags a filter cannot see,
 * and fall back to clone only on ENOSYS; io_uring does whatever it is asked
 * behind the filter's back; fcntl(F_SETOWN) sends signals.
 */
#include "confine.h"

#ifndef CONFINE_OFF

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINE_SANITIZED 1
#else
#define CONFINE_SANITIZED 0
#endif

#define ALLOW SCMP_ACT_ALLOW
#define DIE SCMP_ACT_KILL_PROCESS
#define REFUSE SCMP_ACT_ERRNO(EPERM)
#define ABSENT SCMP_ACT_ERRNO(ENOSYS)

#define CALL(action, name)                   \
	{                                    \
		(action), SCMP_SYS(name), 0, \
		{                            \
			0, 0, 0, 0           \
		}                            \
	}
/* The action holds when argument `arg`, masked, equals `value`. */
#define CALL_IF(action, name, arg, mask, value)                    \
	{                                                          \
		(action), SCMP_SYS(name), 1,                       \
		{                                                  \
			(arg), SCMP_CMP_MASKED_EQ, (mask), (value) \
		}                                                  \
	}
#define INT_MASK 0xffffffffu

struct confine_rule {
	uint32_t action;
	int call;
	unsigned conditions; /* 0 or 1 */
	struct scmp_arg_cmp condition;
};

struct confine_table {
	const struct confine_rule *rules;
	size_t count;
};

struct confine_row {
	uint32_t otherwise; /* what becomes of the calls without a rule */
	struct confine_table tables[2];
	bool secret; /* its memory is nobody's business */
};

/* Open descriptors are read, something is computed, an answer is written. */
static const struct confine_rule computing_rules[] = {
	CALL(ALLOW, read),
	CALL(ALLOW, pread64),
	CALL(ALLOW, write),
	CALL(ALLOW, close),
	CALL(ALLOW, fstat),
	CALL_IF(ALLOW, newfstatat, 3, INT_MASK, AT_EMPTY_PATH),
	CALL(ALLOW, lseek),
	CALL_IF(ALLOW, mmap, 2, PROT_EXEC, 0),
	CALL_IF(ALLOW, mprotect, 2, PROT_EXEC, 0),
	CALL(ALLOW, munmap),
	CALL(ALLOW, mremap),
	CALL(ALLOW, madvise),
	CALL(ALLOW, brk),
	CALL(ALLOW, futex),
	CALL(ALLOW, rt_sigreturn),
	CALL(ALLOW, rt_sigprocmask),
	CALL(ALLOW, rt_sigaction),
	CALL(ALLOW, restart_syscall),
	CALL(ALLOW, clock_gettime),
	CALL(ALLOW, gettimeofday),
	CALL(ALLOW, getrandom),
	CALL(ALLOW, getpid),
	CALL(ALLOW, gettid),
	CALL(ALLOW, sched_yield),
	CALL(ALLOW, rseq),
	CALL(ALLOW, set_robust_list),
	CALL(ALLOW, exit),
	CALL(ALLOW, exit_group),
#if CONFINE_SANITIZED
	/* To name the line in a report: maps, and the program's own file. */
	CALL_IF(ALLOW, open, 1, O_ACCMODE | O_CREAT, O_RDONLY),
	CALL_IF(ALLOW, openat, 2, O_ACCMODE | O_CREAT, O_RDONLY),
	CALL(ALLOW, newfstatat),
	CALL(ALLOW, stat),
	CALL(ALLOW, readlink),
	CALL(ALLOW, ioctl),
	CALL(ALLOW, getuid),
	CALL(ALLOW, sigaltstack),
	CALL(ALLOW, getrlimit),
	CALL(ALLOW, prlimit64),
#else
	CALL(DIE, open),
	CALL(DIE, openat),
#endif
	CALL(DIE, openat2),
	CALL(DIE, open_by_handle_at),
	CALL(DIE, creat),
	CALL(DIE, socket),
	CALL(DIE, connect),
	CALL(DIE, bind),
	CALL(DIE, listen),
	CALL(DIE, execve),
	CALL(DIE, execveat),
	CALL(DIE, fork),
	CALL(DIE, vfork),
	CALL(DIE, clone),
	CALL(DIE, clone3),
	CALL(DIE, ptrace),
	CALL(DIE, process_vm_readv),
	CALL(DIE, process_vm_writev),
	CALL(DIE, pidfd_getfd),
	CALL(DIE, kill),
	CALL(DIE, tkill),
	CALL(DIE, rt_sigqueueinfo),
	CALL(DIE, rt_tgsigqueueinfo),
	CALL(DIE, pidfd_send_signal),
	CALL(DIE, io_uring_setup),
	CALL(DIE, bpf),
};

/* Who also talks to another process, and waits for it. */
static const struct confine_rule talking_rules[] = {
	CALL(ALLOW, readv),
	CALL(ALLOW, preadv),
	CALL(ALLOW, writev),
	CALL(ALLOW, sendmsg),
	CALL(ALLOW, recvmsg),
	CALL_IF(ALLOW, fcntl, 1, INT_MASK, F_GETFL),
	CALL_IF(ALLOW, fcntl, 1, INT_MASK, F_SETFL),
	CALL_IF(ALLOW, fcntl, 1, INT_MASK, F_GETFD),
	CALL_IF(ALLOW, fcntl, 1, INT_MASK, F_SETFD),
	CALL(ALLOW, poll),
	CALL(ALLOW, ppoll),
	CALL(ALLOW, epoll_wait),
	CALL(ALLOW, epoll_pwait),
	CALL(ALLOW, clock_nanosleep),
	CALL(ALLOW, nanosleep),
	CALL(ALLOW, sysinfo),
	CALL(ALLOW, sched_getaffinity),
};

/* Who also leaves files behind. */
static const struct confine_rule storing_rules[] = {
	CALL(ALLOW, pwrite64),
	CALL(ALLOW, fsync),
};

static const struct confine_rule notifier_rules[] = {
	CALL(DIE, execve),
	CALL(DIE, execveat),
	CALL(DIE, fork),
	CALL(DIE, vfork),
#if !CONFINE_SANITIZED
	/* The leak check stops the world from a tracing copy of itself. */
	CALL_IF(DIE, clone, 0, CLONE_THREAD, 0),
	CALL(DIE, ptrace),
#endif
	CALL(ABSENT, clone3), /* so that getaddrinfo's thread asks for clone */
	CALL(DIE, process_vm_readv),
	CALL(DIE, process_vm_writev),
	CALL(DIE, pidfd_getfd),
	CALL(ABSENT, io_uring_setup),
	CALL(REFUSE, kill),
	CALL(REFUSE, tkill),
	CALL(REFUSE, rt_sigqueueinfo),
	CALL(REFUSE, pidfd_send_signal),
	CALL(REFUSE, mount),
	CALL(REFUSE, umount2),
	CALL(REFUSE, move_mount),
	CALL(REFUSE, open_tree),
	CALL(REFUSE, fsopen),
	CALL(REFUSE, fsmount),
	CALL(REFUSE, mount_setattr),
	CALL(REFUSE, pivot_root),
	CALL(REFUSE, chroot),
	CALL(REFUSE, open_by_handle_at),
	CALL(REFUSE, setns),
	CALL(REFUSE, unshare),
	CALL(REFUSE, bpf),
	CALL(REFUSE, perf_event_open),
	CALL(REFUSE, userfaultfd),
	CALL(REFUSE, keyctl),
	CALL(REFUSE, add_key),
	CALL(REFUSE, request_key),
	CALL(REFUSE, init_module),
	CALL(REFUSE, finit_module),
	CALL(REFUSE, delete_module),
	CALL(REFUSE, kexec_load),
	CALL(REFUSE, kexec_file_load),
	CALL(REFUSE, reboot),
	CALL(REFUSE, swapon),
	CALL(REFUSE, swapoff),
	CALL(REFUSE, acct),
	CALL(REFUSE, quotactl),
	CALL(REFUSE, settimeofday),
	CALL(REFUSE, clock_settime),
	CALL(REFUSE, adjtimex),
	CALL(REFUSE, sethostname),
	CALL(REFUSE, setdomainname),
	CALL(REFUSE, iopl),
	CALL(REFUSE, ioperm),
	CALL(REFUSE, personality),
	CALL(REFUSE, mknod),
	CALL(REFUSE, mknodat),
};

#define TABLE(rules)                                      \
	{                                                 \
		(rules), sizeof(rules) / sizeof(*(rules)) \
	}

static const struct confine_row confine_rows[CONFINE_PROFILES] = {
	[CONFINE_CLASSIFIER] = { REFUSE,
	    { TABLE(computing_rules), TABLE(talking_rules) }, false },
	[CONFINE_NOTIFIER] = { ALLOW, { TABLE(notifier_rules) }, true },
	[CONFINE_COMPRESSOR] = { REFUSE,
	    { TABLE(computing_rules), TABLE(storing_rules) }, false },
};

#if CONFINE_SANITIZED
int __lsan_is_turned_off(void);
void __sanitizer_set_report_fd(void *fd); /* the interface takes a pointer */

static bool confine_no_leak_check;

/* Asked by the sanitizer at exit: its check needs clone and ptrace. */
int
__lsan_is_turned_off(void)
{
	return confine_no_leak_check;
}
#endif

/* libseccomp returns -errno. */
static int
confine_table_add(scmp_filter_ctx filter, const struct confine_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct confine_rule *rule = &table->rules[i];
		int error = seccomp_rule_add_array(filter, rule->action,
		    rule->call, rule->conditions, &rule->condition);

		if (error != 0)
			return error;
	}
	return 0;
}

/* abort(3) signals its own thread; nobody else is in reach. */
static int
confine_abort_add(scmp_filter_ctx filter, const struct confine_row *row)
{
	if (row->otherwise == ALLOW)
		return 0;
	return seccomp_rule_add(filter, ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
}

static int
confine_load(const struct confine_row *row)
{
	scmp_filter_ctx filter = seccomp_init(row->otherwise);
	int error;

	if (filter == NULL)
		return -ENOMEM;
	error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, DIE);
	for (size_t i = 0; error == 0 && i < 2; i++)
		error = confine_table_add(filter, &row->tables[i]);
	if (error == 0)
		error = confine_abort_add(filter, row);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}

int
confine_enter(enum confine_profile profile, struct why *why)
{
	const struct confine_row *row = &confine_rows[profile];
	int error;

	if (row->secret && !CONFINE_SANITIZED &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return why_errno(why, "cannot forbid core dumps");
	if ((error = confine_load(row)) != 0) {
		errno = -error;
		return why_errno(why, "cannot enter the sandbox (seccomp)");
	}
#if CONFINE_SANITIZED
	confine_no_leak_check = row->otherwise == REFUSE;
	if (row->otherwise == REFUSE) /* it can open no file for it */
		__sanitizer_set_report_fd((void *)(intptr_t)STDERR_FILENO);
#endif
	return 0;
}

bool
confine_is_on(void)
{
	return true;
}

#else /* CONFINE_OFF */

int
confine_enter(enum confine_profile profile, struct why *why)
{
	(void)profile;
	(void)why;
	return 0;
}

bool
confine_is_on(void)
{
	return false;
}

#endif
