/*
 * secret.c - see secret.h.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "policy_schema.h"
#include "policy_secret.h"
#include "policy_tree.h"
#include "policy_type.h"

#define SECRET_FILE_MAX (64 * 1024)	     /* one secret */
#define SECRET_MEMORY_MAX (16 * 1024 * 1024) /* all of them */

const char *
secret_env_name(const char *text)
{
	if (strncmp(text, "env:", 4) != 0 || !policy_type_env_name_ok(text + 4))
		return NULL;
	return text + 4;
}

/* A relative path would change its meaning with the directory. */
static const char *
secret_file_name(const char *text)
{
	return strncmp(text, "file:/", 6) == 0 ? text + 5 : NULL;
}

bool
secret_is_reference(const char *text)
{
	return secret_env_name(text) != NULL || secret_file_name(text) != NULL;
}

static json_t *
secret_from_env(const char *key, const char *name, struct why *why)
{
	const char *value = getenv(name);
	json_t *text;

	if (value == NULL || *value == '\0') {
		why_set(why, "%s: the environment variable %.200s is %s", key,
		    name, value == NULL ? "not set" : "empty");
		return NULL;
	}
	if ((text = json_string(value)) == NULL)
		why_set(why, "%s: the environment variable %.200s is not UTF-8",
		    key, name);
	return text;
}

/* The file's text without the newline at its end, which editors add. */
static char *
secret_load(const char *path, size_t *n)
{
	char *value = io_load(AT_FDCWD, path, SECRET_FILE_MAX, n);

	if (value == NULL)
		return NULL;
	if (*n > 0 && value[*n - 1] == '\n')
		--*n;
	if (*n > 0 && value[*n - 1] == '\r')
		--*n;
	value[*n] = '\0';
	return value;
}

void
secret_forget(char *value)
{
	if (value != NULL)
		explicit_bzero(value, strlen(value));
	free(value);
}

static json_t *
secret_from_file(const char *key, const char *path, struct why *why)
{
	json_t *text = NULL;
	size_t n;
	char *value = secret_load(path, &n);

	if (value == NULL) {
		why_errno(why, "%s: cannot read %.200s", key, path);
		return NULL;
	}
	if (n == 0)
		why_set(why, "%s: %.200s is empty", key, path);
	else if (memchr(value, '\0', n) != NULL ||
	    (text = json_stringn(value, n)) == NULL)
		why_set(why, "%s: %.200s holds no UTF-8 text", key, path);
	explicit_bzero(value, n);
	free(value);
	return text;
}

/* A pipe (as <(…) of a shell gives) could be read but once. */
char *
secret_peek(const char *reference)
{
	const char *name = secret_env_name(reference), *value;
	const char *path = secret_file_name(reference);
	struct stat st;
	size_t n;

	if (name != NULL) {
		value = getenv(name);
		return value == NULL || *value == '\0' ? NULL : strdup(value);
	}
	if (path == NULL || stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_size == 0)
		return NULL;
	return secret_load(path, &n);
}

/* Where a reference stands. */
struct secret_use {
	const struct policy_row *row;
	const char *key; /* in the user's words */
};

/* Adds the value of a reference. */
static int
secret_add(json_t *values, const struct secret_use *use, const char *text,
    struct why *why)
{
	const char *name = secret_env_name(text);
	json_t *value = name != NULL
	    ? secret_from_env(use->key, name, why)
	    : secret_from_file(use->key, secret_file_name(text), why);

	if (value == NULL)
		return -1;
	if (json_object_set_new(values, text, value) == -1)
		return why_set(why, "out of memory");
	return 0;
}

/* Adds the value of one string when it is a reference. */
static int
secret_resolve(json_t *values, const struct secret_use *use,
    const json_t *string, struct why *why)
{
	const char *text = json_string_value(string);
	struct why what;

	if (text == NULL || !secret_is_reference(text))
		return 0;
	if (secret_value(values, text) == NULL &&
	    secret_add(values, use, text, why) == -1)
		return -1;
	if (policy_secret_check(use->row, secret_value(values, text), &what) ==
	    0)
		return 0;
	return why_set(why, "%s: %.200s %s", use->key, text, what.text);
}

static int
secret_resolve_key(json_t *values, const struct policy_row *row,
    const json_t *table, struct why *why)
{
	json_t *value = json_object_get(table, row->key), *item;
	char key[128];
	const struct secret_use use = { row, key };
	const char *name;

	snprintf(key, sizeof(key), "%s.%s", row->section, row->key);
	json_object_foreach (value, name, item) {
		snprintf(key, sizeof(key), "%s.%s.%.60s", row->section,
		    row->key, name);
		if (secret_resolve(values, &use, item, why) == -1)
			return -1;
	}
	if (!policy_type_takes_reference(row->type))
		return 0;
	return secret_resolve(values, &use, value, why);
}

static int
secret_resolve_row(json_t *values, const struct policy_row *row,
    const json_t *root, struct why *why)
{
	const json_t *place = policy_tree_section(root,
	    policy_section_find(row->section));
	json_t *table;
	size_t i;

	json_array_foreach (place, i, table)
		if (secret_resolve_key(values, row, table, why) == -1)
			return -1;
	return secret_resolve_key(values, row, place, why);
}

json_t *
secret_resolve_all(const struct policy *policy, struct why *why)
{
	json_t *values = json_object();

	if (values == NULL) {
		why_set(why, "out of memory");
		return NULL;
	}
	for (const struct policy_row *row = policy_rows; row->section != NULL;
	     row++)
		if (secret_resolve_row(values, row, policy->root, why) == -1) {
			json_decref(values);
			return NULL;
		}
	return values;
}

/* Sealed: nobody who inherits it can change what the notifier will read. */
static int
secret_seal(int fd, const char *text)
{
	if (io_write_all(fd, text, strlen(text)) == -1)
		return -1;
	if (fchmod(fd, 0400) == -1)
		return -1;
	return fcntl(fd, F_ADD_SEALS,
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

int
secret_to_memfd(const json_t *values)
{
	char *text = json_dumps(values, JSON_COMPACT);
	int fd, saved;

	if (text == NULL) {
		errno = ENOMEM;
		return -1;
	}
	fd = memfd_create("jobwatch-secrets", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd != -1 && secret_seal(fd, text) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	explicit_bzero(text, strlen(text));
	free(text);
	return fd;
}

json_t *
secret_from_memfd(int fd)
{
	json_t *values = NULL;
	struct stat st;
	ssize_t n;
	char *text;

	if (fstat(fd, &st) == -1)
		return NULL;
	if (st.st_size <= 0 || st.st_size > SECRET_MEMORY_MAX) {
		errno = EFBIG;
		return NULL;
	}
	if ((text = malloc((size_t)st.st_size)) == NULL)
		return NULL;
	n = io_pread_full(fd, text, (size_t)st.st_size, 0);
	if (n > 0 && (values = json_loadb(text, (size_t)n, 0, NULL)) == NULL)
		errno = EBADMSG;
	explicit_bzero(text, (size_t)st.st_size);
	free(text);
	if (values != NULL && !json_is_object(values)) {
		json_decref(values);
		values = NULL;
		errno = EBADMSG;
	}
	return values;
}

const char *
secret_value(const json_t *values, const char *text)
{
	if (!secret_is_reference(text))
		return text;
	return json_string_value(json_object_get(values, text));
}
