/*
 * psjob.c - see psjob.h.
 */
#include "psjob.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "jobref.h"
#include "jsonscan.h"
#include "status.h"

#define PSJOB_STATUS_MAX (8 << 20)

/* What jobtext and the table read of a status. */
static const char *const psjob_shown[] = { "job", "state", "runtime_s",
	"last_output_at", "progress", "alerts", "argv", NULL };
/* What is between supervisor and clients only. */
static const char *const psjob_private[] = { "policy_ended", "spawn_errno",
	NULL };

static bool
psjob_is_in(const struct jsonspan *key, const char *const *names)
{
	for (; *names != NULL; names++)
		if (jsonspan_is(key, *names))
			return true;
	return false;
}

static void
psjob_set_started(struct psjob *job, const char *text, size_t n)
{
	if (n >= sizeof(job->started))
		n = 0;
	memcpy(job->started, text, n);
	job->started[n] = '\0';
}

/* --- an ended job, from its file ---------------------------------------- */

static bool
psjob_span_ended(const struct jsonspan *value)
{
	char name[16];
	int state;

	if (value->length < 2 || value->length - 2 >= sizeof(name))
		return false;
	memcpy(name, value->text + 1, value->length - 2); /* its quotes */
	name[value->length - 2] = '\0';
	state = job_state_parse(name);
	return state != -1 && job_state_ended((enum job_state)state);
}

static bool
psjob_span_names_pids(const struct jsonspan *processes)
{
	for (size_t i = 0; i < processes->length; i++)
		if (isdigit((unsigned char)processes->text[i]))
			return true;
	return false;
}

/* Learns state, start and whether it names processes from the text. 0, or
 * -1: malformed. */
static int
psjob_glance(struct psjob *job, const char *text, size_t n)
{
	struct jsonscan scan;
	struct jsonspan key, value;
	int found = -1;

	if (jsonscan_start(&scan, text, n) == 0)
		while ((found = jsonscan_next(&scan, &key, &value)) == 1) {
			if (jsonspan_is(&key, "state"))
				job->ended = psjob_span_ended(&value);
			if (jsonspan_is(&key, "started_at") &&
			    value.text[0] == '"')
				psjob_set_started(job, value.text + 1,
				    value.length - 2);
			if (jsonspan_is(&key, "processes"))
				job->names_pids = psjob_span_names_pids(&value);
		}
	return found;
}

/* The document without its private members, and without processes when the
 * family is gone: never longer than both texts. */
static char *
psjob_public_text(const char *text, size_t n, bool gone)
{
	static const struct jsonspan none = { STATUS_NO_PROCESSES,
		sizeof(STATUS_NO_PROCESSES) - 1 };
	char *json = malloc(n + none.length + 2), *out = json;
	struct jsonscan scan;
	struct jsonspan key, value;

	if (json == NULL)
		return NULL;
	*out++ = '{';
	jsonscan_start(&scan, text, n);
	while (jsonscan_next(&scan, &key, &value) == 1) {
		size_t head = (size_t)(value.text - key.text);

		if (psjob_is_in(&key, psjob_private))
			continue;
		if (gone && jsonspan_is(&key, "processes")) {
			value = none;
			gone = false; /* there is room for one */
		}
		if (out > json + 1)
			*out++ = ',';
		*out++ = '"';
		out = mempcpy(out, key.text, head);
		out = mempcpy(out, value.text, value.length);
	}
	memcpy(out, "}", 2);
	return json;
}

static json_t *
psjob_row(const char *text, size_t n)
{
	json_t *row = json_object();
	struct jsonscan scan;
	struct jsonspan key, value;

	jsonscan_start(&scan, text, n);
	while (row != NULL && jsonscan_next(&scan, &key, &value) == 1)
		if (psjob_is_in(&key, psjob_shown))
			json_object_setn_new(row, key.text, key.length,
			    json_loadb(value.text, value.length,
				JSON_DECODE_ANY, NULL));
	return row;
}

/* 1; 0: it has not ended, or there is no such file; -1: out of memory. */
static int
psjob_load_ended(struct psjob *job, int dir, bool json)
{
	size_t n;
	char *text = io_load(dir, "status.json", PSJOB_STATUS_MAX, &n);
	int result = 0;

	if (text != NULL && psjob_glance(job, text, n) == 0 && job->ended) {
		if (json)
			job->json = psjob_public_text(text, n,
			    job->names_pids && jobdir_alive(dir) == 0);
		else
			job->row = psjob_row(text, n);
		result = job->json == NULL && job->row == NULL ? -1 : 1;
	}
	free(text);
	return result;
}

/* --- one that is not over ----------------------------------------------- */

static int
psjob_load_live(struct psjob *job, int dir, const char *home, bool json)
{
	struct why why;
	json_t *status = status_load(dir, home, job->id, true, &why);
	const char *started = json_string_value(
	    json_object_get(status, "started_at"));

	if (status == NULL)
		return 0;
	psjob_set_started(job, started == NULL ? "" : started,
	    started == NULL ? 0 : strlen(started));
	job->ended = job_state_ended(jobref_state(status));
	if (!json) {
		job->row = status;
		return 1;
	}
	jobref_public(status);
	job->json = json_dumps(status, JSON_COMPACT);
	json_decref(status);
	return job->json == NULL ? -1 : 1;
}

int
psjob_load(struct psjob *job, int dir, const char *home, const char *id,
    bool json)
{
	int result;

	*job = (struct psjob){ 0 };
	snprintf(job->id, sizeof(job->id), "%s", id);
	result = psjob_load_ended(job, dir, json);
	if (result == 0)
		result = psjob_load_live(job, dir, home, json);
	return result;
}

void
psjob_release(struct psjob *job)
{
	json_decref(job->row);
	free(job->json);
	*job = (struct psjob){ 0 };
}

int
psjob_compare(const void *left, const void *right)
{
	const struct psjob *a = left, *b = right;
	bool a_waits = a->started[0] == '\0', b_waits = b->started[0] == '\0';
	int order = strcmp(b->started, a->started);

	if (a_waits != b_waits)
		return a_waits ? -1 : 1;
	return order != 0 ? order : strverscmp(b->id, a->id);
}
