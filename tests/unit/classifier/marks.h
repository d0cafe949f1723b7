/*
 * marks.h - runs lines through the examiner and writes down what it made of
 * them: a letter for each line, and the findings.
 *
 *	.  no event of several lines     h  header      f  final
 *	w  within                        e  its end
 */
#ifndef TESTS_UNIT_CLASSIFIER_MARKS_H
#define TESTS_UNIT_CLASSIFIER_MARKS_H

#include <stdio.h>
#include <string.h>

#include "examiner.h"

#define MARKS_MAX 4096

struct marks {
	struct judge judge;
	struct examiner examiner;
	uint64_t offset;
	unsigned count;
	char letters[MARKS_MAX + 1];
	uint64_t groups[MARKS_MAX]; /* of each line; 0: none */
	unsigned findings;
	enum severity severity; /* of the last one */
	uint64_t found_at;	/* its offset */
	char message[512];
	char context[CONTEXT_MAX + 1];
};

static struct marks marks;

static int
marks_finding_cb(void *arg, const struct finding *finding)
{
	const struct text *message = &finding->verdict->message;

	(void)arg;
	assert_true(marks.findings == 0 || finding->offset > marks.found_at);
	marks.findings++;
	marks.severity = finding->verdict->severity;
	marks.found_at = finding->offset;
	snprintf(marks.message, sizeof(marks.message), "%.*s",
	    (int)message->length, message->bytes);
	assert_true(finding->context_length <= CONTEXT_MAX);
	snprintf(marks.context, sizeof(marks.context), "%.*s",
	    (int)finding->context_length, finding->context);
	return 0;
}

static int
marks_line_cb(void *arg, const struct outcome *outcome)
{
	static const char letters[GRAMMAR_EVENTS + 1] = ".whwfwe";
	const struct group *group = outcome->group;

	(void)arg;
	assert_true(marks.count < MARKS_MAX);
	marks.letters[marks.count] = '.';
	marks.groups[marks.count] = group == NULL ? 0 : group->id;
	if (group != NULL)
		marks.letters[marks.count] = outcome->event == GRAMMAR_OTHER
		    ? 'w'
		    : letters[outcome->event];
	marks.letters[++marks.count] = '\0';
	return 0;
}

/* Lines of what was no event after all. */
static int
marks_settle_cb(void *arg, const struct group *group)
{
	(void)arg;
	for (unsigned i = 0; !group->sure && i < marks.count; i++)
		if (marks.groups[i] == group->id)
			marks.letters[i] = '.';
	return 0;
}

static void
marks_note_cb(void *arg, const char *words)
{
	(void)arg;
	fail_msg("%s", words);
}

static void
marks_start(const char *json)
{
	static const struct listener listener = { NULL, marks_finding_cb,
		marks_line_cb, marks_settle_cb };
	struct policy policy = { json_loads(json, 0, NULL) };
	struct why why;

	memset(&marks, 0, sizeof(marks));
	assert_non_null(policy.root);
	if (judge_init(&marks.judge, &policy, marks_note_cb, NULL, &why) == -1)
		fail_msg("%s", why.text);
	policy_release(&policy);
	assert_int_equal(examiner_init(&marks.examiner, &marks.judge, &listener,
			     20),
	    0);
}

static void
marks_line(const char *bytes)
{
	size_t n = strlen(bytes);
	struct line line = { marks.offset, n, STREAM_STDERR, bytes, n };

	marks.offset += n + 1;
	assert_int_equal(examiner_line(&marks.examiner, &line), 0);
}

static void
marks_end(void)
{
	assert_int_equal(examiner_end(&marks.examiner), 0);
	assert_false(examiner_open(&marks.examiner));
	examiner_release(&marks.examiner);
	judge_release(&marks.judge);
}

#endif
