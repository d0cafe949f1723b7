/*
 * launch.c - see launch.h. Read launch_job for the order of things: all that
 * can fail comes before the fork, and undoes itself.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "family.h"
#include "home.h"
#include "identity.h"
#include "io.h"
#include "openfiles.h"
#include "plan.h"
#include "programs.h"
#include "secret.h"

/* The family's descriptors on their way: index is the family's number. */
struct family_fds {
	int at[FAMILY_FD_COUNT];
	int log;
};

static void
family_init(struct family_fds *family)
{
	family->log = -1;
	for (int i = 0; i < FAMILY_FD_COUNT; i++)
		family->at[i] = -1;
}

static void
family_release(struct family_fds *family)
{
	for (int i = FAMILY_FD_DIR + 1; i < FAMILY_FD_COUNT; i++)
		if (family->at[i] != -1)
			close(family->at[i]);
	if (family->log != -1)
		close(family->log);
}

static int
family_pipe(struct family_fds *family, int read_end, int write_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	family->at[read_end] = ends[0];
	family->at[write_end] = ends[1];
	return 0;
}

static int
family_programs(struct family_fds *family)
{
	static const struct {
		const char *name;
		enum family_fd fd;
	} programs[] = {
		{ "jobwatch-supervisor", FAMILY_FD_SUPERVISOR_EXE },
		{ "jobwatch-classifier", FAMILY_FD_CLASSIFIER_EXE },
		{ "jobwatch-notifier", FAMILY_FD_NOTIFIER_EXE },
		{ "jobwatch-compressor", FAMILY_FD_COMPRESSOR_EXE },
	};

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		int fd = programs_open(programs[i].name);

		family->at[programs[i].fd] = fd;
		if (fd == -1)
			return -1;
	}
	return 0;
}

static int
family_common(struct family_fds *family, int dir, const json_t *secrets,
    struct why *why)
{
	family->at[FAMILY_FD_DIR] = dir;
	family->log = openat(dir, "family.log",
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (family->log == -1)
		return home_why(why, "cannot make family.log");
	family->at[FAMILY_FD_SECRETS] = secret_to_memfd(secrets);
	if (family->at[FAMILY_FD_SECRETS] == -1)
		return why_errno(why, "cannot hand over the secrets");
	if (family_pipe(family, FAMILY_FD_STAGE_OUT_READ,
		FAMILY_FD_STAGE_OUT_WRITE) == -1 ||
	    family_pipe(family, FAMILY_FD_STAGE_ERR_READ,
		FAMILY_FD_STAGE_ERR_WRITE) == -1 ||
	    family_pipe(family, FAMILY_FD_STAGE_ACT_READ,
		FAMILY_FD_STAGE_ACT_WRITE) == -1)
		return why_errno(why, "cannot make a pipe");
	if (family_programs(family) == -1)
		return why_errno(why, "cannot find jobwatch's own programs");
	return 0;
}

static int
family_doors(struct family_fds *family, const struct launch *launch, int dir,
    const char *id, struct why *why)
{
	family->at[FAMILY_FD_CONTROL] = control_listen(dir);
	family->at[FAMILY_FD_CONTROL_SHORT] = control_listen_short(launch->home,
	    id);
	if (family->at[FAMILY_FD_CONTROL] == -1 ||
	    family->at[FAMILY_FD_CONTROL_SHORT] == -1)
		return home_why(why, "cannot make the control socket");
	if (mkfifoat(dir, "actions", 0600) == -1)
		return home_why(why, "cannot make the action FIFO");
	family->at[FAMILY_FD_ACTIONS] = openat(dir, "actions",
	    O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (family->at[FAMILY_FD_ACTIONS] == -1)
		return why_errno(why, "cannot open the action FIFO");
	return 0;
}

/* A job with a terminal that is given no other input reads that. */
static int
family_input(struct family_fds *family, const struct launch *launch)
{
	int *input = &family->at[FAMILY_FD_SPAWN_IN];

	if (launch->input != -1)
		*input = fcntl(launch->input, F_DUPFD_CLOEXEC, 0);
	else if (launch->terminal == -1)
		*input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else
		return 0;
	return *input == -1 ? -1 : 0;
}

/* All output of a terminal comes from its master; the pipe of stderr is
 * there all the same, and at its end once the keeper has closed it. */
static int
family_output(struct family_fds *family, const struct launch *launch)
{
	if (family_pipe(family, FAMILY_FD_JOB_ERR, FAMILY_FD_SPAWN_ERR) == -1)
		return -1;
	if (launch->terminal == -1)
		return family_pipe(family, FAMILY_FD_JOB_OUT,
		    FAMILY_FD_SPAWN_OUT);
	family->at[FAMILY_FD_JOB_OUT] = fcntl(launch->terminal, F_DUPFD_CLOEXEC,
	    0);
	return family->at[FAMILY_FD_JOB_OUT] == -1 ? -1 : 0;
}

static int
family_job(struct family_fds *family, const struct launch *launch,
    const char *id, struct environment *env, struct why *why)
{
	if (identity_environment(launch, id, env) == -1)
		return why_errno(why, "cannot prepare the environment");
	if (family_input(family, launch) == -1)
		return why_errno(why, "cannot hand over the job's input");
	if (family_output(family, launch) == -1)
		return why_errno(why, "cannot make a pipe");
	family->at[FAMILY_FD_PLAN] = plan_open(launch, env);
	if (family->at[FAMILY_FD_PLAN] == -1)
		return why_errno(why, "cannot write the plan");
	return 0;
}

/* --- the fork ----------------------------------------------------------- */

/* Puts each descriptor at its number, by way of numbers above them all. */
static int
family_move(struct family_fds *family)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = FAMILY_FD_DIR; i < FAMILY_FD_COUNT; i++)
		if (family->at[i] != -1 &&
		    (family->at[i] = fcntl(family->at[i], F_DUPFD_CLOEXEC,
			 FAMILY_FD_COUNT + 8)) == -1)
			return -1;
	if (dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    dup2(family->log, 2) == -1)
		return -1;
	for (int i = FAMILY_FD_DIR; i < FAMILY_FD_COUNT; i++)
		if (family->at[i] == -1)
			close(i);
		else if (dup2(family->at[i], i) == -1)
			return -1;
	return 0;
}

/* Never returns: tells whoever waits at report (-1: nobody) why not. */
static void
family_fail(int report)
{
	int error = errno;

	if (report != -1)
		io_write_all(report, &error, sizeof(error));
	_exit(1);
}

/* Never returns: becomes a program of the family, in a session of its own
 * and with nothing of ours but what it is given. */
static void
family_become(struct family_fds *family, int exe, char **argv, int report)
{
	sigset_t none;

	setsid();
	umask(077);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	exe = fcntl(exe, F_DUPFD_CLOEXEC, FAMILY_FD_COUNT + 8);
	if (exe == -1)
		family_fail(report);
	if (report != -1)
		report = fcntl(report, F_DUPFD_CLOEXEC, FAMILY_FD_COUNT + 8);
	if (family_move(family) == -1 || chdir("/") == -1)
		family_fail(report);
	for (int fd = FAMILY_FD_COUNT; fd < FAMILY_FD_COUNT + 8; fd++)
		close(fd);
	close_range(FAMILY_FD_COUNT + 8, ~0U, CLOSE_RANGE_CLOEXEC);
	execveat(exe, "", argv, environ, AT_EMPTY_PATH);
	family_fail(report);
}

/* The keeper is nobody's child: it is to outlive whoever started it. */
static int
family_start_keeper(struct family_fds *family, const char *id,
    const struct environment *env, struct why *why)
{
	char *argv[] = { (char *)"jobwatch-keeper", (char *)id, NULL };
	int exe = programs_open("jobwatch-keeper"), ready[2], error = 0;
	pid_t pid;

	if (exe == -1)
		return why_errno(why, "cannot find jobwatch-keeper");
	if (pipe2(ready, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		close(exe);
		return why_errno(why, "cannot start the keeper");
	}
	if (pid == 0) {
		environ = env->list;
		pid = fork();
		if (pid == 0)
			family_become(family, exe, argv, ready[1]);
		if (pid == -1)
			family_fail(ready[1]);
		_exit(0);
	}
	close(exe);
	close(ready[1]);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	/* EOF: both the go-between and the exec are over. */
	io_read_full(ready[0], &error, sizeof(error));
	close(ready[0]);
	errno = error;
	return error == 0 ? 0 : why_errno(why, "cannot start the keeper");
}

/* --- a new job ---------------------------------------------------------- */

static int
launch_family(const struct launch *launch, int dir, const char *id,
    struct family_fds *family, struct why *why)
{
	struct environment env;
	int result = -1;

	if (environment_copy(&env, launch->env) == -1)
		return why_errno(why, "cannot prepare the environment");
	family->at[FAMILY_FD_LOCK] = jobdir_lock(dir);
	if (family->at[FAMILY_FD_LOCK] == -1)
		home_why(why, "cannot lock the job");
	else if (jobdir_mark(launch->home_fd, id) == -1)
		home_why(why, "cannot mark the job as running");
	else if (family_common(family, dir, launch->secrets, why) == 0 &&
	    family_doors(family, launch, dir, id, why) == 0 &&
	    family_job(family, launch, id, &env, why) == 0)
		result = family_start_keeper(family, id, launch->own_env, why);
	environment_release(&env);
	return result;
}

int
launch_job(const struct launch *launch, char id[JOB_ID_MAX], struct why *why)
{
	struct launch raised = *launch;
	struct family_fds family;
	int dir;

	if (openfiles_raise(&raised.open_files, why) == -1)
		return -1;
	dir = jobdir_create(launch->home_fd, launch->name, id, why);
	if (dir == -1)
		return -1;
	family_init(&family);
	if (identity_write(launch, dir, id, why) == 0 &&
	    launch_family(&raised, dir, id, &family, why) == 0) {
		family_release(&family);
		return dir;
	}
	family_release(&family);
	jobdir_unmark(launch->home_fd, id);
	jobdir_remove(launch->home_fd, id);
	close(dir);
	return -1;
}

/* --- a dead one --------------------------------------------------------- */

/* What can still be resolved here; the notifier says what cannot. */
static json_t *
recovery_secrets(int dir)
{
	struct policy policy;
	struct why why;
	size_t length;
	char *text = io_load(dir, "policy.json", 8 << 20, &length);
	json_t *secrets = NULL;

	if (text != NULL &&
	    policy_from_json(&policy, text, length, &why) == 0) {
		secrets = secret_resolve_all(&policy, &why);
		policy_release(&policy);
	}
	free(text);
	return secrets == NULL ? json_object() : secrets;
}

static pid_t
recovery_fork(struct family_fds *family, const char *id, struct why *why)
{
	char *argv[] = { (char *)"jobwatch-supervisor", (char *)id,
		(char *)FAMILY_ARG_RECOVER, NULL };
	pid_t pid = fork();

	if (pid == 0)
		family_become(family, family->at[FAMILY_FD_SUPERVISOR_EXE],
		    argv, -1);
	if (pid == -1)
		return why_errno(why, "cannot start a supervisor");
	return pid;
}

int
launch_recovery(int home_fd, const char *id, struct why *why)
{
	struct family_fds family;
	json_t *secrets;
	int dir = jobdir_open(home_fd, id), result = -1;

	if (dir == -1)
		return why_errno(why, "cannot open job %s", id);
	family_init(&family);
	family.at[FAMILY_FD_LOCK] = jobdir_lock(dir);
	if (family.at[FAMILY_FD_LOCK] == -1) {
		result = errno == EAGAIN
		    ? 0
		    : why_errno(why, "cannot lock job %s", id);
		goto out;
	}
	secrets = recovery_secrets(dir);
	if (family_common(&family, dir, secrets, why) == 0)
		result = recovery_fork(&family, id, why);
	json_decref(secrets);
out:
	family_release(&family);
	close(dir);
	return result;
}
