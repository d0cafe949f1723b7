/*
 * verdict.h - what one line means, by itself.
 *
 * The user's rules come first, in order; then what a structured record says
 * of itself; then the prior, to which the built-in patterns are features.
 * Lines that belong together are the examiner's matter.
 */
#ifndef CLASSIFIER_VERDICT_H
#define CLASSIFIER_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "builtin.h"
#include "grammar.h"
#include "line.h"
#include "look.h"
#include "outline.h"
#include "policy.h"
#include "prior.h"
#include "record.h"
#include "rules.h"

#define JUDGE_SCORE_RECORD 0.95 /* the program said so */

/* Text is borrowed: the source from the judge, the message from the judge's
 * record or from the line. */
struct verdict {
	bool alert;
	int rule; /* its number, or -1 */
	enum severity severity;
	enum kind kind;
	double score; /* the chance that the line is worth telling */
	const char *source;
	const char *reason; /* the built-in row's name; NULL: none */
	struct text message;
};

/* All that verdicts are made with. */
struct judge {
	struct matcher *matcher;
	struct rules rules;
	/* NULL, both: the policy wants no knowledge but its own. */
	struct builtin *builtin;
	struct prior *prior;
	struct grammars grammars;
	struct looks *looks; /* NULL: nothing is remembered */
	struct outline_key key;
	struct record record;
	struct look look; /* of the line at hand, when it is not remembered */
};

/* Compiles all; note is told of rules that are off. 0, or -1: why. */
int judge_init(struct judge *judge, const struct policy *policy,
    void (*note)(void *, const char *), void *note_arg, struct why *why);
void judge_release(struct judge *judge);
/* What the line may be; the judge's, until the next look. */
struct look *judge_look(struct judge *judge, const struct text *text);
/* The verdict over a line whose look is given. */
void judge_line(struct judge *judge, enum stream stream,
    const struct text *text, struct look *look, struct verdict *verdict);

#endif
