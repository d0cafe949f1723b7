/*
 * lexicon.c - see lexicon.h. A tree of words: each branch is an entry of one
 * hash table, keyed by the node that it leaves and the word's hash.
 */
#include "lexicon.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BRANCHES 8192 /* a power of two, twice as many as there are words */
#define NODES_MAX 4096
#define NODE_CLASSES 4

struct lexicon_row {
	const char *name;
	const char *phrases; /* separated by '|' */
};

static const struct lexicon_row lexicon_rows[] = {
#define LEXICON_ROW(id, name, phrases) { name, phrases },
	LEXICON_CLASSES(LEXICON_ROW)
#undef LEXICON_ROW
};

struct branch {
	uint32_t word;
	uint16_t from;
	uint16_t to; /* 0: the entry is free */
};

struct node {
	uint8_t classes[NODE_CLASSES];
	uint8_t count;
	bool leaf; /* no branch leaves it */
};

struct lexicon {
	unsigned nodes;
	struct node node[NODES_MAX];
	struct branch branches[BRANCHES];
};

static unsigned
branch_slot(const struct lexicon *lexicon, uint16_t from, uint32_t word)
{
	uint32_t at = (word ^ (from * 0x9e3779b1u)) * 0x85ebca6bu;
	unsigned slot = (at >> 16) & (BRANCHES - 1);
	const struct branch *branch = &lexicon->branches[slot];

	while (
	    branch->to != 0 && (branch->word != word || branch->from != from)) {
		slot = (slot + 1) & (BRANCHES - 1);
		branch = &lexicon->branches[slot];
	}
	return slot;
}

static unsigned
lexicon_grow(struct lexicon *lexicon, unsigned from, uint32_t word)
{
	unsigned slot = branch_slot(lexicon, (uint16_t)from, word);
	struct branch *branch = &lexicon->branches[slot];

	if (branch->to != 0)
		return branch->to;
	if (lexicon->nodes == NODES_MAX)
		return 0;
	*branch = (struct branch){ word, (uint16_t)from,
		(uint16_t)lexicon->nodes };
	lexicon->node[from].leaf = false;
	lexicon->node[lexicon->nodes].leaf = true;
	return lexicon->nodes++;
}

static int
lexicon_add(struct lexicon *lexicon, const struct text *phrase, unsigned class)
{
	struct tokens tokens;
	struct node *node;
	unsigned at = 0;

	tokens_cut(phrase, &tokens);
	for (unsigned i = 0; i < tokens.count; i++) {
		at = lexicon_grow(lexicon, at, tokens.rows[i].hash);
		if (at == 0)
			return -1;
	}
	node = &lexicon->node[at];
	if (at == 0 || node->count == NODE_CLASSES)
		return -1;
	node->classes[node->count++] = (uint8_t) class;
	return 0;
}

static int
lexicon_add_row(struct lexicon *lexicon, unsigned class, struct why *why)
{
	const char *p = lexicon_rows[class].phrases;

	while (*p != '\0') {
		size_t n = strcspn(p, "|");
		struct text phrase = { p, n };

		if (lexicon_add(lexicon, &phrase, class) == -1)
			return why_set(why, "cannot take in \"%.*s\" of %s",
			    (int)n, p, lexicon_rows[class].name);
		p += n + (p[n] == '|');
	}
	return 0;
}

struct lexicon *
lexicon_new(struct why *why)
{
	struct lexicon *lexicon = calloc(1, sizeof(*lexicon));

	if (lexicon == NULL) {
		why_errno(why, "cannot build the lexicon");
		return NULL;
	}
	lexicon->nodes = 1;
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		if (lexicon_add_row(lexicon, i, why) == -1) {
			lexicon_free(lexicon);
			return NULL;
		}
	return lexicon;
}

void
lexicon_free(struct lexicon *lexicon)
{
	free(lexicon);
}

/* A longer phrase hides what is within it: "not found" is no "not". */
static bool
hits_hide(struct lexicon_hits *hits, unsigned first, unsigned last)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < hits->count; i++) {
		const struct lexicon_hit *hit = &hits->rows[i];

		if (hit->first <= first && hit->last >= last &&
		    (hit->first < first || hit->last > last))
			return true;
		if (hit->first < first || hit->last > last ||
		    (hit->first == first && hit->last == last))
			hits->rows[kept++] = *hit;
	}
	hits->count = kept;
	return false;
}

static void
hits_add(struct lexicon_hits *hits, const struct node *node, unsigned first,
    unsigned last)
{
	if (node->count == 0 || hits_hide(hits, first, last))
		return;
	for (unsigned i = 0; i < node->count; i++) {
		if (hits->count == LEXICON_HITS_MAX)
			return;
		hits->rows[hits->count++] = (struct lexicon_hit){
			node->classes[i], (uint8_t)first, (uint8_t)last
		};
	}
}

void
lexicon_find(const struct lexicon *lexicon, const struct tokens *tokens,
    struct lexicon_hits *hits)
{
	hits->count = 0;
	for (unsigned i = 0; i < tokens->count; i++) {
		uint16_t at = 0;

		for (unsigned j = i; j < tokens->count; j++) {
			unsigned slot = branch_slot(lexicon, at,
			    tokens->rows[j].hash);

			at = lexicon->branches[slot].to;
			if (at == 0)
				break;
			hits_add(hits, &lexicon->node[at], i, j);
			if (lexicon->node[at].leaf)
				break;
		}
	}
}

const char *lexicon_class_name(enum lexicon_class class)
{
	return lexicon_rows[class].name;
}
