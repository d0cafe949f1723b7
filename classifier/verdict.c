/*
 * verdict.c - see verdict.h.
 */
#include "verdict.h"

#include <string.h>

/*
 * Backtracking that a pattern may do on a line: a fraction of a millisecond.
 * Long lines get more, in proportion, so that an honest ".*x" does not fail
 * for their length.
 */
static const struct matcher_limits judge_limits = {
	.steps = 20000,
	.steps_per_byte = 20,
	.stack = 512 << 10,
	.heap_kib = 8192,
};

#define SCORE_RULE 1.0 /* the user said so */

int
judge_init(struct judge *judge, const struct policy *policy,
    void (*note)(void *, const char *), void *note_arg, struct why *why)
{
	memset(judge, 0, sizeof(*judge));
	judge->matcher = matcher_new(&judge_limits);
	judge->looks = looks_new();
	if (judge->matcher == NULL || judge->looks == NULL ||
	    outline_key_init(&judge->key) == -1) {
		why_errno(why, "cannot set up matching");
		goto fail;
	}
	if (rules_init(&judge->rules, policy, judge->matcher, note, note_arg,
		why) == -1)
		goto fail;
	if (policy_bool(policy, "classify.base")) {
		judge->builtin = builtin_new(judge->matcher, why);
		judge->prior = judge->builtin == NULL
		    ? NULL
		    : prior_new(&prior_shipped, why);
		if (judge->prior == NULL ||
		    grammars_init(&judge->grammars, judge->matcher, why) == -1)
			goto fail;
	}
	return 0;
fail:
	judge_release(judge);
	return -1;
}

void
judge_release(struct judge *judge)
{
	grammars_release(&judge->grammars);
	prior_free(judge->prior);
	looks_free(judge->looks);
	builtin_free(judge->builtin);
	rules_release(&judge->rules);
	matcher_free(judge->matcher);
	judge->prior = NULL;
	judge->builtin = NULL;
	judge->matcher = NULL;
	judge->looks = NULL;
}

/* All of it is a function of the text's outline. */
static void
judge_see(const struct judge *judge, const struct text *text, struct look *look)
{
	look->cues = 0;
	if (judge->builtin != NULL)
		look->cues = builtin_cues(judge->builtin, text);
	look->shape = 0;
	look->judged = false;
	look->rules = rules_look(&judge->rules, text);
	look->record = record_is_likely(text);
}

struct look *
judge_look(struct judge *judge, const struct text *text)
{
	struct look *look = &judge->look;
	bool known = false;

	if (judge->looks != NULL)
		look = looks_get(judge->looks, outline_hash(&judge->key, text),
		    &known);
	if (!known)
		judge_see(judge, text, look);
	return look;
}

static bool
judge_by_rule(struct judge *judge, enum stream stream, const struct text *text,
    uint64_t look, struct verdict *verdict)
{
	const struct rule *rule;
	int number = rules_match(&judge->rules, stream, text, look);

	if (number == -1)
		return false;
	rule = &judge->rules.rows[number];
	*verdict = (struct verdict){
		.alert = true,
		.rule = number,
		.severity = rule->severity,
		.kind = rule->kind,
		.score = SCORE_RULE,
		.source = rule->source,
		.message = *text,
	};
	return true;
}

/* True when the line is a record, whether it is one to tell of or not. */
static bool
judge_by_record(struct judge *judge, const struct text *text,
    struct verdict *verdict)
{
	const struct record *record = &judge->record;

	if (!record_read(text, &judge->record))
		return false;
	*verdict = (struct verdict){
		.alert = record->severity != SEVERITY_NONE,
		.rule = -1,
		.severity = record->severity,
		.kind = record->kind,
		.score = JUDGE_SCORE_RECORD,
		.source = "json",
		.message = { record->message, record->length },
	};
	return true;
}

/* What the prior thinks of a line that meets no pattern. */
static void
judge_opinion(const struct judge *judge, const struct text *text,
    struct look *look, struct prior_opinion *opinion)
{
	if (look->judged) {
		*opinion = (struct prior_opinion){ .score = look->score,
			.severity = (enum severity)look->severity,
			.kind = (enum kind)look->kind };
		return;
	}
	prior_judge(judge->prior, text, -1, opinion);
	look->judged = !opinion->by_value;
	look->score = (float)opinion->score;
	look->severity = (uint8_t)opinion->severity;
	look->kind = (uint8_t)opinion->kind;
}

/* The prior says whether; a pattern that is met knows better what. */
static void
judge_by_prior(struct judge *judge, const struct text *text, struct look *look,
    struct verdict *verdict)
{
	const struct builtin_row *row = NULL;
	struct prior_opinion opinion;

	*verdict = (struct verdict){ .rule = -1,
		.source = "prior",
		.message = *text };
	if (judge->prior == NULL)
		return;
	if (look->cues != 0)
		row = builtin_match(judge->builtin, look->cues, text);
	if (row == NULL)
		judge_opinion(judge, text, look, &opinion);
	else
		prior_judge(judge->prior, text, (int)(row - builtin_rows),
		    &opinion);
	verdict->score = opinion.score;
	if (opinion.score < PRIOR_CUT)
		return;
	verdict->alert = true;
	/* That all is over, a linear form cannot know: patterns do. */
	if (opinion.severity > SEVERITY_HIGH)
		opinion.severity = SEVERITY_HIGH;
	verdict->severity = row != NULL ? row->severity : opinion.severity;
	verdict->kind = row != NULL ? row->kind : opinion.kind;
	verdict->reason = row != NULL ? row->name : NULL;
}

void
judge_line(struct judge *judge, enum stream stream, const struct text *text,
    struct look *look, struct verdict *verdict)
{
	if (judge_by_rule(judge, stream, text, look->rules, verdict) ||
	    (look->record && judge_by_record(judge, text, verdict)))
		return;
	judge_by_prior(judge, text, look, verdict);
}
