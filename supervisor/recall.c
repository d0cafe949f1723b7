/*
 * recall.c - see recall.h.
 */
#include "recall.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "ending.h"
#include "family.h"
#include "io.h"
#include "supervisor.h"

#define RECALL_STATUS_MAX (8 << 20) /* argv, and its copies */

/* status.json of the job directory, or NULL. */
static json_t *
recall_load(void)
{
	size_t length;
	char *text = io_load(FAMILY_FD_DIR, "status.json", RECALL_STATUS_MAX,
	    &length);
	json_t *status = NULL;

	if (text != NULL)
		status = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
	free(text);
	return status;
}

static const char *
recall_word(const json_t *status, const char *key)
{
	const char *word = json_string_value(json_object_get(status, key));

	return word == NULL ? "" : word;
}

/* What status.json says of the end, in job.exit's terms; its runtime is up to
 * the end once there is one. Nothing, where it does not name one. */
static void
recall_status(struct life *life, struct journal_past *known)
{
	json_t *status = recall_load();
	const json_t *code = json_object_get(status, "exit_code");
	const json_t *signal = json_object_get(status, "signal");
	int reason = job_reason_parse(recall_word(status, "reason"));

	known->exit_known = json_is_integer(code) || json_is_integer(signal);
	known->exit_status = json_is_integer(signal)
	    ? (int)json_integer_value(signal)
	    : (int)json_integer_value(code) << 8; /* wait(2)'s layout */
	if (known->exit_known || reason == REASON_SPAWN_FAILED) {
		known->exit_reason = reason < 0 ? REASON_NONE : reason;
		known->runtime_us = (int64_t)(1e6 *
		    json_number_value(json_object_get(status, "runtime_s")));
		snprintf(life->detail, sizeof(life->detail), "%s",
		    recall_word(status, "detail"));
	}
	json_decref(status);
}

void
recall_end(struct life *life, const struct journal_past *past)
{
	struct journal_past known = *past;

	if (!past->ended)
		recall_status(life, &known);
	life->job.phase = JOB_PHASE_ENDED;
	life->status_known = known.exit_known;
	life->wait_status = known.exit_status;
	life->reason = (enum job_reason)known.exit_reason;
	if (known.started_us != 0 && known.runtime_us >= 0) {
		life->job.started_mono_us = 1; /* only the span counts */
		life->ended_mono_us = 1 + known.runtime_us;
		life->ended_real_us = known.started_us + known.runtime_us;
	}
	if (known.exit_reason == REASON_SPAWN_FAILED)
		life->state = JOB_FAILED;
	else
		ending_judge(life);
}
