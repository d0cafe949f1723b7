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
    const struct listener *listener, int64_t context_lines)
{
	memset(examiner, 0, sizeof(*examiner));
	examiner->judge = judge;
	examiner->listener = *listener;
	examiner->clean = calloc(1, LINE_KEPT_MAX);
	examiner->context = malloc(CONTEXT_MAX);
	examiner->templates = templates_new();
	if (examiner->clean == NULL || examiner->context == NULL ||
	    examiner->templates == NULL)
		return -1;
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct examiner_stream *stream = &examiner->streams[i];

		if (groups_init(&stream->groups, &judge->grammars,
			&examiner->group_ids) == -1 ||
		    history_init(&stream->history, context_lines + 1) == -1)
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
	for (int i = 0; i < STREAM_COUNT; i++) {
		history_release(&examiner->streams[i].history);
		groups_release(&examiner->streams[i].groups);
	}
	novelty_free(examiner->novelty);
	templates_free(examiner->templates);
	free(examiner->clean);
	free(examiner->context);
	examiner->clean = examiner->context = NULL;
	examiner->templates = NULL;
	examiner->novelty = NULL;
}

/* --- groups ------------------------------------------------------------- */

/* Tells of a group by its header, unless one of its lines was told already,
 * or something behind it: then it would come too late. */
static int
examiner_tell_header(struct examiner *examiner, struct examiner_stream *stream,
    struct group *group)
{
	struct finding finding = {
		.offset = group->offset,
		.length = group->length,
		.stream = (enum stream)(stream - examiner->streams),
		.verdict = &group->verdict,
		.context = group->excerpt.bytes,
		.context_length = group->excerpt.length,
	};

	if (group->told || !group->verdict.alert ||
	    group->offset < stream->told)
		return 0;
	group->told = true;
	stream->told = group->offset + 1;
	return examiner->listener.finding(examiner->listener.arg, &finding);
}

static int
examiner_settle(struct examiner *examiner, struct group *group)
{
	if (group->settled)
		return 0;
	group->settled = true;
	if (examiner->listener.settle == NULL)
		return 0;
	return examiner->listener.settle(examiner->listener.arg, group);
}

/* All lines together may be a record, which then says what they are. */
static void
examiner_read_record(struct examiner *examiner, struct group *group)
{
	const struct text whole = { group->excerpt.bytes,
		group->excerpt.length == 0 ? 0 : group->excerpt.length - 1 };
	const struct record *record = &examiner->record;

	if (group->verdict.rule >= 0 || !record_read(&whole, &examiner->record))
		return;
	group->sure = record->severity != SEVERITY_NONE;
	group->verdict = (struct verdict){
		.alert = group->sure,
		.rule = -1,
		.severity = record->severity,
		.kind = record->kind,
		.score = JUDGE_SCORE_RECORD,
		.source = "json",
		.message = { record->message, record->length },
	};
}

/* What the group is, now that all of it is there. */
static void
examiner_conclude(struct examiner *examiner, struct group *group)
{
	if ((group->row->grammar->flags & GRAMMAR_RECORD) != 0 &&
	    group->state == GRAMMAR_DONE)
		examiner_read_record(examiner, group);
	else if (group->sure)
		group_fail(group);
}

static int
examiner_close(struct examiner *examiner, struct examiner_stream *stream,
    struct group *group)
{
	int done = 0;

	if (!group->settled) {
		examiner_conclude(examiner, group);
		done = examiner_tell_header(examiner, stream, group);
		if (done == 0)
			done = examiner_settle(examiner, group);
	}
	groups_drop(&stream->groups, group);
	return done;
}

/* Ends the groups that are broken, the oldest first. */
static int
examiner_close_broken(struct examiner *examiner, struct examiner_stream *stream)
{
	struct groups *groups = &stream->groups;
	unsigned i = 0;

	while (i < groups->count) {
		if (!groups->order[i]->broken)
			i++;
		else if (examiner_close(examiner, stream, groups->order[i]) ==
		    -1)
			return -1;
	}
	return 0;
}

/* Groups of the other stream that reach too far back from the line: an open
 * one holds back the cursor for both. */
static int
examiner_close_old(struct examiner *examiner, const struct line *line)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct examiner_stream *stream = &examiner->streams[i];

		if (i == (int)line->stream)
			continue;
		groups_age(&stream->groups, line);
		if (examiner_close_broken(examiner, stream) == -1)
			return -1;
	}
	return 0;
}

/* --- lines -------------------------------------------------------------- */

/* Groups that wait with what is told of them come first, in order. */
static int
examiner_tell_waiting(struct examiner *examiner, struct examiner_stream *stream)
{
	struct groups *groups = &stream->groups;

	for (unsigned i = 0; i < groups->count; i++) {
		struct group *group = groups->order[i];

		if (!group->named || group->settled)
			continue;
		examiner_conclude(examiner, group);
		if (examiner_tell_header(examiner, stream, group) == -1)
			return -1;
	}
	return 0;
}

/* Tells of a line, with these lines as its context. */
static int
examiner_tell(struct examiner *examiner, const struct outcome *outcome,
    const struct verdict *verdict, const struct text *context)
{
	const struct line *line = outcome->line;
	struct examiner_stream *stream = &examiner->streams[line->stream];
	struct finding finding = {
		.offset = line->offset,
		.length = line->length,
		.stream = line->stream,
		.verdict = verdict,
		.context = context->bytes,
		.context_length = context->length,
	};

	if (examiner_tell_waiting(examiner, stream) == -1)
		return -1;
	stream->told = line->offset + 1;
	return examiner->listener.finding(examiner->listener.arg, &finding);
}

static int
examiner_tell_alone(struct examiner *examiner, const struct outcome *outcome)
{
	struct examiner_stream *stream = &examiner
					      ->streams[outcome->line->stream];
	struct text context = { examiner->context,
		history_copy(&stream->history, examiner->context) };

	return examiner_tell(examiner, outcome, outcome->verdict, &context);
}

/* The final line, which names the group: told at once, or with the rest of
 * the box around it. */
static int
examiner_final(struct examiner *examiner, const struct outcome *outcome,
    struct group *group)
{
	struct text context = { group->excerpt.bytes, group->excerpt.length };

	if (group_is_open(group) && outcome->verdict->rule == -1) {
		group_rename(group, outcome->line, outcome->text);
		group_name(group, outcome->verdict);
		return 0;
	}
	group->verdict = *outcome->verdict;
	group_fail(group);
	group->told = true;
	if (examiner_tell(examiner, outcome, &group->verdict, &context) == -1)
		return -1;
	return group_is_open(group) ? 0 : examiner_settle(examiner, group);
}

/*
 * A line within a group. Of one that is sure only the user's rules speak:
 * source code is quoted there.
 */
static int
examiner_within(struct examiner *examiner, const struct outcome *outcome,
    struct group *group)
{
	const struct verdict *verdict = outcome->verdict;

	if (outcome->event == GRAMMAR_FINAL)
		group_worsen(group, verdict);
	if (!verdict->alert ||
	    (group->sure && verdict->rule == -1 && !group_trails(group)))
		return 0;
	/* The header that speaks for itself is not told twice; what waits in
	 * the group comes before any other line, pause or not. */
	group->told |= outcome->event == GRAMMAR_HEADER;
	if (examiner_tell_alone(examiner, outcome) == -1)
		return -1;
	group->told = true;
	return 0;
}

static int
examiner_grouped(struct examiner *examiner, const struct outcome *outcome,
    struct group *group)
{
	if (outcome->event == GRAMMAR_HEADER) {
		group_name(group, outcome->verdict);
		if (group->named && outcome->verdict->rule == -1)
			return 0; /* told when more of it is there */
	}
	if (outcome->event == GRAMMAR_FINAL && !group->named)
		return examiner_final(examiner, outcome, group);
	if (outcome->event == GRAMMAR_END && !group->settled) {
		examiner_conclude(examiner, group);
		if (examiner_tell_header(examiner,
			&examiner->streams[outcome->line->stream], group) == -1)
			return -1;
		return examiner_settle(examiner, group);
	}
	return examiner_within(examiner, outcome, group);
}

static int
examiner_outcome(struct examiner *examiner, const struct outcome *outcome,
    struct group *group)
{
	const struct listener *listener = &examiner->listener;

	if (listener->line != NULL &&
	    listener->line(listener->arg, outcome) == -1)
		return -1;
	if (group != NULL)
		return examiner_grouped(examiner, outcome, group);
	return outcome->verdict->alert ? examiner_tell_alone(examiner, outcome)
				       : 0;
}

/* The line's group, after those that it ends are closed. 0, or -1. */
static int
examiner_group(struct examiner *examiner, const struct outcome *outcome,
    bool may_start, struct group **group)
{
	struct examiner_stream *stream = &examiner
					      ->streams[outcome->line->stream];
	struct groups *groups = &stream->groups;

	groups_read(groups, outcome->line, outcome->text);
	if (examiner_close_broken(examiner, stream) == -1 ||
	    examiner_close_old(examiner, outcome->line) == -1)
		return -1;
	if (groups->count == GROUPS_MAX && may_start &&
	    examiner_close(examiner, stream, groups->order[0]) == -1)
		return -1;
	*group = groups_take(groups, outcome->line, outcome->text, may_start);
	return 0;
}

static bool
examiner_has_groups(const struct examiner *examiner)
{
	return examiner->streams[STREAM_STDOUT].groups.count > 0 ||
	    examiner->streams[STREAM_STDERR].groups.count > 0;
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
examiner_note_new(const struct examiner *examiner, struct verdict *verdict)
{
	if (verdict->alert)
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
	struct verdict verdict;
	struct text text;
	struct outcome outcome = { .line = line,
		.text = &text,
		.verdict = &verdict };
	struct group *group = NULL;
	struct look *look;
	bool starts, is_new;

	clean_line(line->bytes, line->kept, examiner->clean, &text);
	look = judge_look(examiner->judge, &text);
	is_new = examiner_count(examiner, line, &text, look);
	starts = BUILTIN_HEADER(look->cues);
	if ((starts || examiner_has_groups(examiner)) &&
	    examiner_group(examiner, &outcome, starts, &group) == -1)
		return -1;
	history_add(&examiner->streams[line->stream].history, &text);
	judge_line(examiner->judge, line->stream, &text, look, &verdict);
	if (is_new && group == NULL)
		examiner_note_new(examiner, &verdict);
	if (group == NULL && !verdict.alert && examiner->listener.line == NULL)
		return 0;
	outcome.group = group;
	outcome.event = group == NULL ? GRAMMAR_OTHER : group->event;
	return examiner_outcome(examiner, &outcome, group);
}

/* Who hears of each line does not wait for the rest either. */
static int
examiner_settle_all(struct examiner *examiner, struct groups *groups)
{
	if (examiner->listener.settle == NULL)
		return 0;
	for (unsigned i = 0; i < groups->count; i++)
		if (examiner_settle(examiner, groups->order[i]) == -1)
			return -1;
	return 0;
}

int
examiner_pause(struct examiner *examiner)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct examiner_stream *stream = &examiner->streams[i];

		if (examiner_tell_waiting(examiner, stream) == -1 ||
		    examiner_settle_all(examiner, &stream->groups) == -1)
			return -1;
	}
	return 0;
}

int
examiner_end(struct examiner *examiner)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		struct examiner_stream *stream = &examiner->streams[i];

		while (stream->groups.count > 0)
			if (examiner_close(examiner, stream,
				stream->groups.order[0]) == -1)
				return -1;
	}
	return 0;
}

bool
examiner_open(const struct examiner *examiner)
{
	return groups_open(&examiner->streams[STREAM_STDOUT].groups) ||
	    groups_open(&examiner->streams[STREAM_STDERR].groups);
}
