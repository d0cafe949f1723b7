/*
 * utf8.h - what is valid UTF-8 (RFC 3629), for all who show foreign bytes.
 */
#ifndef JOBS_CORE_UTF8_H
#define JOBS_CORE_UTF8_H

#include <stddef.h>
#include <stdio.h>

/* Length (1-4) of the valid sequence at p, or 0 where the byte is broken. */
size_t utf8_sequence(const unsigned char *p, size_t n);
/* The largest cut <= max bytes of text that splits no sequence. */
size_t utf8_cut(const char *text, size_t n, size_t max);
/*
 * Prints text for a terminal: control bytes (C0 but tab, DEL, C1) as \xNN,
 * broken bytes as U+FFFD, so that a job's output cannot drive the terminal.
 */
void utf8_print(FILE *out, const char *text, size_t n);

#endif
