/*
 * tokens.c - see tokens.h.
 */
#include "tokens.h"

#include <string.h>

#define HASH_SEED 2166136261u /* FNV-1a */
#define HASH_PRIME 16777619u

/* Letters that a number's unit may have ("ms", "GiB"). */
#define UNIT_MAX 3

enum letter {
	LETTER_OTHER,
	LETTER_LOWER,
	LETTER_UPPER,
	LETTER_DIGIT,
	LETTER_HIGH, /* a byte of a character beyond ASCII */
};

static enum letter
letter_of(unsigned char c)
{
	if (c >= 'a' && c <= 'z')
		return LETTER_LOWER;
	if (c >= 'A' && c <= 'Z')
		return LETTER_UPPER;
	if (c >= '0' && c <= '9')
		return LETTER_DIGIT;
	return c >= 0x80 ? LETTER_HIGH : LETTER_OTHER;
}

static uint32_t
hash_byte(uint32_t hash, char c)
{
	switch (letter_of((unsigned char)c)) {
	case LETTER_UPPER:
		c = (char)(c | 0x20);
		break;
	case LETTER_DIGIT:
		c = '0';
		break;
	default:
		break;
	}
	return (hash ^ (unsigned char)c) * HASH_PRIME;
}

uint32_t
tokens_hash(const char *word, size_t n)
{
	uint32_t hash = HASH_SEED;

	for (size_t i = 0; i < n; i++)
		hash = hash_byte(hash, word[i]);
	return hash;
}

/* A point joins when letters stand on both sides of it. */
static void
token_join(struct token *token, const struct text *text, const char *next)
{
	const char *end = text->bytes + text->length;

	token->joined = strchr("_/\\@#$-", token->before) != NULL ||
	    (token->before == '.' && token->p - text->bytes >= 2 &&
		letter_of((unsigned char)token->p[-2]) != LETTER_OTHER);
	token->joins = strchr("_/\\@(-", token->after) != NULL ||
	    (token->after == '.' && end - next >= 2 &&
		letter_of((unsigned char)next[1]) != LETTER_OTHER);
}

/* The end of a number's digits, points and commas. */
static const char *
number_end(const char *p, const char *end)
{
	while (p < end &&
	    (letter_of((unsigned char)*p) == LETTER_DIGIT ||
		((*p == '.' || *p == ',') && p + 1 < end &&
		    letter_of((unsigned char)p[1]) == LETTER_DIGIT)))
		p++;
	return p;
}

static void
number_value(struct token *token, const char *end)
{
	uint64_t value = 0;

	token->zero = true;
	for (const char *p = token->p; p < end; p++) {
		if (*p < '0' || *p > '9')
			continue;
		value = value * 10 + (uint64_t)(*p - '0');
		if (value > UINT32_MAX)
			value = UINT32_MAX;
		if (*p != '0')
			token->zero = false;
	}
	token->value = (uint32_t)value;
}

static const char *
cut_number(struct token *token, const char *p, const char *end)
{
	const char *digits = number_end(p, end), *rest = digits;

	while (rest < end && letter_of((unsigned char)*rest) != LETTER_OTHER &&
	    letter_of((unsigned char)*rest) != LETTER_HIGH)
		rest++;
	token->kind = TOKEN_NUMBER;
	if (rest - digits > UNIT_MAX)
		token->kind = TOKEN_ID;
	else
		number_value(token, digits);
	token->hash = tokens_hash("0", 1);
	return rest;
}

static const char *
cut_word(struct token *token, const char *p, const char *end)
{
	unsigned upper = 0, lower = 0, humps = 0;
	uint32_t hash = HASH_SEED;
	enum letter last = LETTER_OTHER;

	for (; p < end; p++) {
		enum letter now = letter_of((unsigned char)*p);

		if (now == LETTER_HIGH ||
		    (now == LETTER_OTHER &&
			(*p != '\'' || p + 1 == end ||
			    letter_of((unsigned char)p[1]) != LETTER_LOWER)))
			break;
		upper += now == LETTER_UPPER;
		lower += now == LETTER_LOWER;
		humps += now == LETTER_UPPER && last == LETTER_LOWER;
		last = now;
		hash = hash_byte(hash, *p);
	}
	token->hash = hash;
	token->kind = TOKEN_WORD;
	if (humps > 0)
		token->letters = CASE_CAMEL;
	else if (upper > 0 && lower == 0)
		token->letters = CASE_UPPER;
	else
		token->letters = upper > 0 ? CASE_TITLE : CASE_LOWER;
	return p;
}

static const char *
cut_mark(struct token *token, const char *p, const char *end)
{
	const char *from = p++;

	while (p < end && ((unsigned char)*p & 0xc0) == 0x80)
		p++;
	token->kind = TOKEN_MARK;
	token->hash = tokens_hash(from, (size_t)(p - from));
	return p;
}

static void
token_finish(struct token *token, const struct text *text, const char *next)
{
	const char *end = text->bytes + text->length;

	token->n = (uint16_t)(next - token->p);
	token->before = token->p > text->bytes ? token->p[-1] : ' ';
	token->after = next < end ? *next : ' ';
	token_join(token, text, next);
	while (next < end && (*next == ' ' || *next == '\t'))
		next++;
	token->mark = next < end ? *next : '\0';
}

void
tokens_cut(const struct text *text, struct tokens *tokens)
{
	const char *p = text->bytes, *end = p + text->length;

	if (text->length > TOKENS_LOOK_MAX)
		end = p + TOKENS_LOOK_MAX;
	tokens->count = 0;
	while (p < end && tokens->count < TOKENS_MAX) {
		struct token *token = &tokens->rows[tokens->count];
		enum letter letter = letter_of((unsigned char)*p);
		const char *next;

		if (letter == LETTER_OTHER) {
			p++;
			continue;
		}
		memset(token, 0, sizeof(*token));
		token->p = p;
		if (letter == LETTER_DIGIT)
			next = cut_number(token, p, end);
		else if (letter == LETTER_HIGH)
			next = cut_mark(token, p, end);
		else
			next = cut_word(token, p, end);
		token_finish(token, text, next);
		tokens->count++;
		p = next;
	}
}
