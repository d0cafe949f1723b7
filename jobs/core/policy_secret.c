/*
 * policy_secret.c - see policy_secret.h.
 */
#include "policy_secret.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "policy_text.h"
#include "secret.h"

/* RFC 4648, section 4: groups of four, the last one padded. */
static bool
is_base64(const char *text)
{
	size_t n = strlen(text), body = n;

	while (body > 0 && n - body < 2 && text[body - 1] == '=')
		body--;
	for (size_t i = 0; i < body; i++)
		if (!isascii(text[i]) ||
		    (!isalnum((unsigned char)text[i]) && text[i] != '+' &&
			text[i] != '/'))
			return false;
	return n > 0 && n % 4 == 0;
}

/* What a webhook is signed with: any bytes, or base64 behind a prefix. */
static int
check_key(const char *value, struct why *why)
{
	size_t prefix = strlen(SECRET_KEY_PREFIX), n = strlen(value);

	if (strncmp(value, SECRET_KEY_PREFIX, prefix) == 0) {
		if (!is_base64(value + prefix))
			return why_set(why,
			    "must be base64 behind \"" SECRET_KEY_PREFIX "\"");
		n = (n - prefix) / 4 * 3;
	}
	return n <= SECRET_KEY_MAX
	    ? 0
	    : why_set(why, "must be a key of at most %d bytes", SECRET_KEY_MAX);
}

static bool
is_of_channel(const struct policy_row *row)
{
	return strcmp(row->section, "channel") == 0 ||
	    strcmp(row->section, "heartbeat") == 0;
}

int
policy_secret_check(const struct policy_row *row, const char *value,
    struct why *why)
{
	if (!is_of_channel(row))
		return 0;
	if (strcmp(row->key, "secret") == 0)
		return check_key(value, why);
	if (row->type != POLICY_TYPE_URL && row->type != POLICY_TYPE_SECRET &&
	    row->type != POLICY_TYPE_ID)
		return 0;
	if (strpbrk(value, "\r\n") != NULL)
		return why_set(why, "must not contain a line break");
	return row->type == POLICY_TYPE_URL ? policy_text_address(value, why)
					    : 0;
}
