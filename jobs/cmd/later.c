/*
 * later.c - see later.h.
 */
#include "later.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static bool
is_other_than(const struct policy *policy, const char *key, const char *usual)
{
	const char *text = policy_str(policy, key);

	return text != NULL && strcmp(text, usual) != 0;
}

static bool
some_table_says(const struct policy *policy, const char *name, const char *key,
    const char *text)
{
	const json_t *table;
	size_t i;

	json_array_foreach (policy_tables(policy, name), i, table) {
		const char *value = table_str(table, key);

		if (value != NULL && strcmp(value, text) == 0)
			return true;
	}
	return false;
}

/* The names of what is asked for in vain, separated by commas. */
struct later {
	char text[512];
	size_t used;
};

static void
later_add(struct later *later, bool asked, const char *what)
{
	size_t room = sizeof(later->text) - later->used;
	int n;

	if (!asked)
		return;
	n = snprintf(later->text + later->used, room, "%s%s",
	    later->used == 0 ? "" : ", ", what);
	if (n > 0 && (size_t)n < room)
		later->used += (size_t)n;
}

static bool
has_some(const json_t *list)
{
	return json_array_size(list) > 0;
}

static void
later_classify(struct later *later, const struct policy *policy)
{
	later_add(later,
	    policy_str(policy, "classify.spec") != NULL ||
		policy_str(policy, "classify.program") != NULL ||
		has_some(policy_tables(policy, "classify.example")),
	    "[classify] examples");
	later_add(later,
	    has_some(policy_list(policy, "classify.focus")) ||
		has_some(policy_list(policy, "classify.ignore")),
	    "[classify] focus and ignore");
}

static void
later_print(const struct later *later)
{
	if (later->used > 0)
		fprintf(stderr,
		    "jobwatch: in the policy, but not acted on yet "
		    "in this version: %s\n",
		    later->text);
}

void
later_warn(const struct policy *policy)
{
	static const struct {
		const char *key, *what;
	} tables[] = {
		{ "action", "[[action]]" },
		{ "metrics.pattern", "[[metrics.pattern]]" },
		{ "metrics.alarm", "[[metrics.alarm]]" },
		{ "event", "[[event]]" },
		{ "notify.threshold", "[[notify.threshold]]" },
	};
	static const char *const keys[] = { "limits.rss", "notify.quiet_hours",
		"notify.digest", "notify.repeat", "heartbeat.url" };
	struct later later = { .used = 0 };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		later_add(&later,
		    has_some(policy_tables(policy, tables[i].key)),
		    tables[i].what);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		later_add(&later, policy_str(policy, keys[i]) != NULL, keys[i]);
	later_add(&later, is_other_than(policy, "restart.on", "never"),
	    "[restart]");
	later_add(&later,
	    is_other_than(policy, "stall.do", "notify") &&
		is_other_than(policy, "stall.do", "kill") &&
		is_other_than(policy, "stall.do", "none"),
	    "[stall] do = \"restart\"");
	later_add(&later, some_table_says(policy, "rule", "do", "restart"),
	    "[[rule]] do = \"restart\"");
	later_classify(&later, policy);
	later_print(&later);
}

void
later_warn_classify(const struct policy *policy)
{
	struct later later = { .used = 0 };

	later_classify(&later, policy);
	later_print(&later);
}

int
later_refuse(const struct policy *policy)
{
	if (policy_bool(policy, "sandbox.network") &&
	    policy_bool(policy, "sandbox.ptrace") &&
	    !has_some(policy_list(policy, "sandbox.write")))
		return CMD_OK;
	return cmd_error(CMD_NO,
	    "[sandbox] is not there yet in this version: "
	    "a job that is to be confined is not started without");
}
