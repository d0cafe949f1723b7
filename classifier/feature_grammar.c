/*
 * feature_grammar.c - what a line says by its grammar: how each word of the
 * lexicon stands in it, counts of failures, exit codes, "n of m", values
 * that are no number, exceptions by their names.
 */
#include <string.h>

#include "feature_scan.h"

#define BIT(class) (1ULL << ((class) & 63))

static bool
is_any(enum lexicon_class class, const enum lexicon_class *these, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (these[i] == class)
			return true;
	return false;
}
#define IS_ANY(class, ...)                                         \
	is_any(class, (const enum lexicon_class[]){ __VA_ARGS__ }, \
	    sizeof((const enum lexicon_class[]){ __VA_ARGS__ }) /  \
		sizeof(enum lexicon_class))

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

static const struct token *
token_at(const struct feature_scan *scan, int i)
{
	if (i < 0 || i >= (int)scan->tokens.count)
		return NULL;
	return &scan->tokens.rows[i];
}

static bool
token_is_any(const struct token *token, const char *const *words)
{
	for (; *words != NULL; words++)
		if (token_is(token, *words))
			return true;
	return false;
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
	    (!ends_clause(next) && next->after != ' '))
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

static void
grammar_stands(struct feature_scan *scan)
{
	for (unsigned i = 0; i < scan->hits.count; i++)
		scan->stands[i] = (uint8_t)stand_of(scan, &scan->hits.rows[i]);
}

/* "exit code 1", "exitcode: 1", "returned non-zero", "status 0". */
static void
grammar_exit(struct feature_scan *scan)
{
	static const char *const words[] = { "code", "status", "exitcode", "rc",
		"exit", "with", "returned", NULL };
	bool about = false;

	for (unsigned i = 0; i < scan->hits.count; i++)
		about |= IS_ANY(scan->hits.rows[i].class, CLASS_ENDED_BADLY,
		    CLASS_EXIT_WORD);
	if (!about)
		return;
	for (int i = 0; i + 1 < (int)scan->tokens.count; i++) {
		const struct token *word = token_at(scan, i);
		const struct token *next = token_at(scan, i + 1);

		if (word->kind != TOKEN_WORD || next->kind != TOKEN_NUMBER ||
		    !token_is_any(word, words))
			continue;
		fact_set(scan, next->zero ? FACT_EXIT_ZERO : FACT_EXIT_BAD);
	}
}

static bool
says_metric(const struct feature_scan *scan)
{
	for (unsigned i = 0; i < scan->hits.count; i++)
		if (scan->hits.rows[i].class == CLASS_METRIC)
			return true;
	return false;
}

/* "7 of 7", "[3/10]", "40%"; an accuracy in percent is no share. */
static void
grammar_parts(struct feature_scan *scan)
{
	for (int i = 0; i < (int)scan->tokens.count; i++) {
		const struct token *token = token_at(scan, i);
		const struct token *next = token_at(scan, i + 1);

		if (token->kind != TOKEN_NUMBER)
			continue;
		if (token->after == '%' && !says_metric(scan))
			fact_set(scan,
			    token->value == 100	       ? FACT_PERCENT_FULL
				: token->value == 1000 ? FACT_PERCENT_FULL
						       : FACT_PERCENT_PART);
		if (next != NULL && next->kind == TOKEN_WORD &&
		    token_is(next, "of"))
			next = token_at(scan, i + 2);
		else if (token->mark != '/')
			continue;
		if (next == NULL || next->kind != TOKEN_NUMBER ||
		    next->after == '/' || token->before == '/')
			continue;
		fact_set(scan,
		    token->value == next->value && !next->zero ? FACT_OF_FULL
							       : FACT_OF_PART);
	}
}

/* "loss: nan", "'rewards': nan", "grad_norm=inf": a value, not a count. */
static void
grammar_nan(struct feature_scan *scan)
{
	bool loss = false;

	for (unsigned i = 0; i < scan->hits.count; i++) {
		const struct lexicon_hit *hit = &scan->hits.rows[i];
		const struct token *before = token_at(scan, hit->first - 1);
		const struct token *token = token_at(scan, hit->first);

		if (hit->class == CLASS_LOSS)
			loss = true;
		if (hit->class != CLASS_NAN || before == NULL ||
		    scan->stands[i] == STAND_DENIED ||
		    scan->stands[i] == STAND_COUNTED ||
		    (token->after != ' ' &&
			strchr(",;}])'\"|", token->after) == NULL))
			continue;
		if (before->mark == '\0' ||
		    strchr(":='\"", before->mark) == NULL)
			continue;
		fact_set(scan, FACT_NAN_VALUE);
		if (loss)
			fact_set(scan, FACT_NAN_LOSS);
	}
}

static bool
ends_with(const struct token *token, const char *end)
{
	size_t n = strlen(end);

	return token->n > n && memcmp(token->p + token->n - n, end, n) == 0;
}

static bool
is_exception_name(const struct token *token)
{
	return token->kind == TOKEN_WORD && token->p[0] >= 'A' &&
	    token->p[0] <= 'Z' &&
	    (ends_with(token, "Error") || ends_with(token, "Exception") ||
		ends_with(token, "Interrupt") || ends_with(token, "Failure") ||
		token_is(token, "exception"));
}

/* Where the dotted name that ends at token i begins. */
static int
name_start(const struct feature_scan *scan, int i)
{
	while (i > 0 && scan->tokens.rows[i].before == '.' &&
	    scan->tokens.rows[i - 1].after == '.')
		i--;
	return i;
}

static void
grammar_exception(struct feature_scan *scan)
{
	for (int i = 0; i < (int)scan->tokens.count && i < 24; i++) {
		const struct token *token = token_at(scan, i);

		if (!is_exception_name(token))
			continue;
		if (name_start(scan, i) > 0)
			fact_set(scan,
			    token->after == '(' ? FACT_EXCEPTION_CODE
						: FACT_EXCEPTION_INSIDE);
		else if (token->mark == ':' || token->after == ':')
			fact_set(scan, FACT_EXCEPTION_FIRST);
		else if (i + 1 == (int)scan->tokens.count &&
		    token->mark == '\0')
			fact_set(scan, FACT_EXCEPTION_ALONE);
		else
			fact_set(scan, FACT_EXCEPTION_INSIDE);
	}
}

static bool
text_starts(const struct text *text, const char *with)
{
	size_t n;

	if (text->length == 0 || text->bytes[0] != with[0])
		return false;
	n = strlen(with);
	return text->length >= n && memcmp(text->bytes, with, n) == 0;
}

static void
grammar_trace(struct feature_scan *scan)
{
	const struct text *body = &scan->body;

	if (text_starts(body, "Caused by:"))
		fact_set(scan, FACT_CAUSED_BY);
	if (scan->indent > 0 &&
	    (text_starts(body, "at ") || text_starts(body, "File \"") ||
		text_starts(body, "... ")))
		fact_set(scan, FACT_FRAME);
	if (text_starts(body, "line ") && scan->tokens.count > 2 &&
	    scan->tokens.rows[1].mark == ':')
		fact_set(scan, FACT_SHELL_ERROR);
}

/* "unzip: cannot …": a program names itself first. */
static void
grammar_tool(struct feature_scan *scan)
{
	const struct token *first = token_at(scan, 0);

	if (first == NULL || first->kind != TOKEN_WORD || first->after != ':' ||
	    first->letters != CASE_LOWER || first->p != scan->body.bytes)
		return;
	if (scan->hits.count > 0 && scan->hits.rows[0].first == 0)
		return;
	fact_set(scan, FACT_TOOL_SPEAKS);
}

/* A number up to this one counts the things of a kind; a greater one is a
 * name in some register. */
#define NUMBERED_MAX 9999

/* "Finished job 41": one of many. */
static void
grammar_numbered(struct feature_scan *scan)
{
	for (unsigned i = 0; i < scan->hits.count; i++) {
		const struct lexicon_hit *hit = &scan->hits.rows[i];
		const struct token *next = token_at(scan, hit->last + 1);

		if (!IS_ANY(hit->class, CLASS_RUN, CLASS_STAGE, CLASS_OPS) ||
		    next == NULL || next->kind != TOKEN_NUMBER ||
		    next->after == '%')
			continue;
		if (next->value <= NUMBERED_MAX && next->mark != '/' &&
		    scan->tokens.rows[hit->last].mark != '=')
			fact_set(scan, FACT_NUMBERED);
	}
}

/* Less than a second: "172ms", "3 us", "0.04 s", "00:00.031". */
static bool
is_no_time(const struct token *token, const struct token *unit)
{
	static const char *const small[] = { "ms", "us", "ns", "msec", "millis",
		"milliseconds", "microseconds", NULL };
	size_t n = token->n;

	if (n > 2 && token->p[n - 1] == 's' && strchr("mun", token->p[n - 2]))
		return true;
	if (n > 2 && memcmp(token->p, "0.", 2) == 0 &&
	    (unit == NULL || unit->kind != TOKEN_WORD || unit->p[0] == 's'))
		return true;
	if (unit != NULL && unit->kind == TOKEN_WORD)
		return token_is_any(unit, small);
	return token->zero && token->after == ':' && unit != NULL &&
	    unit->n > 2 && memcmp(unit->p, "00.", 3) == 0;
}

/* "in 3.2s", "took 5 min", "0:12:04". */
static void
grammar_time(struct feature_scan *scan)
{
	static const char *const before[] = { "in", "took", "after", "time",
		"elapsed", "for", NULL };

	for (int i = 1; i < (int)scan->tokens.count; i++) {
		const struct token *token = token_at(scan, i);

		if (token->kind != TOKEN_NUMBER ||
		    token[-1].kind != TOKEN_WORD ||
		    !token_is_any(&token[-1], before))
			continue;
		fact_set(scan,
		    is_no_time(token, token_at(scan, i + 1)) ? FACT_NO_TIME
							     : FACT_TIME_SPENT);
	}
}

void
feature_grammar(struct feature_scan *scan)
{
	grammar_stands(scan);
	grammar_exit(scan);
	grammar_parts(scan);
	grammar_nan(scan);
	grammar_exception(scan);
	grammar_trace(scan);
	grammar_time(scan);
	grammar_tool(scan);
	grammar_numbered(scan);
}
