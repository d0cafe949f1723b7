/*
 * rules.h - the policy's [[rule]] tables: what the user wants to be told.
 */
#ifndef CLASSIFIER_RULES_H
#define CLASSIFIER_RULES_H

#include <stddef.h>

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
/* Number of the first rule that the line meets, or -1. */
int rules_match(struct rules *rules, enum stream stream,
    const struct text *text);

#endif
