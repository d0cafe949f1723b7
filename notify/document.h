/*
 * document.h - a JSON document of any size, written by jsonw.
 */
#ifndef NOTIFY_DOCUMENT_H
#define NOTIFY_DOCUMENT_H

#include <stddef.h>

#include "jsonw.h"

#define DOCUMENT_MAX (8 * 1024 * 1024)

/* Writes the document; called again with more room until it fits. */
typedef void document_fill(struct jsonw *w, const void *arg);

/* The text, to be freed, with its length. NULL: errno (EFBIG: over
 * DOCUMENT_MAX). */
char *document_make(document_fill *fill, const void *arg, size_t *length);

#endif
