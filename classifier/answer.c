/*
 * answer.c - see answer.h.
 */
#include "answer.h"

#include <assert.h>
#include <string.h>

#include "history.h"
#include "mask.h"
#include "utf8.h"

static_assert(RULE_SOURCE_MAX + ANSWER_MESSAGE_MAX + CONTEXT_MAX <=
	MESSAGE_TEXT_MAX,
    "a finding must fit its message");

static_assert(TEMPLATE_TEXT_MAX <= MESSAGE_TEMPLATE_TEXT_MAX,
    "a shape must fit its message");

static char *
append(char *to, const char *bytes, size_t n)
{
	memcpy(to, bytes, n);
	return to + n;
}

int
answer_finding(struct answer *answer, const struct finding *finding)
{
	const struct verdict *verdict = finding->verdict;
	const struct text *text = &verdict->message;
	struct message_finding body = {
		.offset = finding->offset,
		.fingerprint = mask_hash(text),
		.score = verdict->score,
		.length = finding->length > UINT32_MAX
		    ? UINT32_MAX
		    : (uint32_t)finding->length,
		.rule = verdict->rule,
		.stream = (uint8_t)finding->stream,
		.severity = (uint8_t)verdict->severity,
		.kind = (uint8_t)verdict->kind,
		.source_length = (uint32_t)strlen(verdict->source),
		.message_length = (uint32_t)utf8_cut(text->bytes, text->length,
		    ANSWER_MESSAGE_MAX),
		.context_length = (uint32_t)finding->context_length,
	};
	char *end = answer->tail;

	end = append(end, verdict->source, body.source_length);
	end = append(end, text->bytes, body.message_length);
	end = append(end, finding->context, finding->context_length);
	return message_send(answer->peer, MESSAGE_FINDING, &body, sizeof(body),
	    answer->tail, (size_t)(end - answer->tail), NULL, 0);
}

int
answer_cursor(const struct answer *answer, const struct message_cursor *cursor)
{
	return message_send(answer->peer, MESSAGE_CURSOR, cursor,
	    sizeof(*cursor), NULL, 0, NULL, 0);
}

int
answer_templates(const struct answer *answer, const struct templates *templates)
{
	const struct template *top[MESSAGE_TEMPLATES_MAX];
	struct message_templates body = {
		.known = templates_known(templates),
		.gone = templates_gone(templates),
		.count = templates_top(templates, top, MESSAGE_TEMPLATES_MAX),
	};

	for (unsigned i = 0; i < body.count; i++) {
		struct message_template *row = &body.top[i];

		row->fingerprint = top[i]->hash;
		row->count = top[i]->count;
		row->first = top[i]->first;
		row->last = top[i]->last;
		row->length = top[i]->length;
		memcpy(row->text, top[i]->text, top[i]->length);
	}
	return message_send(answer->peer, MESSAGE_TEMPLATES, &body,
	    sizeof(body), NULL, 0, NULL, 0);
}

int
answer_note(const struct answer *answer, const char *words)
{
	return message_send(answer->peer, MESSAGE_NOTE, words, strlen(words),
	    NULL, 0, NULL, 0);
}
