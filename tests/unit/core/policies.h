/*
 * policies.h - policies made of assignments alone, as tests write them.
 */
#ifndef TESTS_UNIT_CORE_POLICIES_H
#define TESTS_UNIT_CORE_POLICIES_H

#include <stdio.h>

#include "policy.h"

#define SETS(...)                                                \
	(const char *const[]){ __VA_ARGS__ },                    \
	    (int)(sizeof((const char *const[]){ __VA_ARGS__ }) / \
		sizeof(const char *))

#define SETS_MAX 32

static inline int
load_sets(struct policy *policy, const char *const *sets, int count,
    struct policy_problems *problems)
{
	struct policy_assignment typed[SETS_MAX] = { 0 };
	const struct policy_assignments assignments = { typed, count };

	assert_true(count <= SETS_MAX);
	for (int i = 0; i < count; i++)
		typed[i].text = sets[i];
	return policy_load(policy, NULL, &assignments, problems);
}

static inline void
load(struct policy *policy, const char *const *sets, int count)
{
	struct policy_problems problems;

	if (load_sets(policy, sets, count, &problems) == -1) {
		policy_print_problems(&problems, stderr);
		fail_msg("the policy was refused");
	}
}

/* The first problem with these assignments; "" when there is none. */
static inline const char *
problem_with(const char *const *sets, int count)
{
	static struct policy_problems problems;
	struct policy policy;

	if (load_sets(&policy, sets, count, &problems) == 0) {
		policy_release(&policy);
		return "";
	}
	assert_true(problems.count > 0);
	assert_null(policy.root);
	return problems.at[0].text;
}

#endif
