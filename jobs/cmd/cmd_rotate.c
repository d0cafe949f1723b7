/*
 * cmd_rotate.c - `jobwatch rotate JOB`: close the log's active segment now,
 * for whoever wants to carry it away. The supervisor does it, at once: in the
 * middle of a line, where the job is in one.
 */
#include <stdbool.h>
#include <stdio.h>

#include "commands.h"
#include "jobref.h"
#include "options.h"
#include "units.h"

#define ROTATE_ANSWER_MS 30000

/* What the rules would do with closed segments, in the order in which it is
 * told; the supervisor names some and counts all. */
static void
rotate_tell_rules(const struct jobref *ref, const json_t *answer)
{
	static const struct {
		const char *key, *count, *words;
	} rules[] = {
		{ "compresses", "compresses_count", "would compress" },
		{ "archives", "archives_count", "would copy to the archive" },
		{ "removes", "removes_count", "would remove" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const json_t *names = json_object_get(answer, rules[i].key);
		json_int_t count = json_integer_value(
		    json_object_get(answer, rules[i].count));
		json_int_t named = (json_int_t)json_array_size(names);
		const json_t *name;
		size_t at;

		json_array_foreach (names, at, name)
			printf("%s: %s %s\n", ref->id, rules[i].words,
			    json_string_value(name));
		if (count > named)
			printf("%s: %s %lld more\n", ref->id, rules[i].words,
			    (long long)(count - named));
	}
}

static void
rotate_tell(const struct jobref *ref, const json_t *answer, bool dry_run)
{
	const char *segment = json_string_value(
	    json_object_get(answer, "segment"));
	json_int_t bytes = json_integer_value(json_object_get(answer, "bytes"));
	char size[UNITS_TEXT];

	if (segment == NULL && bytes == 0) {
		printf("%s: the active segment is empty; nothing to close\n",
		    ref->id);
		return;
	}
	size_format(bytes, size);
	printf("%s: %s %s (%s)\n", ref->id,
	    dry_run ? "would close the active segment as" : "closed",
	    segment == NULL ? "?" : segment, size);
}

static int
rotate_job(const struct jobref *ref, bool dry_run)
{
	json_t *status = jobref_status(ref, false), *answer;
	struct why why;
	int code;

	if (status == NULL)
		return CMD_FAILED;
	code = job_state_ended(jobref_state(status)) ? CMD_NO : CMD_OK;
	json_decref(status);
	if (code == CMD_NO)
		return cmd_error(code,
		    "cannot rotate the log of %s: the job "
		    "has ended, and nothing is written any more",
		    ref->id);
	answer = jobref_ask(ref,
	    json_pack("{s:s, s:b}", "cmd", "rotate", "dry_run", dry_run),
	    ROTATE_ANSWER_MS, &why);
	if (answer == NULL)
		return cmd_error(CMD_FAILED, "cannot rotate the log of %s: %s",
		    ref->id, why.text);
	rotate_tell(ref, answer, dry_run);
	if (dry_run)
		rotate_tell_rules(ref, answer);
	json_decref(answer);
	return code;
}

static int
cmd_rotate_run(const struct cmd *cmd, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ 0 },
	};
	bool dry_run = false;
	struct jobref ref;
	const char *job;
	int option, code;

	while ((option = options_next(cmd, argc, argv, ":n", longs)) != -1) {
		if (option == OPTIONS_BAD)
			return CMD_USAGE;
		dry_run = true;
	}
	if ((job = options_operand(cmd, argc, argv, "JOB")) == NULL)
		return CMD_USAGE;
	code = jobref_open(&ref, job);
	if (code == CMD_OK)
		code = rotate_job(&ref, dry_run);
	jobref_close(&ref);
	return code;
}

const struct cmd cmd_rotate = {
	.name = "rotate",
	.usage = "[--dry-run] JOB",
	.brief = "close the log's active segment now",
	.help =
	    "  -n, --dry-run   say which segment would close, and which ones "
	    "would then be\n"
	    "                  compressed, archived and removed; do nothing\n",
	.run = cmd_rotate_run,
};
