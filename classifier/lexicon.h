/*
 * lexicon.h - words and phrases that mean something in any log, by class.
 *
 * The classes are rows of a table (lexicon_classes.h). A phrase is met word by
 * word, whatever marks stand between, and hides shorter ones within it.
 */
#ifndef CLASSIFIER_LEXICON_H
#define CLASSIFIER_LEXICON_H

#include <stdint.h>

#include "lexicon_classes.h"
#include "tokens.h"
#include "why.h"

#define LEXICON_HITS_MAX 96

enum lexicon_class {
#define LEXICON_CLASS(id, name, phrases) CLASS_##id,
	LEXICON_CLASSES(LEXICON_CLASS)
#undef LEXICON_CLASS
	    CLASS_COUNT
};

struct lexicon_hit {
	uint8_t class;
	uint8_t first, last; /* tokens, both included */
};

struct lexicon_hits {
	unsigned count;
	struct lexicon_hit rows[LEXICON_HITS_MAX]; /* by first token */
};

struct lexicon;

/* Compiles the table. NULL: why. */
struct lexicon *lexicon_new(struct why *why);
void lexicon_free(struct lexicon *lexicon); /* NULL is fine */
void lexicon_find(const struct lexicon *lexicon, const struct tokens *tokens,
    struct lexicon_hits *hits);
const char *lexicon_class_name(enum lexicon_class class);

#endif
