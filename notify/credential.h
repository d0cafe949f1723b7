/*
 * credential.h - the values behind a policy's "env:NAME" and "file:/path".
 *
 * They come resolved in a memory file. After a reboot that file is gone: a
 * reference is then looked up where it points, when it is needed.
 */
#ifndef NOTIFY_CREDENTIAL_H
#define NOTIFY_CREDENTIAL_H

#include <jansson.h>

#include "why.h"

struct credentials {
	json_t *values; /* owned: reference -> value */
};

/* From a descriptor that need not be open. 0, or -1: out of memory. */
int credentials_init(struct credentials *credentials, int fd);
void credentials_release(struct credentials *credentials);
/*
 * text itself, or the value of the reference that it is. NULL: why names
 * the reference, and errno is EINVAL (it will not come: a variable) or
 * EAGAIN (it may: a file).
 */
const char *credentials_get(const struct credentials *credentials,
    const char *text, struct why *why);

#endif
