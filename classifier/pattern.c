/*
 * pattern.c - see pattern.h.
 */
#include "pattern.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * Steps of backtracking a pattern may take on a line: a fraction of a
 * millisecond. Long lines get more, in proportion, so that an honest ".*x"
 * does not fail for their length.
 */
#define MATCH_STEPS 20000
#define MATCH_STEPS_PER_BYTE 20
#define MATCH_HEAP_KIB 8192 /* of the interpreter */
#define MATCH_STACK_MIN (32 * 1024)
#define MATCH_STACK_MAX (512 * 1024)

struct matcher {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
};

struct pattern {
	pcre2_code *code;
	bool jit;
};

struct matcher *
matcher_new(void)
{
	struct matcher *matcher = calloc(1, sizeof(*matcher));

	if (matcher == NULL)
		return NULL;
	matcher->context = pcre2_match_context_create(NULL);
	matcher->data = pcre2_match_data_create(1, NULL);
	matcher->stack = pcre2_jit_stack_create(MATCH_STACK_MIN,
	    MATCH_STACK_MAX, NULL);
	if (matcher->context == NULL || matcher->data == NULL) {
		matcher_free(matcher);
		return NULL;
	}
	pcre2_set_heap_limit(matcher->context, MATCH_HEAP_KIB);
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

struct pattern *
pattern_new(const char *expression, struct why *why)
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
	    PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &at, NULL);
	if (pattern->code == NULL) {
		pcre2_get_error_message(error, words, sizeof(words));
		why_set(why, "%s at character %zu", (const char *)words, at);
		free(pattern);
		return NULL;
	}
	pattern->jit = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) ==
	    0;
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

enum pattern_answer
pattern_match(const struct pattern *pattern, struct matcher *matcher,
    const struct text *text)
{
	uint32_t steps = MATCH_STEPS;
	int found;

	steps += (uint32_t)text->length * MATCH_STEPS_PER_BYTE;
	pcre2_set_match_limit(matcher->context, steps);
	if (pattern->jit)
		found = pcre2_jit_match(pattern->code, (PCRE2_SPTR)text->bytes,
		    text->length, 0, 0, matcher->data, matcher->context);
	else
		found = pcre2_match(pattern->code, (PCRE2_SPTR)text->bytes,
		    text->length, 0, PCRE2_NO_UTF_CHECK, matcher->data,
		    matcher->context);
	if (found >= 0)
		return PATTERN_YES;
	return found == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_COSTLY;
}
