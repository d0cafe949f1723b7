/*
 * url.c - see url.h. libcurl's parser reads the address, so that what is
 * shown and split is what is asked.
 */
#include "url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NULL: not an address. */
static CURLU *
url_parse(const char *url)
{
	CURLU *parsed = curl_url();

	if (parsed == NULL || curl_url_set(parsed, CURLUPART_URL, url, 0) == 0)
		return parsed;
	curl_url_cleanup(parsed);
	return NULL;
}

const char *
url_origin(const char *url, char origin[URL_ORIGIN_MAX])
{
	CURLU *parsed = url_parse(url);
	char *scheme = NULL, *host = NULL, *port = NULL;

	if (parsed == NULL ||
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != 0 ||
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) != 0)
		snprintf(origin, URL_ORIGIN_MAX, "the address");
	else if (curl_url_get(parsed, CURLUPART_PORT, &port,
		     CURLU_NO_DEFAULT_PORT) == 0)
		snprintf(origin, URL_ORIGIN_MAX, "%s://%.100s:%s", scheme, host,
		    port);
	else
		snprintf(origin, URL_ORIGIN_MAX, "%s://%s", scheme, host);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parsed);
	return origin;
}

/* path without its last part, which moves to *last. 0, or -1. */
static int
url_cut_path(char *path, char **last)
{
	size_t n = strlen(path);
	char *slash;

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL || slash[1] == '\0')
		return -1;
	*last = strdup(slash + 1);
	slash[1] = '\0';
	return *last == NULL ? -1 : 0;
}

int
url_split(const char *url, char **parent, char **last, struct why *why)
{
	CURLU *parsed = url_parse(url);
	char *path = NULL, *whole = NULL;

	*parent = *last = NULL;
	if (parsed != NULL &&
	    curl_url_get(parsed, CURLUPART_PATH, &path, CURLU_URLDECODE) == 0 &&
	    url_cut_path(path, last) == 0 &&
	    curl_url_set(parsed, CURLUPART_PATH, path, CURLU_URLENCODE) == 0 &&
	    curl_url_get(parsed, CURLUPART_URL, &whole, 0) == 0)
		*parent = strdup(whole);
	curl_free(path);
	curl_free(whole);
	curl_url_cleanup(parsed);
	if (*parent != NULL)
		return 0;
	free(*last);
	*last = NULL;
	return why_set(why, "the address has no last part in its path");
}
