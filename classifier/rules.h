/*
 * rules.h - the policy's [[rule]] tables: what the user wants to be told.
 */
#ifndef CLASSIFIER_RULES_H
#define CLASSIFIER_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "cues.h"
#include "line.h"
#include "pattern.h"
#include "policy.h"
#include "severity.h"

#define RULE_SOURCE_MAX 128 /* "rule:NAME" and its NUL */

struct rule {
	char source[RULE_SOURCE_MAX];
	struct pattern *pattern; /* owned; NULL: off */
	int stream;		 /* enum stream, or -1: any */
	enum severity severity;
	enum kind kind;
	unsigned strikes; /* lines it was too costly for */
};

struct rules {
	struct rule *rows; /* owned; a row's index is the rule's number */
	int count;
	struct cues *words; /* owned; of the rules that have some; or NULL */
	uint64_t wordless;  /* bits of the others */
	struct matcher *matcher; /* borrowed */
	/* Told, once for a rule, when it is off and why. */
	void (*note)(void *arg, const char *words);
	void *note_arg;
};

/* Compiles the policy's rules. 0, or -1: why. A pattern that does not
 * compile is noted and its rule left off: the others still serve. */
int rules_init(struct rules *rules, const struct policy *policy,
    struct matcher *matcher, void (*note)(void *, const char *), void *note_arg,
    struct why *why);
void rules_release(struct rules *rules);
/* Which rules the line may meet, a bit for each, the last bit for all from
 * there on: those of which it holds a word, and those without words. The
 * same for all lines of one outline. */
uint64_t rules_look(const struct rules *rules, const struct text *text);
/* Number of the first rule that the line meets, given its look, or -1. */
int rules_match(struct rules *rules, enum stream stream,
    const struct text *text, uint64_t look);

#endif
