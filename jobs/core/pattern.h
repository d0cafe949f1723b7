/*
 * pattern.h - one PCRE2 pattern, compiled, and the bounds it is run in.
 *
 * For whoever looks through output: the classifier's rules and a person's
 * search. Patterns are compiled to machine code where PCRE2 can; else the
 * interpreter does the same, slower. (In a sandbox: before it closes; after
 * that no memory can be made executable.) All matching of a kind shares one
 * matcher: scratch memory and the limits that stop a pattern which would
 * backtrack for ever.
 */
#ifndef JOBS_CORE_PATTERN_H
#define JOBS_CORE_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "why.h"

struct matcher;
struct pattern;

enum pattern_flag {
	PATTERN_NOCASE = 1 << 0,
	PATTERN_LITERAL = 1 << 1, /* no character has a special meaning */
	/* Any bytes are taken: nothing matches those that are no UTF-8. And
	 * pattern_find may be used. */
	PATTERN_BYTES = 1 << 2,
};

enum pattern_answer {
	PATTERN_NO,
	PATTERN_YES,
	PATTERN_COSTLY, /* a limit was reached: not known */
};

/* Steps are PCRE2's own measure: about 3 ns each in machine code. */
struct matcher_limits {
	uint32_t steps; /* for a match */
	uint32_t steps_per_byte;
	size_t stack;	   /* bytes, of compiled patterns */
	uint32_t heap_kib; /* of the interpreter */
};

/* What to look through, and where a match may start. */
struct pattern_scope {
	const char *bytes;
	size_t length;
	size_t from;  /* the first place */
	size_t until; /* the last one; SIZE_MAX: any */
};

/* A match, as places in the text: [start, end). */
struct pattern_span {
	size_t start;
	size_t end;
};

/* NULL: out of memory. */
struct matcher *matcher_new(const struct matcher_limits *limits);
void matcher_free(struct matcher *matcher); /* NULL is fine */

/* Compiles; NULL: why says what is wrong with the pattern, and where. */
struct pattern *pattern_new(const char *expression, unsigned flags,
    struct why *why);
void pattern_free(struct pattern *pattern); /* NULL is fine */
/* Looks for the pattern anywhere in n bytes, which are valid UTF-8 unless it
 * was made with PATTERN_BYTES. */
enum pattern_answer pattern_match(const struct pattern *pattern,
    struct matcher *matcher, const char *bytes, size_t n);
/* The first match in scope; span is set by PATTERN_YES. */
enum pattern_answer pattern_find(const struct pattern *pattern,
    struct matcher *matcher, const struct pattern_scope *scope,
    struct pattern_span *span);

#endif
