/*
 * document.c - see document.h.
 */
#include "document.h"

#include <errno.h>
#include <stdlib.h>

#define DOCUMENT_MIN 8192

char *
document_make(document_fill *fill, const void *arg, size_t *length)
{
	for (size_t cap = DOCUMENT_MIN; cap <= DOCUMENT_MAX; cap *= 4) {
		char *text = malloc(cap);
		struct jsonw w;
		long n;

		if (text == NULL)
			return NULL;
		jsonw_start(&w, text, cap);
		fill(&w, arg);
		if ((n = jsonw_end(&w)) != -1) {
			*length = (size_t)n;
			return text;
		}
		free(text);
	}
	errno = EFBIG;
	return NULL;
}
