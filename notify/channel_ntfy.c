/*
 * channel_ntfy.c - type "ntfy": a push message by an ntfy server
 * (docs.ntfy.sh, "Publish as JSON": the topic goes into the body and the
 * request to the server's root).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "document.h"
#include "url.h"
#include "utf8.h"

#define NTFY_MESSAGE_MAX 4096 /* bytes; a longer one becomes a file */
#define NTFY_CUT "\n\xe2\x80\xa6\n"

struct ntfy_row {
	int priority;	 /* 5: keeps ringing; 3: normal; 1: silent */
	const char *tag; /* a name that the app shows as a picture */
};

static const struct ntfy_row ntfy_rows[SEVERITY_COUNT] = {
	[SEVERITY_NONE] = { 1, "speech_balloon" },
	[SEVERITY_LOW] = { 2, "information_source" },
	[SEVERITY_MEDIUM] = { 3, "warning" },
	[SEVERITY_HIGH] = { 4, "warning" },
	[SEVERITY_CRITICAL] = { 5, "rotating_light" },
};

struct ntfy_message {
	const struct notice *notice;
	const char *topic;
	int priority;
};

/* The start of what follows `from`, not within a sequence. */
static size_t
ntfy_boundary(const char *text, size_t from)
{
	while (((unsigned char)text[from] & 0xc0) == 0x80)
		from++;
	return from;
}

/* A message that is too long keeps both ends: the head says what happened,
 * the last lines say where. */
static void
ntfy_text(struct jsonw *w, const char *text)
{
	char cut[NTFY_MESSAGE_MAX + 1];
	size_t n = strlen(text), mark = strlen(NTFY_CUT);
	size_t half = (NTFY_MESSAGE_MAX - mark) / 2, head, tail;
	char *at = cut;

	if (n <= NTFY_MESSAGE_MAX) {
		jsonw_str(w, "message", text);
		return;
	}
	head = utf8_cut(text, n, half);
	tail = ntfy_boundary(text, n - half);
	at = mempcpy(at, text, head);
	at = mempcpy(at, NTFY_CUT, mark);
	at = mempcpy(at, text + tail, n - tail);
	jsonw_text(w, "message", cut, (size_t)(at - cut));
}

static void
ntfy_fill(struct jsonw *w, const void *arg)
{
	const struct ntfy_message *message = arg;
	const struct notice *notice = message->notice;

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "topic", message->topic);
	jsonw_str(w, "title", notice->title);
	ntfy_text(w, notice->message);
	jsonw_int(w, "priority", message->priority);
	jsonw_open(w, "tags", '[');
	jsonw_str(w, NULL, ntfy_rows[notice->occurrence->severity].tag);
	jsonw_str(w, NULL, severity_name(notice->occurrence->severity));
	jsonw_str(w, NULL, subject_text(notice->subject, "id"));
	jsonw_close(w, ']');
	if (notice->runbook != NULL)
		jsonw_str(w, "click", notice->runbook);
	jsonw_close(w, '}');
}

static int
ntfy_priority(const struct channel *channel, const struct notice *notice)
{
	int64_t priority = table_int(channel->table, "priority");

	if (priority != -1)
		return (int)priority;
	return ntfy_rows[notice->occurrence->severity].priority;
}

static int
ntfy_headers(const struct channel *channel, struct request *request,
    struct why *why)
{
	const char *token = channel_value(channel, "token", why);

	if (token == NULL && why->text[0] != '\0')
		return -1;
	if (request_header(request, "Content-Type: application/json") == -1 ||
	    (token != NULL &&
		request_header(request, "Authorization: Bearer %s", token) ==
		    -1))
		return why_errno(why, "cannot make the headers");
	return 0;
}

static int
ntfy_build(const struct channel *channel, const struct notice *notice,
    struct request *request, struct why *why)
{
	const char *url = channel_value(channel, "url", why);
	struct ntfy_message message = { .notice = notice };
	char *topic;

	if (url == NULL)
		return -1;
	if (url_split(url, &request->url, &topic, why) == -1) {
		errno = EINVAL;
		return -1;
	}
	message.topic = topic;
	message.priority = ntfy_priority(channel, notice);
	request->body = document_make(ntfy_fill, &message,
	    &request->body_length);
	free(topic);
	if (request->body == NULL)
		return why_errno(why, "cannot make the body");
	return ntfy_headers(channel, request, why);
}

const struct channel_type channel_ntfy = {
	.name = "ntfy",
	.build = ntfy_build,
};
