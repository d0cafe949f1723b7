/*
 * jsonw.h - writes one JSON document into a buffer that the caller owns.
 *
 * For records on disk and on sockets: it never allocates, and whatever bytes
 * it is given, what it writes is valid UTF-8 (a broken sequence becomes
 * U+FFFD, one for each byte, and so does NUL, which few readers take) with
 * control characters escaped, C1 too, so that it may be shown on a terminal.
 * When the buffer is full it goes on counting nothing and jsonw_end says so.
 */
#ifndef JOBS_CORE_JSONW_H
#define JOBS_CORE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jsonw {
	char *buf;
	size_t cap;
	size_t len;
	bool full;
	bool comma; /* the next item needs one before it */
};

void jsonw_start(struct jsonw *w, char *buf, size_t cap);
/* The document's length (NUL-terminated), or -1: it did not fit. */
long jsonw_end(struct jsonw *w);

/* A NULL key: inside an array, or the document itself. */
void jsonw_open(struct jsonw *w, const char *key, char bracket);
void jsonw_close(struct jsonw *w, char bracket);
/* A NULL text writes null. */
void jsonw_str(struct jsonw *w, const char *key, const char *text);
void jsonw_text(struct jsonw *w, const char *key, const char *p, size_t n);
void jsonw_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_real(struct jsonw *w, const char *key, double value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
/* Microseconds since 1970 as an RFC 3339 string; 0 writes null. */
void jsonw_time(struct jsonw *w, const char *key, int64_t real_us);
/* Text that is JSON already. */
void jsonw_raw(struct jsonw *w, const char *key, const char *json);

#endif
