/*
 * group.h - a grammar at work on one stream: which lines form one event.
 *
 * The finding is the final line, told the moment it is there. A group that
 * ends without one (another line came between, the output ended) is told
 * by its header, unless one of its lines was told already: so the offsets
 * of a stream's findings only rise.
 */
#ifndef CLASSIFIER_GROUP_H
#define CLASSIFIER_GROUP_H

#include <stdbool.h>

#include "excerpt.h"
#include "grammar.h"

#define GROUP_PREFIX_MAX 256
#define GROUP_HEADER_MAX 1024
/* A group that reaches further in the output is no traceback; and the
 * cursor cannot pass an open one. */
#define GROUP_REACH_MAX (1024 * 1024)

enum group_part {
	GROUP_NONE,   /* the line is none of its */
	GROUP_WITHIN, /* a line of it */
	GROUP_FINAL,  /* its final line */
};

struct group {
	const struct grammar *grammar;
	enum grammar_state state;
	bool told; /* a finding came from one of its lines */
	uint64_t offset;
	uint64_t length; /* of the header line */
	size_t prefix;
	char header[GROUP_HEADER_MAX];
	size_t header_length;
	struct excerpt excerpt; /* all its lines; a chain's, all of those */
};

void group_init(struct group *group, const struct grammar *grammar);
/* Open: header seen, final line not. Cheap. */
static inline bool
group_is_open(const struct group *group)
{
	return group->state == GRAMMAR_OPEN;
}
/*
 * True when the line, which comes next, ends the open group without a final
 * line; the caller tells of it, then closes it.
 */
bool group_is_broken_by(const struct group *group, const struct text *text);
void group_close(struct group *group);
/* Takes the stream's next line; may_start: it may hold a header. */
enum group_part group_step(struct group *group, const struct line *line,
    const struct text *text, bool may_start);

#endif
