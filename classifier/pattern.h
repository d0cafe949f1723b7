/*
 * pattern.h - one PCRE2 pattern, compiled, and the bounds it is run in.
 *
 * The only place that knows PCRE2. Patterns are compiled to machine code
 * before the sandbox closes (after that no memory can be made executable);
 * where there is no JIT the interpreter does the same, slower. All matching
 * shares one matcher: scratch memory and the limits that stop a pattern
 * which would backtrack for ever.
 */
#ifndef CLASSIFIER_PATTERN_H
#define CLASSIFIER_PATTERN_H

#include <stddef.h>

#include "line.h"
#include "why.h"

struct matcher;
struct pattern;

enum pattern_answer {
	PATTERN_NO,
	PATTERN_YES,
	PATTERN_COSTLY, /* a limit was reached: not known */
};

/* NULL: out of memory. */
struct matcher *matcher_new(void);
void matcher_free(struct matcher *matcher); /* NULL is fine */

/* Compiles; NULL: why says what is wrong with the pattern. */
struct pattern *pattern_new(const char *expression, struct why *why);
void pattern_free(struct pattern *pattern); /* NULL is fine */
/* Looks for the pattern anywhere in text, which is valid UTF-8. */
enum pattern_answer pattern_match(const struct pattern *pattern,
    struct matcher *matcher, const struct text *text);

#endif
