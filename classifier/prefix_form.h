/*
 * prefix_form.h - between prefix.c and prefix_bracket.c: a form of a prefix
 * reads what is at the scan's place and says how long it is.
 */
#ifndef CLASSIFIER_PREFIX_FORM_H
#define CLASSIFIER_PREFIX_FORM_H

#include "prefix.h"

struct prefix_scan {
	const char *p; /* what is left, at least one character */
	size_t n;
	size_t at;	 /* where that is in the line */
	bool start;	 /* no form was found before */
	bool glued;	 /* the last separator had no blank behind it */
	bool pads;	 /* set by a form whose blanks are all its own */
	unsigned fields; /* of logfmt, so far */
	struct prefix found;
};

/* The forms in brackets: length, or 0. */
size_t prefix_form_square(struct prefix_scan *scan);
size_t prefix_form_round(struct prefix_scan *scan);
size_t prefix_form_brace(struct prefix_scan *scan);
size_t prefix_form_angle(struct prefix_scan *scan);

/* A level was found `offset` bytes behind the scan's place. */
static inline void
prefix_note(struct prefix_scan *scan, enum level level, size_t offset,
    size_t length)
{
	scan->found.level = level;
	scan->found.level_at = scan->at + offset;
	scan->found.level_length = length;
}

static inline bool
prefix_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What names of loggers, hosts, containers and files are made of. */
static inline bool
prefix_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    prefix_is_digit(c) || c == '_' || c == '.' || c == '-' ||
	    c == '/' || c == '$' || c == '@';
}

/* Length of "rank0", "GPU 3", "worker-1" or a bare number at p; 0: none. */
size_t prefix_rank(const char *p, size_t n);
/* True when a dotted name ends as exceptions' names do. */
bool prefix_is_exception(const char *name, size_t n);

#endif
