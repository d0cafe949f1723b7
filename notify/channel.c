/*
 * channel.c - see channel.h.
 */
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct channel_type *const channel_types[] = {
	&channel_webhook,
	&channel_ntfy,
};

static const struct channel_type *
channel_type_find(const char *name)
{
	size_t count = sizeof(channel_types) / sizeof(channel_types[0]);

	for (size_t i = 0; i < count; i++)
		if (strcmp(channel_types[i]->name, name) == 0)
			return channel_types[i];
	return NULL;
}

static void
channel_init(struct channel *channel, const json_t *table,
    const struct policy *policy)
{
	const char *severity = table_str(table, "min_severity");

	if (severity == NULL)
		severity = policy_str(policy, "notify.min_severity");
	channel->table = table;
	channel->name = table_str(table, "name");
	channel->type_name = table_str(table, "type");
	channel->type = channel_type_find(channel->type_name);
	channel->min_severity = (enum severity)severity_parse(severity);
	channel->expire_us = table_ms(table, "expire") * 1000;
}

int
channels_init(struct channels *channels, const struct policy *policy,
    const struct credentials *credentials)
{
	const json_t *tables = policy_tables(policy, "channel");

	channels->count = (uint32_t)json_array_size(tables);
	channels->at = calloc(channels->count + 1, sizeof(*channels->at));
	if (channels->at == NULL)
		return -1;
	for (uint32_t i = 0; i < channels->count; i++) {
		channel_init(&channels->at[i], json_array_get(tables, i),
		    policy);
		channels->at[i].credentials = credentials;
	}
	for (uint32_t i = 0; i < channels->count; i++)
		channels->at[i].fallback = channels_find(channels,
		    table_str(channels->at[i].table, "fallback"));
	return 0;
}

void
channels_release(struct channels *channels)
{
	free(channels->at);
	*channels = (struct channels){ 0 };
}

uint32_t
channels_find(const struct channels *channels, const char *name)
{
	for (uint32_t i = 0; name != NULL && i < channels->count; i++)
		if (strcmp(channels->at[i].name, name) == 0)
			return i;
	return CHANNEL_NONE;
}

int
channel_build(const struct channel *channel, const struct notice *notice,
    struct request *request, struct why *why)
{
	request->allow_private = table_bool(channel->table, "allow_private");
	why_set(why, "out of memory");
	errno = ENOMEM;
	return channel->type->build(channel, notice, request, why);
}

const char *
channel_value(const struct channel *channel, const char *key, struct why *why)
{
	const char *text = table_str(channel->table, key);

	why->text[0] = '\0';
	return text == NULL ? NULL
			    : credentials_get(channel->credentials, text, why);
}
