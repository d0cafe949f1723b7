/*
 * credential.c - see credential.h.
 */
#include "credential.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "secret.h"

#define CREDENTIAL_MAX 65536
#define CREDENTIAL_FILE "file:"

int
credentials_init(struct credentials *credentials, int fd)
{
	credentials->values = fcntl(fd, F_GETFD) == -1 ? NULL
						       : secret_from_memfd(fd);
	if (!json_is_object(credentials->values)) {
		json_decref(credentials->values);
		credentials->values = json_object();
	}
	return credentials->values == NULL ? -1 : 0;
}

void
credentials_release(struct credentials *credentials)
{
	json_decref(credentials->values);
	credentials->values = NULL;
}

/* Keeps the value, so that it is borrowed from one place. */
static const char *
credentials_keep(const struct credentials *credentials, const char *reference,
    const char *value)
{
	if (json_object_set_new(credentials->values, reference,
		json_string(value)) == -1)
		return NULL;
	return json_string_value(
	    json_object_get(credentials->values, reference));
}

static const char *
credentials_from_file(const struct credentials *credentials,
    const char *reference)
{
	const char *path = reference + strlen(CREDENTIAL_FILE);
	char *text = io_load(AT_FDCWD, path, CREDENTIAL_MAX, NULL);
	const char *value;

	if (text == NULL)
		return NULL;
	text[strcspn(text, "\r\n")] = '\0';
	value = credentials_keep(credentials, reference, text);
	free(text);
	return value;
}

static const char *
credentials_look_up(const struct credentials *credentials,
    const char *reference, struct why *why)
{
	const char *name = secret_env_name(reference), *value;

	if (name != NULL) {
		value = getenv(name);
		if (value != NULL)
			return credentials_keep(credentials, reference, value);
		why_set(why, "the variable of \"%s\" is not set", reference);
		errno = EINVAL;
		return NULL;
	}
	value = credentials_from_file(credentials, reference);
	if (value != NULL)
		return value;
	why_errno(why, "cannot read \"%s\"", reference);
	errno = EAGAIN;
	return NULL;
}

const char *
credentials_get(const struct credentials *credentials, const char *text,
    struct why *why)
{
	const char *value = secret_value(credentials->values, text);

	if (value != NULL || !secret_is_reference(text))
		return value;
	return credentials_look_up(credentials, text, why);
}
