/*
 * body.h - the webhook's JSON (CONTRACT, section 9).
 */
#ifndef NOTIFY_BODY_H
#define NOTIFY_BODY_H

#include "notice.h"

/* To be freed. NULL: errno. */
char *body_make(const struct notice *notice, size_t *length);

#endif
