/*
 * identity.c - see identity.h.
 *
 * Correlation id and trace context are inherited where a parent has set
 * them, so that a pipeline's jobs belong together; else they are new.
 */
#include "identity.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"
#include "fnv.h"
#include "home.h"
#include "io.h"
#include "jsonw.h"

#define TRACE_ID_HEX 32
#define SPAN_ID_HEX 16

/* n random bytes as 2n hex digits and a NUL. */
static void
identity_random(char *hex, size_t n)
{
	unsigned char bytes[32];
	ssize_t got = getrandom(bytes, n, 0);

	for (size_t i = 0; i < n && got == (ssize_t)n; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

/* RFC 9562, version 4. */
static void
identity_uuid(char out[37])
{
	char hex[33] = "";

	identity_random(hex, 16);
	hex[12] = '4';
	hex[16] = "89ab"[hex[16] & 3];
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
	    hex + 16, hex + 20);
}

/* Hex digits in four parts with '-' between: 2, 32, 16 and 2. */
static bool
identity_is_traceparent(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (i == 2 || i == 35 || i == 52
			? text[i] != '-'
			: strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	return n == 55;
}

/* Trace id of a traceparent, W3C Trace Context level 1: version (not ff), 32
 * hex digits, 16 hex digits, neither all zero, flags. False: not one. */
static bool
identity_trace(const char *parent, char trace[TRACE_ID_HEX + 1])
{
	static const char zeros[] = "00000000000000000000000000000000";

	if (parent == NULL || !identity_is_traceparent(parent) ||
	    strncmp(parent + 3, zeros, TRACE_ID_HEX) == 0 ||
	    strncmp(parent + 36, zeros, SPAN_ID_HEX) == 0 ||
	    strncmp(parent, "ff", 2) == 0)
		return false;
	snprintf(trace, TRACE_ID_HEX + 1, "%.32s", parent + 3);
	return true;
}

/* An id is handed to other programs and headers: printable ASCII only. */
static bool
identity_is_plain(const char *id)
{
	size_t n = strlen(id);

	for (size_t i = 0; i < n; i++)
		if (id[i] <= ' ' || id[i] > '~')
			return false;
	return n > 0 && n < sizeof(((struct identity *)0)->correlation_id);
}

void
identity_choose(struct identity *identity, const struct policy *policy,
    const struct environment *env)
{
	const char *own = policy_str(policy, "job.correlation_id");
	const char *inherited = environment_get(env, "JOBWATCH_CORRELATION_ID");
	const char *parent = environment_get(env, "TRACEPARENT");

	if (own != NULL && own[0] != '\0')
		inherited = own;
	if (inherited != NULL && identity_is_plain(inherited))
		snprintf(identity->correlation_id,
		    sizeof(identity->correlation_id), "%s", inherited);
	else
		identity_uuid(identity->correlation_id);
	if (identity_trace(parent, identity->trace_id)) {
		snprintf(identity->traceparent, sizeof(identity->traceparent),
		    "%s", parent);
	} else {
		char span[SPAN_ID_HEX + 1] = "";

		identity_random(identity->trace_id, TRACE_ID_HEX / 2);
		identity_random(span, SPAN_ID_HEX / 2);
		snprintf(identity->traceparent, sizeof(identity->traceparent),
		    "00-%s-%s-01", identity->trace_id, span);
	}
	identity_random(identity->uid, 16);
}

/* Any bytes as a JSON string: those that are not UTF-8 become U+FFFD. */
static json_t *
identity_string(const char *text)
{
	json_t *string = json_string(text);
	size_t n = strlen(text), cap = n * 6 + 3;
	char *escaped;
	struct jsonw w;

	if (string != NULL || (escaped = malloc(cap)) == NULL)
		return string;
	jsonw_start(&w, escaped, cap);
	jsonw_str(&w, NULL, text);
	if (jsonw_end(&w) != -1)
		string = json_loads(escaped, JSON_DECODE_ANY, NULL);
	free(escaped);
	return string;
}

static json_t *
identity_path(const char *home, const char *id)
{
	char *path;
	json_t *string;

	if (asprintf(&path, "%s/jobs/%s", home, id) == -1)
		return NULL;
	string = identity_string(path);
	free(path);
	return string;
}

/* --- files -------------------------------------------------------------- */

static json_t *
identity_argv(char **argv)
{
	json_t *list = json_array();

	/* What is no UTF-8 is shown as near as can be; the job gets it as
	 * it is. */
	for (; *argv != NULL; argv++)
		json_array_append_new(list, identity_string(*argv));
	return list;
}

static const char *
identity_user(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	return entry == NULL ? "?" : entry->pw_name;
}

/* Says whether two jobs had the same policy. */
static void
identity_digest(const char *text, char out[32])
{
	snprintf(out, 32, "fnv1a64:%016" PRIx64,
	    fnv_add(FNV_BASIS, text, strlen(text)));
}

static json_t *
identity_document(const struct launch *launch, const char *id,
    const char *policy)
{
	const struct identity *identity = launch->identity;
	char host[256] = "", boot[40], digest[32], created[CLOCK_TEXT];
	const char *kind = launch->watched != NULL
	    ? "watch"
	    : policy_str(launch->policy, "job.kind");

	gethostname(host, sizeof(host) - 1);
	identity_digest(policy, digest);
	clock_rfc3339(clock_real_us(), created);
	return json_pack("{s:s, s:s, s:s?, s:o, s:o, s:s, s:s, s:s, s:s, s:s,"
			 " s:s, s:s, s:s, s:o, s:o*}",
	    "id", id, "name", launch->name, "kind", kind, "argv",
	    identity_argv(launch->argv), "cwd", identity_string(launch->cwd),
	    "host", host, "user", identity_user(), "created", created,
	    "correlation_id", identity->correlation_id, "trace_id",
	    identity->trace_id, "policy_digest", digest, "uid", identity->uid,
	    "boot_id", jobdir_boot_id(boot), "dir",
	    identity_path(launch->home, id), "watch",
	    launch->watched == NULL ? NULL : identity_string(launch->watched));
}

/* Until the supervisor writes a better one. */
static json_t *
identity_status(const json_t *document)
{
	json_t *status = json_pack("{s:O, s:O, s:O, s:s, s:O, s:O, s:O, s:O}",
	    "job", json_object_get(document, "id"), "name",
	    json_object_get(document, "name"), "kind",
	    json_object_get(document, "kind"), "state", "starting", "argv",
	    json_object_get(document, "argv"), "cwd",
	    json_object_get(document, "cwd"), "host",
	    json_object_get(document, "host"), "user",
	    json_object_get(document, "user"));

	return status;
}

static int
identity_put(int dir, const char *name, const json_t *document)
{
	char *text = document == NULL ? NULL
				      : json_dumps(document, JSON_COMPACT);
	int result = -1;

	if (text != NULL)
		result = io_replace(dir, name, text, strlen(text), false);
	free(text);
	return result;
}

int
identity_write(const struct launch *launch, int dir, const char *id,
    struct why *why)
{
	char *policy = policy_to_json(launch->policy);
	json_t *document = NULL, *status = NULL;
	int result = -1;

	if (policy != NULL)
		document = identity_document(launch, id, policy);
	if (document != NULL)
		status = identity_status(document);
	if (status == NULL ||
	    io_replace(dir, "policy.toml", launch->policy_text,
		strlen(launch->policy_text), false) == -1 ||
	    io_replace(dir, "policy.json", policy, strlen(policy), false) ==
		-1 ||
	    identity_put(dir, "job.json", document) == -1 ||
	    identity_put(dir, "status.json", status) == -1)
		home_why(why, "cannot write the directory of job %s", id);
	else
		result = 0;
	json_decref(document);
	json_decref(status);
	free(policy);
	return result;
}

int
identity_environment(const struct launch *launch, const char *id,
    struct environment *env)
{
	const struct identity *identity = launch->identity;
	char *actions;
	int result = -1;

	if (asprintf(&actions, "%s/jobs/%s/actions", launch->home, id) == -1)
		return -1;
	if (environment_set(env, "JOBWATCH_JOB", id) == 0 &&
	    environment_set(env, "JOBWATCH_ACTIONS", actions) == 0 &&
	    environment_set(env, "JOBWATCH_CORRELATION_ID",
		identity->correlation_id) == 0 &&
	    environment_set(env, "TRACEPARENT", identity->traceparent) == 0)
		result = 0;
	free(actions);
	environment_unset(env, ENVIRONMENT_ATTEMPT);
	return result;
}
