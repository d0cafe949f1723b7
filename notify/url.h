/*
 * url.h - parts of a channel's address. Addresses hold secrets (a path, a
 * query, a password), so words for people get the origin only.
 */
#ifndef NOTIFY_URL_H
#define NOTIFY_URL_H

#include "why.h"

#define URL_ORIGIN_MAX 128

/* "https://host" of any address, with ":port" where that is not the scheme's
 * own; "the address" where it cannot be read. */
const char *url_origin(const char *url, char origin[URL_ORIGIN_MAX]);
/*
 * Cuts the last part off the path: "https://host/base/topic" gives
 * "https://host/base/" and "topic". Both are to be freed. 0, or -1: why.
 */
int url_split(const char *url, char **parent, char **last, struct why *why);

#endif
