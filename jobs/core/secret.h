/*
 * secret.h - strings that may come from the environment or a file.
 *
 * In a policy "env:NAME" and "file:/path" stand for a secret. `run` resolves
 * them all before anything starts and hands the values to the family in a
 * memory file; what is on disk keeps the reference. Only the notifier reads
 * the values.
 */
#ifndef JOBS_CORE_SECRET_H
#define JOBS_CORE_SECRET_H

#include <jansson.h>
#include <stdbool.h>

#include "policy.h"
#include "why.h"

/* What a webhook is signed with: base64 behind this, or any bytes. */
#define SECRET_KEY_PREFIX "whsec_"
#define SECRET_KEY_MAX 512 /* bytes of the key */

/* True for "env:NAME" (a name that shells allow) and "file:/path". */
bool secret_is_reference(const char *text);
/*
 * Resolves every reference in the policy's values: an object that maps each
 * reference to its value ({"env:NTFY_URL":"https://…"}), to be released with
 * json_decref. Looks at the keys that may hold one, by the schema. A file's
 * trailing newline is cut. NULL: why names the key and the variable or path
 * that is missing, empty, not text or not fit for its use; never a value.
 */
json_t *secret_resolve_all(const struct policy *policy, struct why *why);
/*
 * The value of one reference where a look at it costs nobody anything: a
 * variable, or a file that can be read twice. To be given to secret_forget;
 * NULL: it is not there now, or is empty.
 */
char *secret_peek(const char *reference);
void secret_forget(char *value); /* NULL is fine */
/* The object as a sealed memfd, close-on-exec. -1: errno. */
int secret_to_memfd(const json_t *values);
/* Reads it back; NULL: errno. */
json_t *secret_from_memfd(int fd);
/* text itself, or the value of the reference that it is; NULL: not there. */
const char *secret_value(const json_t *values, const char *text);
/* Name of the variable in "env:NAME", else NULL. */
const char *secret_env_name(const char *text);

#endif
