/*
 * examiner.h - what becomes of each line: cleaned, judged, put into its
 * group and its stream's history, and told of when it matters.
 *
 * Who listens hears findings (a job's supervisor), or what each line is and
 * when its group is settled (sheet.h); of a stream, findings come in the
 * order of their offsets.
 */
#ifndef CLASSIFIER_EXAMINER_H
#define CLASSIFIER_EXAMINER_H

#include "groups.h"
#include "history.h"
#include "template.h"
#include "verdict.h"

/* Lines of one event come in one go; this much later the rest is not waited
 * for. */
#define EXAMINER_PAUSE_MS 100

/* A line worth telling of, or the line that names a group; text borrowed. */
struct finding {
	uint64_t offset;
	uint64_t length;
	enum stream stream;
	const struct verdict *verdict;
	const char *context;
	size_t context_length;
};

/* A line as it was judged; all borrowed. */
struct outcome {
	const struct line *line;
	const struct text *text;
	const struct verdict *verdict; /* its own */
	const struct group *group;     /* NULL: none */
	enum grammar_event event;      /* in the group */
};

/* Each returns 0, or -1 with errno: nobody listens any more. */
struct listener {
	void *arg;
	int (*finding)(void *arg, const struct finding *finding);
	/* These may be NULL. */
	int (*line)(void *arg, const struct outcome *outcome);
	/* What the group's lines are is known: group->sure, group->verdict. */
	int (*settle)(void *arg, const struct group *group);
};

/* One stream's memory. */
struct examiner_stream {
	struct history history;
	struct groups groups;
	uint64_t told; /* offset of the last finding, and 1 */
};

struct examiner {
	struct judge *judge; /* borrowed */
	struct listener listener;
	struct examiner_stream streams[STREAM_COUNT];
	struct templates *templates; /* owned: of all lines */
	struct novelty *novelty;     /* owned; NULL: nobody asked */
	enum severity novelty_severity;
	uint64_t group_ids;   /* given so far */
	struct record record; /* a group that is one, read as a whole */
	char *clean;	      /* owned, LINE_KEPT_MAX */
	char *context;	      /* owned, CONTEXT_MAX */
};

/* 0, or -1: out of memory. */
int examiner_init(struct examiner *examiner, struct judge *judge,
    const struct listener *listener, int64_t context_lines);
/* Has lines of a new shape told of; "off" does not. As above. */
int examiner_want_novelty(struct examiner *examiner, const char *severity);
void examiner_release(struct examiner *examiner);
/* Takes the next finished line. 0, or -1: nobody listens (errno). */
int examiner_line(struct examiner *examiner, const struct line *line);
/* Nothing has come for a while: tells of the groups that are named by what
 * is there. As above. */
int examiner_pause(struct examiner *examiner);
/* Nothing follows: tells of the groups that are open. As above. */
int examiner_end(struct examiner *examiner);
/* True while a later line may tell of an earlier one. */
bool examiner_open(const struct examiner *examiner);

#endif
