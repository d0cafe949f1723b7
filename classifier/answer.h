/*
 * answer.h - what the supervisor is told: findings, the cursor, notes.
 *
 * All return 0, or -1 with errno when the supervisor cannot be told; then
 * there is nothing left to do for this process.
 */
#ifndef CLASSIFIER_ANSWER_H
#define CLASSIFIER_ANSWER_H

#include "examiner.h"
#include "message.h"
#include "template.h"

#define ANSWER_MESSAGE_MAX 2048 /* of a finding; source and context are */
/* bounded where they are made */

struct answer {
	int peer; /* borrowed; blocking */
	char tail[MESSAGE_TEXT_MAX];
};

int answer_finding(struct answer *answer, const struct finding *finding);
int answer_cursor(const struct answer *answer,
    const struct message_cursor *cursor);
int answer_templates(const struct answer *answer,
    const struct templates *templates);
int answer_note(const struct answer *answer, const char *words);

#endif
