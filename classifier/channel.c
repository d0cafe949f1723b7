/*
 * channel.c - see channel.h.
 */
#include "channel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
channel_init(struct channel *channel, struct examiner *examiner,
    struct answer *answer)
{
	memset(channel, 0, sizeof(*channel));
	channel->examiner = examiner;
	channel->answer = answer;
	channel->skip = CHANNEL_NO_SKIP;
	if (reader_init(&channel->reader) == -1 ||
	    assembly_init(&channel->assembly) == -1) {
		channel_release(channel);
		return -1;
	}
	return 0;
}

void
channel_release(struct channel *channel)
{
	reader_release(&channel->reader);
	assembly_release(&channel->assembly);
}

/* Says the last cut, and how far the bytes were looked at. */
static int
channel_tell(struct channel *channel, uint64_t end, bool final)
{
	struct message_cursor cursor = {
		.offset = channel->cut,
		.end = end,
		.lines = channel->cut_lines,
		.final = final,
	};

	if (end < channel->cut)
		cursor.end = channel->cut; /* it was told less than we know */
	channel->told = end;
	return answer_cursor(channel->answer, &cursor);
}

static int
channel_skip(struct channel *channel, const struct line *line)
{
	char words[128];

	snprintf(words, sizeof(words),
	    "the line at offset %" PRIu64 " (%s, %" PRIu64
	    " bytes) is skipped: it ended the classifier twice",
	    line->offset, stream_name(line->stream), line->length);
	return answer_note(channel->answer, words);
}

static int
channel_line(struct channel *channel, const struct line *line)
{
	int done;

	if (channel->careful &&
	    channel_tell(channel, line->offset, false) == -1)
		return -1;
	if (line->offset == channel->skip)
		done = channel_skip(channel, line);
	else
		done = examiner_line(channel->examiner, line);
	channel->lines++;
	return done;
}

/* Everything before `position` was consumed: is it a cut? */
static void
channel_cut(struct channel *channel, uint64_t position)
{
	if (assembly_open(&channel->assembly) ||
	    examiner_open(channel->examiner))
		return;
	channel->cut = position;
	channel->cut_lines = channel->lines;
}

/* Ends the unfinished lines as they are. */
static int
channel_flush(struct channel *channel)
{
	struct line line;

	while (assembly_flush(&channel->assembly, &line))
		if (channel_line(channel, &line) == -1)
			return -1;
	return 0;
}

static int
channel_run(struct channel *channel, struct run *run)
{
	struct line line;

	if (run->torn) {
		if (channel_flush(channel) == -1)
			return -1;
		channel_cut(channel, run->offset);
	}
	while (assembly_next(&channel->assembly, run, &line)) {
		if (channel_line(channel, &line) == -1)
			return -1;
		channel_cut(channel, run->offset);
	}
	return 0;
}

static int
channel_read(struct channel *channel, uint64_t end)
{
	struct reader *reader = &channel->reader;
	struct run run;
	int got;

	while ((got = reader_next(reader, end, &run)) == 1) {
		if (channel_run(channel, &run) == -1)
			return -1;
		if (reader->position < end &&
		    reader->position - channel->told >= CHANNEL_STRIDE &&
		    channel_tell(channel, reader->position, false) == -1)
			return -1;
	}
	return got;
}

static int
channel_on_resume(struct channel *channel, const struct message_resume *resume)
{
	if (channel->resumed) {
		errno = EBADMSG;
		return -1;
	}
	channel->resumed = true;
	channel->careful = resume->careful != 0;
	channel->skip = resume->skip;
	channel->lines = channel->cut_lines = resume->lines;
	channel->cut = channel->told = resume->cursor;
	channel->reader.position = resume->cursor;
	return 0;
}

static int
channel_on_segment(struct channel *channel, struct message *message,
    const struct message_segment *segment)
{
	if (!channel->resumed || message->fd_count != 2) {
		errno = EBADMSG;
		return -1;
	}
	if (reader_add(&channel->reader, segment->base, message->fds[0],
		message->fds[1]) == -1)
		return -1;
	message->fd_count = 0; /* the reader's now */
	return 0;
}

static int
channel_on_survey(const struct channel *channel)
{
	return answer_templates(channel->answer, channel->examiner->templates);
}

static int
channel_on_grown(struct channel *channel, const struct message_grown *grown)
{
	bool final = grown->final != 0;

	if (!channel->resumed) {
		errno = EBADMSG;
		return -1;
	}
	if (channel_read(channel, grown->end) == -1)
		return -1;
	if (final &&
	    (channel_flush(channel) == -1 ||
		examiner_end(channel->examiner) == -1))
		return -1;
	if (final)
		channel_cut(channel, channel->reader.position);
	if (final && channel_on_survey(channel) == -1)
		return -1;
	return channel_tell(channel, grown->end, final);
}

int
channel_on_message(struct channel *channel, struct message *message)
{
	const void *body = message->body;
	int done = -1;

	switch (message->type) {
	case MESSAGE_RESUME:
		done = channel_on_resume(channel, body);
		break;
	case MESSAGE_SEGMENT:
		done = channel_on_segment(channel, message, body);
		break;
	case MESSAGE_GROWN:
		done = channel_on_grown(channel, body);
		break;
	case MESSAGE_SURVEY:
		done = channel_on_survey(channel);
		break;
	default:
		errno = EBADMSG;
	}
	for (unsigned i = 0; i < message->fd_count; i++)
		close(message->fds[i]);
	message->fd_count = 0;
	return done;
}
