/*
 * selection.c - see selection.h.
 */
#include "selection.h"

#include <errno.h>
#include <string.h>

#include "cmd.h"

static int
selection_init_search(struct selection *selection, const struct logs *logs)
{
	struct why why;

	selection->invert = logs->invert;
	selection->search = search_new(logs->grep, logs->pattern_flags,
	    logs->raw, &why);
	if (selection->search == NULL)
		return cmd_error(CMD_USAGE,
		    "logs: the pattern \"%.200s\" does not compile: %s",
		    logs->grep, why.text);
	return CMD_OK;
}

static int
selection_init_alerts(struct selection *selection, const struct logs *logs)
{
	selection->alerts = alerts_new(logs->ref.dir, logs->severity);
	if (selection->alerts == NULL || alerts_read(selection->alerts) == -1)
		return cmd_error(CMD_FAILED, "cannot read the events of %s: %s",
		    logs->ref.id, strerror(errno));
	return CMD_OK;
}

int
selection_init(struct selection *selection, const struct logs *logs)
{
	int code = CMD_OK;

	*selection = (struct selection){ 0 };
	if (logs->grep != NULL)
		code = selection_init_search(selection, logs);
	if (code == CMD_OK && logs->alerts)
		code = selection_init_alerts(selection, logs);
	return code;
}

void
selection_release(struct selection *selection)
{
	search_free(selection->search);
	alerts_free(selection->alerts);
	*selection = (struct selection){ 0 };
}

bool
selection_is_all(const struct selection *selection)
{
	return selection->search == NULL && selection->alerts == NULL;
}

enum selection_answer
selection_line(const struct selection *selection, const struct line *line,
    const struct alert **alert)
{
	enum pattern_answer answer;

	*alert = NULL;
	if (selection->alerts != NULL) {
		*alert = alerts_find(selection->alerts, line);
		if (*alert == NULL)
			return SELECTION_NO;
	}
	if (selection->search == NULL)
		return SELECTION_YES;
	answer = search_line(selection->search, line);
	if (answer == PATTERN_COSTLY)
		return SELECTION_COSTLY;
	return (answer == PATTERN_YES) != selection->invert ? SELECTION_YES
							    : SELECTION_NO;
}

bool
selection_skims(const struct selection *selection, const char *bytes, size_t n)
{
	if (selection->alerts != NULL)
		return true;
	return selection->search != NULL && !selection->invert &&
	    search_skims(selection->search, bytes, n);
}

const char *
selection_next(const struct selection *selection,
    const struct segment_chunk *chunk, const char *bytes, size_t n)
{
	uint64_t next;

	if (selection->alerts == NULL)
		return search_next(selection->search, bytes, n);
	next = alerts_next(selection->alerts, chunk->stream, chunk->offset);
	return next < chunk->offset + n ? bytes + (next - chunk->offset) : NULL;
}
