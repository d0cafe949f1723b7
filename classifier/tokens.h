/*
 * tokens.h - a line cut into words, numbers and marks.
 *
 * A word is a run of letters and digits that begins with a letter; parts of
 * an identifier ("error_count", "a.b") are words of their own that know what
 * stands before and after them. A character beyond ASCII is a token by
 * itself, so that scripts without blanks need nothing more.
 */
#ifndef CLASSIFIER_TOKENS_H
#define CLASSIFIER_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"

/* What stands further back in a line decides nothing. */
#define TOKENS_MAX 128
#define TOKENS_LOOK_MAX 1536

enum token_kind {
	TOKEN_WORD,
	TOKEN_NUMBER, /* with its unit: "3.2s", "40%" */
	TOKEN_ID,     /* digits first, then more letters than a unit has */
	TOKEN_MARK,   /* a character beyond ASCII */
};

enum token_case {
	CASE_LOWER, /* or no letter at all */
	CASE_TITLE,
	CASE_UPPER,
	CASE_CAMEL, /* a capital after a small letter */
};

struct token {
	const char *p;
	uint32_t hash; /* of the small letters, each digit as '0' */
	uint16_t n;
	uint8_t kind;
	uint8_t letters; /* enum token_case */
	char before;	 /* the byte before it, ' ' at the start */
	char after;	 /* the byte after it, ' ' at the end */
	char mark;	 /* the first byte after it that is no blank, or 0 */
	bool zero;	 /* a number that is 0 */
	bool joined;	 /* to what is before it, in a name or a path */
	bool joins;	 /* what is after it, likewise */
	uint32_t value;	 /* a whole number's, at most UINT32_MAX */
};

struct tokens {
	unsigned count;
	struct token rows[TOKENS_MAX];
};

/* Rows borrow from the text. */
void tokens_cut(const struct text *text, struct tokens *tokens);
/* The hash that a word would have. */
uint32_t tokens_hash(const char *word, size_t n);
/* The word is written in small letters. */
static inline bool
token_is(const struct token *token, const char *word)
{
	size_t i = 0;

	while (i < token->n && (token->p[i] | 0x20) == word[i])
		i++;
	return i == token->n && word[i] == '\0';
}

#endif
