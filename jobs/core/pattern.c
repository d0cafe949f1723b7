/*
 * pattern.c - see pattern.h.
 */
#include "pattern.h"

#include <stdbool.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_STACK_MIN (32 * 1024)

struct matcher {
	struct matcher_limits limits;
	uint32_t steps; /* that are set; 0: none yet */
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
};

struct pattern {
	pcre2_code *code;
	bool jit;
	uint32_t options; /* of a match by the interpreter */
};

struct matcher *
matcher_new(const struct matcher_limits *limits)
{
	struct matcher *matcher = calloc(1, sizeof(*matcher));

	if (matcher == NULL)
		return NULL;
	matcher->limits = *limits;
	matcher->context = pcre2_match_context_create(NULL);
	matcher->data = pcre2_match_data_create(1, NULL);
	matcher->stack = pcre2_jit_stack_create(MATCH_STACK_MIN, limits->stack,
	    NULL);
	if (matcher->context == NULL || matcher->data == NULL) {
		matcher_free(matcher);
		return NULL;
	}
	pcre2_set_heap_limit(matcher->context, limits->heap_kib);
	if (matcher->stack != NULL) /* NULL: a PCRE2 without JIT */
		pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
	return matcher;
}

void
matcher_free(struct matcher *matcher)
{
	if (matcher == NULL)
		return;
	pcre2_jit_stack_free(matcher->stack);
	pcre2_match_data_free(matcher->data);
	pcre2_match_context_free(matcher->context);
	free(matcher);
}

static uint32_t
pattern_options(unsigned flags)
{
	uint32_t options = PCRE2_UTF;

	if ((flags & PATTERN_NOCASE) != 0)
		options |= PCRE2_CASELESS;
	if ((flags & PATTERN_LITERAL) != 0)
		options |= PCRE2_LITERAL;
	if ((flags & PATTERN_BYTES) != 0)
		options |= PCRE2_MATCH_INVALID_UTF | PCRE2_USE_OFFSET_LIMIT;
	return options;
}

struct pattern *
pattern_new(const char *expression, unsigned flags, struct why *why)
{
	struct pattern *pattern = calloc(1, sizeof(*pattern));
	PCRE2_UCHAR words[256];
	PCRE2_SIZE at;
	int error;

	if (pattern == NULL) {
		why_errno(why, "cannot compile the pattern");
		return NULL;
	}
	pattern->code = pcre2_compile((PCRE2_SPTR)expression,
	    PCRE2_ZERO_TERMINATED, pattern_options(flags), &error, &at, NULL);
	if (pattern->code == NULL) {
		pcre2_get_error_message(error, words, sizeof(words));
		why_set(why, "%s at character %zu", (const char *)words, at);
		free(pattern);
		return NULL;
	}
	pattern->jit = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) ==
	    0;
	if ((flags & PATTERN_BYTES) == 0)
		pattern->options = PCRE2_NO_UTF_CHECK;
	return pattern;
}

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_code_free(pattern->code);
	free(pattern);
}

/* Sets the limit for a text of n bytes. */
static void
matcher_limit(struct matcher *matcher, size_t n)
{
	uint64_t steps = matcher->limits.steps +
	    (uint64_t)matcher->limits.steps_per_byte * n;

	if (steps > UINT32_MAX)
		steps = UINT32_MAX;
	if (steps != matcher->steps)
		pcre2_set_match_limit(matcher->context, (uint32_t)steps);
	matcher->steps = (uint32_t)steps;
}

/* The text is not checked for UTF-8: it is, or the pattern does not ask. */
static enum pattern_answer
pattern_run(const struct pattern *pattern, struct matcher *matcher,
    const struct pattern_scope *scope)
{
	PCRE2_SPTR bytes = (PCRE2_SPTR)scope->bytes;
	int found;

	matcher_limit(matcher, scope->length);
	if (pattern->jit)
		found = pcre2_jit_match(pattern->code, bytes, scope->length,
		    scope->from, 0, matcher->data, matcher->context);
	else
		found = pcre2_match(pattern->code, bytes, scope->length,
		    scope->from, pattern->options, matcher->data,
		    matcher->context);
	if (found >= 0)
		return PATTERN_YES;
	return found == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_COSTLY;
}

enum pattern_answer
pattern_match(const struct pattern *pattern, struct matcher *matcher,
    const char *bytes, size_t n)
{
	const struct pattern_scope scope = { bytes, n, 0, SIZE_MAX };

	return pattern_run(pattern, matcher, &scope);
}

enum pattern_answer
pattern_find(const struct pattern *pattern, struct matcher *matcher,
    const struct pattern_scope *scope, struct pattern_span *span)
{
	enum pattern_answer answer;
	const PCRE2_SIZE *places;

	pcre2_set_offset_limit(matcher->context,
	    scope->until == SIZE_MAX ? PCRE2_UNSET : scope->until);
	answer = pattern_run(pattern, matcher, scope);
	pcre2_set_offset_limit(matcher->context, PCRE2_UNSET);
	if (answer != PATTERN_YES)
		return answer;
	places = pcre2_get_ovector_pointer(matcher->data);
	/* Before PCRE2 10.38, \K may put the start behind the end. */
	span->start = places[0] < places[1] ? places[0] : places[1];
	span->end = places[1];
	return PATTERN_YES;
}
