/*
 * channel_webhook.c - type "webhook": our own JSON to any address, signed as
 * Standard Webhooks asks.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "body.h"
#include "channel.h"
#include "clock.h"
#include "sign.h"

#define US 1000000

/* The signature's header, where the channel has a secret. */
static int
webhook_sign(const struct channel *channel, const struct sign_content *content,
    struct request *request, struct why *why)
{
	const char *secret = channel_value(channel, "secret", why);
	char signature[SIGN_SIGNATURE_MAX];

	if (secret == NULL)
		return why->text[0] == '\0' ? 0 : -1;
	if (sign_webhook(content, secret, signature, why) == -1) {
		errno = EINVAL;
		return -1;
	}
	return request_header(request, "webhook-signature: %s", signature);
}

static int
webhook_build(const struct channel *channel, const struct notice *notice,
    struct request *request, struct why *why)
{
	const char *url = channel_value(channel, "url", why);
	struct sign_content content = {
		.id = notice->id,
		.timestamp = clock_real_us() / US,
	};

	if (url == NULL)
		return -1;
	request->url = strdup(url);
	request->body = body_make(notice, &request->body_length);
	if (request->url == NULL || request->body == NULL)
		return why_errno(why, "cannot make the body");
	content.body = request->body;
	content.body_length = request->body_length;
	if (request_header(request, "Content-Type: application/json") == -1 ||
	    request_header(request, "webhook-id: %s", notice->id) == -1 ||
	    request_header(request, "webhook-timestamp: %" PRId64,
		content.timestamp) == -1)
		return why_errno(why, "cannot make the headers");
	return webhook_sign(channel, &content, request, why);
}

const struct channel_type channel_webhook = {
	.name = "webhook",
	.build = webhook_build,
};
