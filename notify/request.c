/*
 * request.c - see request.h.
 */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
request_init(struct request *request)
{
	*request = (struct request){ .allow_private = true };
}

void
request_release(struct request *request)
{
	free(request->url);
	free(request->body);
	for (unsigned i = 0; i < request->header_count; i++)
		free(request->headers[i]);
	request_init(request);
}

int
request_header(struct request *request, const char *format, ...)
{
	char *line;
	va_list args;
	int n;

	if (request->header_count == REQUEST_HEADERS_MAX) {
		errno = E2BIG;
		return -1;
	}
	va_start(args, format);
	n = vasprintf(&line, format, args);
	va_end(args);
	if (n == -1)
		return -1;
	if (strpbrk(line, "\r\n") != NULL) { /* would be a second header */
		free(line);
		errno = EINVAL;
		return -1;
	}
	request->headers[request->header_count++] = line;
	return 0;
}
