/*
 * literal.h - words without which a pattern cannot match, so that most lines
 * need not be shown to it.
 */
#ifndef CLASSIFIER_LITERAL_H
#define CLASSIFIER_LITERAL_H

#include <stddef.h>

#define LITERAL_MIN 3 /* a shorter one is in too many lines to be of use */

/*
 * The longest word of each of the expression's alternatives, separated by
 * '|', as cues_add takes them (cues.h): whatever matches the expression,
 * compiled without flags, holds one of them, in some case. Length; 0: none
 * is known, or there is no room for them.
 */
size_t literal_words(const char *expression, char *room, size_t cap);

#endif
