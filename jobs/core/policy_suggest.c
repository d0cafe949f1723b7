/*
 * policy_suggest.c - see policy_suggest.h.
 */
#include "policy_suggest.h"

#include <ctype.h>
#include <string.h>

static int
least(int a, int b)
{
	return a < b ? a : b;
}

static int
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The optimal string alignment distance: Wagner and Fischer's rows, with the
 * row before the last one kept for swaps. */
int
suggest_distance(const char *left, const char *right)
{
	int rows[3][SUGGEST_WORD_MAX + 1];
	int n = (int)strnlen(left, SUGGEST_WORD_MAX + 1);
	int m = (int)strnlen(right, SUGGEST_WORD_MAX + 1);

	if (n > SUGGEST_WORD_MAX || m > SUGGEST_WORD_MAX)
		return SUGGEST_WORD_MAX;
	for (int j = 0; j <= m; j++)
		rows[0][j] = j;
	for (int i = 1; i <= n; i++) {
		int *row = rows[i % 3], *above = rows[(i + 2) % 3];
		const int *higher = rows[(i + 1) % 3];

		row[0] = i;
		for (int j = 1; j <= m; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
			    above[j - 1] + !same(left[i - 1], right[j - 1]));
			if (i > 1 && j > 1 && same(left[i - 1], right[j - 2]) &&
			    same(left[i - 2], right[j - 1]))
				row[j] = least(row[j], higher[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

/* One slip, and one more for every four letters; else it is another word. */
void
suggest_offer(struct suggest *suggest, const char *known)
{
	int distance = suggest_distance(suggest->word, known);
	int limit = 1 + (int)strlen(known) / 4;

	if (distance > limit || distance >= (int)strlen(known))
		return;
	if (suggest->best == NULL || distance < suggest->distance) {
		suggest->best = known;
		suggest->distance = distance;
	}
}
