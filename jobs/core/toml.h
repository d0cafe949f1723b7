/*
 * toml.h - reads TOML 1.0 with the place of every key and value.
 *
 * A C face for toml++, whose exceptions and types end behind it.
 */
#ifndef JOBS_CORE_TOML_H
#define JOBS_CORE_TOML_H

#include <stddef.h>

#include "toml_node.h"
#include "why.h"

#define TOML_SIZE_MAX (1024 * 1024) /* of a document, in bytes */
#define TOML_KEY_PARTS_MAX 8	    /* a.b.c has three */

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The document's root table, to be freed with toml_node_free. NULL: why says
 * what is wrong and at tells where (0 where the trouble has no place).
 */
struct toml_node *toml_parse(const char *text, size_t length,
    struct toml_mark *at, struct why *why);

#ifdef __cplusplus
}
#endif

#endif
