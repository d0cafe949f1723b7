/*
 * feature_stand.c - how a word of the lexicon stands in its line: "failed" is
 * said, "did not fail" is denied, "3 failed" is counted, "failed.txt" is a
 * part of a name.
 */
#include "feature_scan.h"

/* Failures that are counted. */
static bool is_countable(enum lexicon_class class)
{
	return IS_ANY(class, CLASS_FAILED, CLASS_FAILING, CLASS_ERROR,
	    CLASS_ERRORS, CLASS_EXCEPTION, CLASS_FATAL, CLASS_LOST,
	    CLASS_CONFLICT, CLASS_NAN, CLASS_VULNERABILITY, CLASS_DROPPED,
	    CLASS_WARNING);
}

/* Events that are counted as fields alone: "killed: 0". */
static bool is_fatal(enum lexicon_class class)
{
	return IS_ANY(class, CLASS_KILL, CLASS_CRASH, CLASS_TIMEOUT,
	    CLASS_ABORT, CLASS_CANCEL, CLASS_INVALID, CLASS_PREEMPT,
	    CLASS_MEMORY, CLASS_PANIC, CLASS_RESTART, CLASS_REFUSED,
	    CLASS_NOT_FOUND, CLASS_UNABLE);
}

static bool
is_none_word(const struct token *token)
{
	static const char *const none[] = { "no", "without", "zero", "none",
		"null", "false", NULL };

	return token != NULL && token->kind == TOKEN_WORD && !token->joined &&
	    !token->joins && token_is_any(token, none);
}

/* "Trial 0 failed": the number is a name. */
static bool
is_named(const struct feature_scan *scan, int number)
{
	static const char *const owners[] = { "trial", "task", "job", "rank",
		"worker", "node", "stage", "step", "test", "attempt", "process",
		"gpu", "device", "epoch", "iteration", "line", "port", "pid",
		"id", "number", "signal", "code", "shard", "thread", "build",
		"run", "errno", NULL };
	const struct token *owner = token_at(scan, number - 1);
	const struct token *token = token_at(scan, number);

	if (token->before == '#' || token->before == '/')
		return true;
	return owner != NULL && owner->kind == TOKEN_WORD &&
	    token_is_any(owner, owners);
}

/* "3 failed", "no new errors". */
static enum feature_stand
count_before(const struct feature_scan *scan, int first)
{
	for (int back = 1; back <= 2; back++) {
		const struct token *token = token_at(scan, first - back);

		if (token == NULL || strchr(",;:|]", token->mark) != NULL)
			return STAND_PLAIN;
		if (is_none_word(token))
			return STAND_DENIED;
		if (token->kind == TOKEN_NUMBER)
			return token->after != ' ' ||
				is_named(scan, first - back)
			    ? STAND_PLAIN
			    : token->zero ? STAND_DENIED
					  : STAND_COUNTED;
		if (token->kind != TOKEN_WORD)
			return STAND_PLAIN;
	}
	return STAND_PLAIN;
}

static bool
ends_clause(const struct token *token)
{
	return token->mark == '\0' || strchr(",;|)]}\"'", token->mark) != NULL;
}

/* "error: 3 parts do not fit" counts no errors, "errors: 3 time: 4" does. */
static bool
is_pair(const struct token *token)
{
	return token != NULL && token->kind == TOKEN_WORD &&
	    (token->mark == ':' || token->mark == '=');
}

/* "errors: 0", "failed=3", "Failures - none". */
static enum feature_stand
count_after(const struct feature_scan *scan, int last)
{
	const struct token *token = token_at(scan, last);
	const struct token *next = token_at(scan, last + 1);

	if (next == NULL)
		return STAND_PLAIN;
	if (next->kind == TOKEN_WORD && token_is(next, "count")) {
		token = next;
		next = token_at(scan, last + 2);
	}
	if (next == NULL || token->mark == '\0' ||
	    strchr(":=\"'", token->mark) == NULL)
		return STAND_PLAIN;
	if (is_none_word(next))
		return ends_clause(next) ? STAND_DENIED : STAND_PLAIN;
	if (next->kind != TOKEN_NUMBER ||
	    (!ends_clause(next) &&
		!is_pair(token_at(scan, (int)(next - scan->tokens.rows) + 1)) &&
		token->mark != '='))
		return STAND_PLAIN;
	/* "mean error = 0.5" is a measure. */
	if (next->zero || memchr(next->p, '.', next->n) != NULL)
		return STAND_DENIED;
	return STAND_COUNTED;
}

static enum feature_stand
stand_counted(struct feature_scan *scan, const struct lexicon_hit *hit)
{
	enum feature_stand stand = count_after(scan, hit->last);

	if (stand == STAND_PLAIN)
		stand = count_before(scan, hit->first);
	if (hit->class == CLASS_NAN && stand != STAND_PLAIN)
		fact_set(scan, FACT_NAN_COUNT);
	else if (hit->class != CLASS_WARNING && stand == STAND_DENIED)
		fact_set(scan, FACT_COUNT_ZERO);
	else if (hit->class != CLASS_WARNING && stand == STAND_COUNTED)
		fact_set(scan, FACT_COUNT_SOME);
	return stand;
}

/* "did not fail", "couldn't be saved": the word just before, or the one before
 * that. */
static bool
is_denied(const struct feature_scan *scan, const struct lexicon_hit *hit)
{
	static const char *const denials[] = { "not", "never", "didn't",
		"isn't", "wasn't", "hasn't", "cannot", "can't", "couldn't",
		"doesn't", "don't", "won't", NULL };

	for (int back = 1; back <= 2; back++) {
		const struct token *token = token_at(scan, hit->first - back);

		if (token == NULL || token->kind != TOKEN_WORD ||
		    strchr(",;:.", token->mark) != NULL)
			return false;
		if (token_is_any(token, denials))
			return true;
	}
	return false;
}

/* Metrics are keys, "val_loss" and "bbox_mAP", and mean what they say. */
static bool
is_in_name(const struct lexicon_hit *hit, const struct token *first,
    const struct token *last)
{
	if (IS_ANY(hit->class, CLASS_METRIC, CLASS_LOSS, CLASS_BEST, CLASS_EVAL,
		CLASS_RUN_SUMMARY) &&
	    (!first->joined || first->before == '_') &&
	    (!last->joins || last->after == '_' || last->after == '('))
		return false;
	/* "RUN_SUCCESS" says so, "HAVE_FAIL_FLAG" does not. */
	if (first == last && first->letters == CASE_UPPER && first->n > 3 &&
	    first->before == '_' && !first->joins)
		return false;
	return first->joined || last->joins || first->before == '`' ||
	    last->after == '`' || (first != last && first->after == '_');
}

static enum feature_stand
stand_of(struct feature_scan *scan, const struct lexicon_hit *hit)
{
	const struct token *first = token_at(scan, hit->first);
	const struct token *last = token_at(scan, hit->last);
	enum feature_stand stand = STAND_PLAIN;

	if (is_countable(hit->class))
		stand = stand_counted(scan, hit);
	else if (is_fatal(hit->class) &&
	    count_after(scan, hit->last) == STAND_DENIED)
		stand = STAND_DENIED;
	if (stand == STAND_PLAIN && hit->class != CLASS_NO &&
	    is_denied(scan, hit))
		stand = STAND_DENIED;
	if (stand != STAND_PLAIN)
		return stand;
	if (is_in_name(hit, first, last))
		return STAND_IN_NAME;
	if (last->mark == ':')
		return STAND_LABEL;
	if (hit->first > 0 && scan->tokens.rows[hit->first - 1].mark != '\0' &&
	    strchr("=:", scan->tokens.rows[hit->first - 1].mark) != NULL)
		return STAND_VALUE;
	if (first->letters == CASE_UPPER && first->n > 2)
		return STAND_UPPER;
	if (hit->first <= 1)
		return STAND_FIRST;
	if (hit->last + 1u == scan->tokens.count)
		return STAND_LAST;
	return STAND_PLAIN;
}

void
feature_stands(struct feature_scan *scan)
{
	for (unsigned i = 0; i < scan->hits.count; i++)
		scan->stands[i] = (uint8_t)stand_of(scan, &scan->hits.rows[i]);
}
