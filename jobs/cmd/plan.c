/*
 * plan.c - see plan.h.
 */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "family.h"
#include "io.h"
#include "launch.h"
#include "policy.h"

/* The plan as it grows, string by string. */
struct plan {
	char *bytes;
	size_t size;
};

static int
plan_append(struct plan *plan, const char *text, size_t n)
{
	char *more = realloc(plan->bytes, plan->size + n);

	if (more == NULL)
		return -1;
	memcpy(more + plan->size, text, n);
	plan->bytes = more;
	plan->size += n;
	return 0;
}

static struct family_plan *
plan_head(struct plan *plan)
{
	return (struct family_plan *)plan->bytes;
}

static int
plan_strings(struct plan *plan, char **list, uint32_t *count)
{
	for (*count = 0; list[*count] != NULL; (*count)++)
		if (plan_append(plan, list[*count], strlen(list[*count]) + 1) ==
		    -1)
			return -1;
	return 0;
}

/* The attempt comes last, behind it NULs up to its full width. */
static int
plan_environment(struct plan *plan, const struct environment *env)
{
	static const char attempt[sizeof(ENVIRONMENT_ATTEMPT) +
	    FAMILY_ATTEMPT_DIGITS + 1] = ENVIRONMENT_ATTEMPT "=1";
	size_t prefix = strlen(ENVIRONMENT_ATTEMPT "=");
	uint32_t offset = (uint32_t)plan->size, count;

	if (plan_strings(plan, env->list, &count) == -1)
		return -1;
	plan_head(plan)->env_offset = offset;
	plan_head(plan)->envc = count + 1;
	plan_head(plan)->attempt_offset = (uint32_t)(plan->size + prefix);
	return plan_append(plan, attempt, sizeof(attempt));
}

/* What the policy says; else our own. */
static int32_t
plan_umask(const struct policy *policy)
{
	int64_t wanted = policy_int(policy, "job.umask");
	mode_t own = umask(0);

	umask(own);
	return wanted < 0 ? (int32_t)own : (int32_t)wanted;
}

static uint32_t
plan_terminal(const struct launch *launch)
{
	if (launch->terminal == -1)
		return FAMILY_TERMINAL_NONE;
	return launch->input == -1 ? FAMILY_TERMINAL_ALL
				   : FAMILY_TERMINAL_OUTPUT;
}

static int
plan_fill(struct plan *plan, const struct launch *launch,
    const struct environment *env)
{
	const struct policy *policy = launch->policy;
	struct family_plan head = { .magic = FAMILY_PLAN_MAGIC };
	uint32_t argc;

	head.umask = plan_umask(policy);
	head.nice = (int32_t)policy_int(policy, "job.nice");
	head.merge = policy_bool(policy, "job.merge");
	head.terminal = plan_terminal(launch);
	head.feeder = launch->watched != NULL;
	head.open_files = launch->open_files;
	head.argv_offset = sizeof(head);
	if (plan_append(plan, (const char *)&head, sizeof(head)) == -1 ||
	    plan_strings(plan,
		launch->program == NULL ? launch->argv : launch->program,
		&argc) == -1)
		return -1;
	plan_head(plan)->argc = argc;
	plan_head(plan)->cwd_offset = (uint32_t)plan->size;
	if (plan_append(plan, launch->cwd, strlen(launch->cwd) + 1) == -1 ||
	    plan_environment(plan, env) == -1)
		return -1;
	plan_head(plan)->size = (uint32_t)plan->size;
	return 0;
}

int
plan_open(const struct launch *launch, const struct environment *env)
{
	struct plan plan = { NULL, 0 };
	int fd = -1;

	if (plan_fill(&plan, launch, env) == -1)
		goto out;
	fd = memfd_create("jobwatch-plan", MFD_CLOEXEC);
	if (fd != -1 && io_write_all(fd, plan.bytes, plan.size) == -1) {
		close(fd);
		fd = -1;
	}
out:
	free(plan.bytes);
	return fd;
}
