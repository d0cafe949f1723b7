/*
 * examiner.h - what becomes of each line: cleaned, judged, put into its
 * group and its stream's history, and told of when it matters.
 */
#ifndef CLASSIFIER_EXAMINER_H
#define CLASSIFIER_EXAMINER_H

#include "answer.h"
#include "group.h"
#include "history.h"
#include "template.h"
#include "verdict.h"

/* One stream's memory. */
struct examiner_stream {
	struct history history;
	struct group group;
};

struct examiner {
	struct judge *judge;   /* borrowed */
	struct answer *answer; /* borrowed */
	struct examiner_stream streams[STREAM_COUNT];
	struct templates *templates; /* owned: of all lines */
	struct novelty *novelty;     /* owned; NULL: nobody asked */
	enum severity novelty_severity;
	char *clean;   /* owned, LINE_KEPT_MAX */
	char *context; /* owned, CONTEXT_MAX */
};

/* 0, or -1: out of memory. */
int examiner_init(struct examiner *examiner, struct judge *judge,
    struct answer *answer, int64_t context_lines);
/* Has lines of a new shape told of; "off" does not. As above. */
int examiner_want_novelty(struct examiner *examiner, const char *severity);
void examiner_release(struct examiner *examiner);
/* Takes the next finished line. 0, or -1: the supervisor is gone (errno). */
int examiner_line(struct examiner *examiner, const struct line *line);
/* Nothing follows: tells of the groups that are open. As above. */
int examiner_end(struct examiner *examiner);
/* True while a later line may tell of an earlier one. */
bool examiner_open(const struct examiner *examiner);

#endif
