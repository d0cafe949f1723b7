/*
 * feature_grammar.c - what a line says by its grammar, whatever its words:
 * exit codes, "n of m", values that are no number, exceptions by their names,
 * times.
 */
#include "feature_scan.h"

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
		if (token->after == '%' && !says_metric(scan)) {
			scan->by_value = true;
			fact_set(scan,
			    token->value == 100	       ? FACT_PERCENT_FULL
				: token->value == 1000 ? FACT_PERCENT_FULL
						       : FACT_PERCENT_PART);
		}
		if (next != NULL && next->kind == TOKEN_WORD &&
		    token_is(next, "of"))
			next = token_at(scan, i + 2);
		else if (token->mark != '/')
			continue;
		if (next == NULL || next->kind != TOKEN_NUMBER ||
		    next->after == '/' || token->before == '/')
			continue;
		scan->by_value = true;
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
		ends_with(token, "Interrupt") || token_is(token, "exception"));
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
#define NUMBERED_MAX 4 /* digits: larger numbers are sizes and counts */

static unsigned
digits_of(const struct token *token)
{
	unsigned digits = 0;

	for (size_t i = 0; i < token->n; i++)
		digits += token->p[i] >= '0' && token->p[i] <= '9';
	return digits;
}

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
		if (digits_of(next) <= NUMBERED_MAX && next->mark != '/' &&
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
	grammar_exit(scan);
	grammar_parts(scan);
	grammar_nan(scan);
	grammar_exception(scan);
	grammar_trace(scan);
	grammar_time(scan);
	grammar_tool(scan);
	grammar_numbered(scan);
}
