/*
 * keeper_spawn.c - the keeper's two forks; see keeper.h.
 *
 * Between fork and exec only system calls are made.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

/* Points count entries of list at the run of strings from offset. */
static char **
keeper_strings(char *base, uint32_t offset, uint32_t count, uint32_t size)
{
	char **list = calloc(count + 1, sizeof(*list));

	for (uint32_t i = 0; list != NULL && i < count; i++) {
		char *end;

		if (offset >= size)
			goto fail;
		list[i] = base + offset;
		end = memchr(list[i], '\0', size - offset);
		if (end == NULL)
			goto fail;
		offset = (uint32_t)(end - base) + 1;
	}
	return list;
fail:
	free(list);
	errno = EBADMSG;
	return NULL;
}

/* The last string ends with the plan, so all of them end in it. */
static bool
keeper_plan_fits(const struct family_plan *plan, size_t size)
{
	return plan->magic == FAMILY_PLAN_MAGIC && plan->size == size &&
	    plan->argc > 0 && plan->argc < size && plan->envc < size &&
	    plan->cwd_offset < size &&
	    plan->attempt_offset < size - FAMILY_ATTEMPT_DIGITS &&
	    ((const char *)plan)[size - 1] == '\0';
}

int
keeper_job_init(struct keeper_job *job, int plan_fd)
{
	struct family_plan *plan;
	struct stat st;

	if (fstat(plan_fd, &st) == -1)
		return -1;
	if ((size_t)st.st_size < sizeof(*plan)) {
		errno = EBADMSG;
		return -1;
	}
	plan = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE, plan_fd, 0);
	if (plan == MAP_FAILED)
		return -1;
	if (!keeper_plan_fits(plan, (size_t)st.st_size)) {
		munmap(plan, (size_t)st.st_size);
		errno = EBADMSG;
		return -1;
	}
	job->plan = plan;
	job->argv = keeper_strings((char *)plan, plan->argv_offset, plan->argc,
	    plan->size);
	job->env = keeper_strings((char *)plan, plan->env_offset, plan->envc,
	    plan->size);
	if (job->argv != NULL && job->env != NULL)
		return 0;
	free(job->argv);
	free(job->env);
	munmap(plan, (size_t)st.st_size);
	return -1;
}

/* The digits after JOBWATCH_ATTEMPT=: the number, then the string ends. */
static void
keeper_patch_attempt(struct keeper_job *job, uint32_t attempt)
{
	char *digits = (char *)job->plan + job->plan->attempt_offset;

	snprintf(digits, FAMILY_ATTEMPT_DIGITS + 1, "%u", attempt);
}

static void
keeper_reset_signals(void)
{
	sigset_t none;

	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL); /* EINVAL for KILL, STOP and glibc's own */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* execvp(3) blames a folder of PATH that we may not enter for a command that
 * is nowhere; a shell says that it was not found. */
static int
keeper_exec_error(const char *name, int error)
{
	const char *path = getenv("PATH"), *end;
	char file[PATH_MAX];

	if (error != EACCES || strchr(name, '/') != NULL || path == NULL)
		return error;
	for (; *path != '\0'; path = *end == '\0' ? end : end + 1) {
		int n;

		end = strchrnul(path, ':');
		n = snprintf(file, sizeof(file), "%.*s%s%s", (int)(end - path),
		    path, end == path ? "" : "/", name);
		if (n > 0 && n < PATH_MAX && access(file, F_OK) == 0)
			return EACCES;
	}
	return ENOENT;
}

/* The family may have more descriptors than the job is to see. */
static int
keeper_lower_files(uint64_t soft)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return -1;
	limit.rlim_cur = soft;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

/* The job's descriptors 0 to 2, and what else it may have of us. */
static int
keeper_give_streams(const struct family_plan *plan, const int fds[3])
{
	/* Ours until then: 2 is the family's log. */
	if (plan->feeder != 0 && dup2(STDERR_FILENO, FEEDER_FD_LOG) == -1)
		return -1;
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) == -1)
			return -1;
	return plan->terminal == FAMILY_TERMINAL_NONE
	    ? 0
	    : ioctl(STDOUT_FILENO, TIOCSCTTY, 0);
}

/* Never returns: becomes the job, or says why not on report. */
static void
keeper_become_job(struct keeper_job *job, const int fds[3], int report)
{
	const struct family_plan *plan = job->plan;
	int failure[2] = { 0, 0 };

	setsid();
	keeper_reset_signals();
	if (keeper_give_streams(plan, fds) == -1)
		goto fail;
	if (plan->open_files != 0 && keeper_lower_files(plan->open_files) == -1)
		goto fail;
	if (plan->umask >= 0)
		umask((mode_t)plan->umask);
	if (plan->nice != 0) {
		errno = 0;
		if (nice(plan->nice) == -1 && errno != 0)
			goto fail;
	}
	failure[1] = chdir((const char *)plan + plan->cwd_offset);
	if (failure[1] == -1)
		goto fail;
	environ = job->env;
	execvp(job->argv[0], job->argv);
	errno = keeper_exec_error(job->argv[0], errno);
fail:
	failure[0] = errno;
	io_write_all(report, failure, sizeof(failure));
	_exit(127);
}

pid_t
keeper_job_spawn(struct keeper_job *job, uint32_t attempt, const int fds[3],
    int *report)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	keeper_patch_attempt(job, attempt);
	pid = fork();
	if (pid == 0)
		keeper_become_job(job, fds, ends[1]);
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		return -1;
	}
	io_nonblock(ends[0], true);
	*report = ends[0];
	return pid;
}

/* Never returns: becomes the supervisor, which inherits what it may have. */
static void
keeper_become_supervisor(const char *job_id, int peer)
{
	char *argv[] = { (char *)"jobwatch-supervisor", (char *)job_id, NULL };

	keeper_reset_signals();
	if (dup2(peer, FAMILY_FD_PEER) == -1)
		_exit(FAMILY_EXIT_FAILED);
	for (int fd = FAMILY_FD_DIR; fd <= FAMILY_FD_PEER; fd++)
		io_cloexec(fd, false);
	execveat(FAMILY_FD_SUPERVISOR_EXE, "", argv, environ, AT_EMPTY_PATH);
	_exit(FAMILY_EXIT_FAILED);
}

pid_t
keeper_supervisor_spawn(struct keeper *keeper)
{
	int ends[2], saved;
	pid_t pid;

	if (message_pair(ends) == -1)
		return -1;
	io_nonblock(ends[0], true);
	keeper->peer = ends[0];
	keeper_tell(keeper); /* first: we may be killed at any time */
	pid = fork();
	if (pid == 0)
		keeper_become_supervisor(keeper->job_id, ends[1]);
	saved = errno;
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		keeper->peer = -1;
		errno = saved;
	}
	return pid;
}
