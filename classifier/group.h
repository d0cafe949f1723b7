/*
 * group.h - a grammar at work: the lines of one event.
 *
 * It is told by its header or by its final line, as its grammar says. One
 * that was to be told by a final line and ends without one (another line came
 * between, the output ended) is told by its header.
 */
#ifndef CLASSIFIER_GROUP_H
#define CLASSIFIER_GROUP_H

#include <stdbool.h>

#include "excerpt.h"
#include "grammar.h"
#include "prefix.h"
#include "verdict.h"

#define GROUP_PREFIX_MAX 256
#define GROUP_HEADER_MAX 1024
/* A group that reaches further in the output is none; and the cursor cannot
 * pass an open one. */
#define GROUP_REACH_MAX (1024 * 1024)
/* Lines of others that may come between two of its own. */
#define GROUP_FOREIGN_MAX 64

/* Lines that may come before the first that says what it is. */
#define GROUP_MAYBE_MAX 8

struct group {
	const struct grammar_row *row; /* borrowed; NULL: not in use */
	enum grammar_state state;
	bool sure;    /* it is an event: not its header alone */
	bool named;   /* what is told is there: the header, if it is that */
	bool told;    /* a finding came from one of its lines */
	bool settled; /* its lines' answers are known (sheet.h) */
	bool stamped; /* the prefix has a time */
	bool bare;    /* a line without the prefix was taken */
	unsigned foreign;
	unsigned unsure; /* lines of text taken before it was sure */
	uint64_t id;
	uint64_t offset; /* of the header line */
	uint64_t length;
	size_t prefix;
	char header[GROUP_HEADER_MAX];
	size_t header_length;
	/* What is told: the header's own verdict, or the final line's. */
	struct verdict verdict;
	struct excerpt excerpt; /* all its lines; a chain's, all of those */
	/* Between group_read and group_take: */
	enum grammar_event event;
	bool fits;  /* the line can be taken */
	bool exact; /* and has the group's prefix */
	bool broken;
};

/* Starts with a header that begins `at` bytes into the line. */
void group_start(struct group *group, const struct grammar_row *row,
    const struct line *line, const struct text *text, size_t at);
/* Reads the stream's next line, whose prefix is given: sets event, fits,
 * exact, broken. */
void group_read(struct group *group, const struct grammars *grammars,
    const struct text *text, const struct prefix *prefix);
/* Takes the line that was read, and fits. */
void group_take(struct group *group, const struct line *line,
    const struct text *text);
void group_close(struct group *group);
/* The verdict over the header, or over the line that it was renamed to, is
 * the group's; its message is the words that are kept. */
void group_name(struct group *group, const struct verdict *verdict);
/* A group is a failure even when the line that names it says nothing of one,
 * and is as bad as its grammar says, at least; a rule knows better. */
void group_fail(struct group *group);
/* A line that names a part of the event, as "Caused by:" does, may be worse
 * than the header. */
void group_worsen(struct group *group, const struct verdict *verdict);

/* The line, which was taken, is told instead of the header, at the end. */
void group_rename(struct group *group, const struct line *line,
    const struct text *text);

/* The line that was taken only trails behind what names the event: it may be
 * more of its text, and may be something else. */
static inline bool
group_trails(const struct group *group)
{
	return group->state == GRAMMAR_DONE && group->event != GRAMMAR_FINAL &&
	    group->event != GRAMMAR_END;
}

/* A later line may still say what it is, or belong to what is told. */
static inline bool
group_is_open(const struct group *group)
{
	return group->state == GRAMMAR_OPEN || group->state == GRAMMAR_MAYBE ||
	    (group->state == GRAMMAR_LINKED && group->named);
}

#endif
