/*
 * http.h - POSTs on the event loop: libcurl's multi interface on libevent.
 *
 * A request is sent once; whether to try again is for others to say.
 * Connections are kept open and used again. Nothing here follows redirects,
 * speaks anything but HTTP, or waits for a name server.
 */
#ifndef NOTIFY_HTTP_H
#define NOTIFY_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"
#include "why.h"

#define HTTP_LONGEST_MS 30000L /* a request has ended by then */

struct event_base;
struct http;

/* How a request ended. */
struct http_answer {
	long status;	       /* 0: none came */
	int64_t retry_after_s; /* Retry-After; 0: none */
	int64_t took_us;
	const char *error; /* set when status is 0; never holds a secret */
	bool hopeless;	   /* and no other attempt will fare better */
};

typedef void http_done_cb(const struct http_answer *answer, void *arg);

/* Borrows base, which must outlive the result. NULL: why. Starts libcurl,
 * so call it while there is one thread. */
struct http *http_new(struct event_base *base, struct why *why);
/* Ends transfers that are under way without calling back. NULL is fine. */
void http_free(struct http *http);
/*
 * Sends the request, which must live until done is called: from the loop,
 * once, and never before this returns. 0, or -1: why, and no call follows.
 */
int http_send(struct http *http, const struct request *request,
    http_done_cb *done, void *arg, struct why *why);
/* True after libcurl said that its machinery is broken: end the process. */
bool http_is_broken(const struct http *http);

#endif
