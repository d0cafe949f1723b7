/*
 * environment.c - see environment.h.
 */
#include "environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "programs.h"
#include "secret.h"

static int
environment_add(struct environment *env, const char *text)
{
	char **more = realloc(env->list, (env->count + 2) * sizeof(*more));

	if (more == NULL)
		return -1;
	env->list = more;
	if ((more[env->count] = strdup(text)) == NULL)
		return -1;
	more[++env->count] = NULL;
	return 0;
}

static bool
environment_is(const char *text, const char *name, size_t n)
{
	return strncmp(text, name, n) == 0 && text[n] == '=';
}

/* True for a variable that a reference of the policy has taken. */
static bool
environment_is_secret(const char *text, const json_t *secrets)
{
	const char *reference;
	json_t *value;

	json_object_foreach ((json_t *)secrets, reference, value) {
		const char *name = secret_env_name(reference);

		if (name != NULL && environment_is(text, name, strlen(name)))
			return true;
	}
	return false;
}

int
environment_init(struct environment *env, const json_t *secrets)
{
	*env = (struct environment){ .list = calloc(1, sizeof(char *)) };
	if (env->list == NULL)
		return -1;
	for (char **p = environ; *p != NULL; p++)
		if (!environment_is_secret(*p, secrets) &&
		    environment_add(env, *p) == -1)
			return -1;
	return 0;
}

int
environment_copy(struct environment *env, const struct environment *from)
{
	*env = (struct environment){ .list = calloc(1, sizeof(char *)) };
	if (env->list == NULL)
		return -1;
	for (size_t i = 0; i < from->count; i++)
		if (environment_add(env, from->list[i]) == -1)
			return -1;
	return 0;
}

void
environment_release(struct environment *env)
{
	for (size_t i = 0; i < env->count; i++)
		free(env->list[i]);
	free(env->list);
	env->list = NULL;
}

int
environment_set(struct environment *env, const char *name, const char *value)
{
	char *text;
	int result;

	if (asprintf(&text, "%s=%s", name, value) == -1)
		return -1;
	for (size_t i = 0; i < env->count; i++)
		if (environment_is(env->list[i], name, strlen(name))) {
			free(env->list[i]);
			env->list[i] = text;
			return 0;
		}
	result = environment_add(env, text);
	free(text);
	return result;
}

void
environment_unset(struct environment *env, const char *name)
{
	for (size_t i = 0; i < env->count; i++)
		if (environment_is(env->list[i], name, strlen(name))) {
			free(env->list[i]);
			env->list[i] = env->list[--env->count];
			env->list[env->count] = NULL;
			return;
		}
}

const char *
environment_get(const struct environment *env, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < env->count; i++)
		if (environment_is(env->list[i], name, n))
			return env->list[i] + n + 1;
	return NULL;
}

/* Puts our sitecustomize before whatever the job has on its path. */
static int
environment_line_buffer(struct environment *env)
{
	const char *old = environment_get(env, "PYTHONPATH");
	char *folder = programs_path("python"), *path = NULL;
	int result = -1;

	if (folder == NULL)
		return 0; /* not installed: Python buffers as it always did */
	if (asprintf(&path, "%s%s%s", folder,
		old == NULL || old[0] == '\0' ? "" : ":",
		old == NULL ? "" : old) != -1)
		result = environment_set(env, "PYTHONPATH", path);
	free(path);
	free(folder);
	return result;
}

int
environment_apply(struct environment *env, const struct policy *policy)
{
	const char *buffering = policy_str(policy, "job.python_buffering");
	const json_t *table = policy_list(policy, "job.env");
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)table, name, value)
		if (environment_set(env, name, json_string_value(value)) == -1)
			return -1;
	if (strcmp(buffering, "line") == 0)
		return environment_line_buffer(env);
	if (strcmp(buffering, "none") == 0)
		return environment_set(env, "PYTHONUNBUFFERED", "1");
	return 0;
}
