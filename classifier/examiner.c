/*
 * examiner.c - see examiner.h.
 */
#include "examiner.h"

#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "novelty.h"

int
examiner_init(struct examiner *examiner, struct judge *judge,
    struct answer *answer, int64_t context_lines)
{
	memset(examiner, 0, sizeof(*examiner));
	examiner->judge = judge;
	examiner->answer = answer;
	examiner->clean = calloc(1, LINE_KEPT_MAX);
	examiner->context = malloc(CONTEXT_MAX);
	examiner->templates = templates_new();
	if (examiner->clean == NULL || examiner->context == NULL ||
	    examiner->templates == NULL)
		return -1;
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct examiner_stream *stream = &examiner->streams[i];

		group_init(&stream->group, &grammar_python);
		if (history_init(&stream->history, context_lines + 1) == -1)
			return -1;
	}
	return 0;
}

int
examiner_want_novelty(struct examiner *examiner, const char *severity)
{
	int value = severity == NULL ? -1 : severity_parse(severity);

	if (value == -1)
		return 0;
	examiner->novelty_severity = (enum severity)value;
	examiner->novelty = novelty_new();
	return examiner->novelty == NULL ? -1 : 0;
}

void
examiner_release(struct examiner *examiner)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		history_release(&examiner->streams[i].history);
	novelty_free(examiner->novelty);
	templates_free(examiner->templates);
	free(examiner->clean);
	free(examiner->context);
	examiner->clean = examiner->context = NULL;
	examiner->templates = NULL;
	examiner->novelty = NULL;
}

/* Tells of a line with the lines before it. */
static int
examiner_tell(struct examiner *examiner, struct examiner_stream *stream,
    const struct verdict *verdict)
{
	size_t n = history_copy(&stream->history, examiner->context);

	return answer_finding(examiner->answer, verdict, examiner->context, n);
}

/* Tells of a group, by what the verdict says of its line, or as a failure
 * when that is nothing. */
static int
examiner_tell_group(struct examiner *examiner, struct group *group,
    struct verdict *verdict)
{
	if (!verdict->alert) {
		verdict->severity = SEVERITY_HIGH;
		verdict->kind = KIND_FAILURE;
		verdict->score = BUILTIN_SCORE;
		verdict->source = "prior";
	}
	return answer_finding(examiner->answer, verdict, group->excerpt.bytes,
	    group->excerpt.length);
}

/* Ends an open group that got no final line. */
static int
examiner_break(struct examiner *examiner, struct examiner_stream *stream)
{
	struct group *group = &stream->group;
	struct answer *answer = examiner->answer;
	struct verdict verdict = {
		.rule = -1,
		.message = { group->header, group->header_length },
	};
	int done = 0;

	if (!group->told) {
		answer->offset = group->offset;
		answer->length = group->length;
		answer->stream = (enum stream)(stream - examiner->streams);
		done = examiner_tell_group(examiner, group, &verdict);
	}
	group_close(group);
	return done;
}

/* Ends groups that the line breaks, or that reach too far back from it: on
 * either stream, because an open group holds back the cursor for both. */
static int
examiner_break_old(struct examiner *examiner, const struct line *line,
    const struct text *text)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct examiner_stream *stream = &examiner->streams[i];
		const struct group *group = &stream->group;
		bool own = i == (int)line->stream;

		if (!group_is_open(group))
			continue;
		if ((own && group_is_broken_by(group, text)) ||
		    line->offset > group->offset + GROUP_REACH_MAX)
			if (examiner_break(examiner, stream) == -1)
				return -1;
	}
	return 0;
}

/* Inside a group only the user's rules speak: source code is quoted there. */
static int
examiner_verdict(struct examiner *examiner, struct examiner_stream *stream,
    struct verdict *verdict, enum group_part part)
{
	if (part == GROUP_FINAL)
		return examiner_tell_group(examiner, &stream->group, verdict);
	if (!verdict->alert || (part == GROUP_WITHIN && verdict->rule == -1))
		return 0;
	if (part == GROUP_WITHIN)
		stream->group.told = true;
	return examiner_tell(examiner, stream, verdict);
}

/* Counts the line by its shape. True when that is new and to be told of. */
static bool
examiner_count(struct examiner *examiner, const struct line *line,
    const struct text *text, struct look *look)
{
	const struct template *first = templates_count(examiner->templates,
	    text, line->offset, &look->shape);

	if (examiner->novelty == NULL)
		return false;
	if (first != NULL)
		return novelty_line(examiner->novelty, first->hash);
	novelty_known(examiner->novelty);
	return false;
}

/* What else is known of the line comes first, and source code that is quoted
 * in a group is always new. */
static void
examiner_note_new(const struct examiner *examiner, enum group_part part,
    struct verdict *verdict)
{
	if (part != GROUP_NONE || verdict->alert)
		return;
	verdict->alert = true;
	verdict->severity = examiner->novelty_severity;
	verdict->kind = KIND_WARNING;
	verdict->score = NOVELTY_SCORE;
	verdict->source = "novelty";
}

int
examiner_line(struct examiner *examiner, const struct line *line)
{
	struct examiner_stream *stream = &examiner->streams[line->stream];
	struct verdict verdict;
	struct text text;
	enum group_part part;
	struct look *look;
	bool is_new;

	clean_line(line->bytes, line->kept, examiner->clean, &text);
	if (examiner_open(examiner) &&
	    examiner_break_old(examiner, line, &text) == -1)
		return -1;
	look = judge_look(examiner->judge, &text);
	is_new = examiner_count(examiner, line, &text, look);
	part = group_step(&stream->group, line, &text,
	    BUILTIN_HEADER(look->cues));
	history_add(&stream->history, &text);
	judge_line(examiner->judge, line->stream, &text, look, &verdict);
	if (is_new)
		examiner_note_new(examiner, part, &verdict);
	if (part == GROUP_NONE && !verdict.alert)
		return 0;
	examiner->answer->offset = line->offset;
	examiner->answer->length = line->length;
	examiner->answer->stream = line->stream;
	return examiner_verdict(examiner, stream, &verdict, part);
}

int
examiner_end(struct examiner *examiner)
{
	for (int i = 0; i < STREAM_COUNT; i++)
		if (group_is_open(&examiner->streams[i].group) &&
		    examiner_break(examiner, &examiner->streams[i]) == -1)
			return -1;
	return 0;
}

bool
examiner_open(const struct examiner *examiner)
{
	return group_is_open(&examiner->streams[STREAM_STDOUT].group) ||
	    group_is_open(&examiner->streams[STREAM_STDERR].group);
}
