/*
 * request.h - one HTTP POST, as a channel makes it and http.c sends it.
 */
#ifndef NOTIFY_REQUEST_H
#define NOTIFY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_HEADERS_MAX 8

struct request {
	char *url;  /* owned */
	char *body; /* owned */
	size_t body_length;
	char *headers[REQUEST_HEADERS_MAX]; /* owned, "Name: value" */
	unsigned header_count;
	bool allow_private; /* loopback and private addresses, too */
};

void request_init(struct request *request);
void request_release(struct request *request); /* may be called twice */
/* A header by format; line breaks in values are refused. 0, or -1 (errno). */
int request_header(struct request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
