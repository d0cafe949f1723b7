/*
 * sign.h - message ids and signatures.
 *
 * Formats: Standard Webhooks (github.com/standard-webhooks, spec, sections
 * "Webhook headers" and "Signature scheme"), symmetric scheme v1.
 */
#ifndef NOTIFY_SIGN_H
#define NOTIFY_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "secret.h"
#include "why.h"

#define SIGN_ID_MAX 69	      /* "msg_", 64 hex digits, NUL */
#define SIGN_SIGNATURE_MAX 48 /* "v1,", 44 of base64, NUL */
#define SIGN_KEY_MAX SECRET_KEY_MAX

/*
 * The id of the message about event `seq` of the job `uid` for a channel:
 * made from nothing else, so that every attempt, in whatever process, gives
 * the receiver the same one.
 */
int sign_id(const char *uid, uint64_t seq, const char *channel,
    char id[SIGN_ID_MAX]);

/* The text that is signed: id.timestamp.body */
struct sign_content {
	const char *id;
	int64_t timestamp; /* seconds since 1970, of this attempt */
	const char *body;
	size_t body_length;
};

/*
 * "v1,BASE64" of HMAC-SHA256 over the content. The secret is "whsec_" and
 * base64, or the key's own bytes as text. 0, or -1: why (it never quotes
 * the secret).
 */
int sign_webhook(const struct sign_content *content, const char *secret,
    char signature[SIGN_SIGNATURE_MAX], struct why *why);

#endif
