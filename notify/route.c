/*
 * route.c - see route.h.
 */
#include "route.h"

#include <fnmatch.h>
#include <string.h>

#define ROUTE_OWN "notify." /* else each delivery would tell of itself */

static bool
route_kind_ok(const json_t *kinds, int kind)
{
	size_t count = json_array_size(kinds);

	for (size_t i = 0; i < count; i++) {
		const char *word = json_string_value(json_array_get(kinds, i));

		if (word != NULL && kind_parse(word) == kind)
			return true;
	}
	return count == 0;
}

/* Patterns as in a shell, over the job's name or its id. */
static bool
route_job_ok(const json_t *jobs, const struct subject *subject)
{
	const char *texts[] = {
		subject_text(subject, "name"),
		subject_text(subject, "id"),
	};
	size_t count = json_array_size(jobs);

	for (size_t i = 0; i < 2 * count; i++) {
		const char *pattern = json_string_value(
		    json_array_get(jobs, i / 2));

		if (pattern != NULL && texts[i % 2] != NULL &&
		    fnmatch(pattern, texts[i % 2], 0) == 0)
			return true;
	}
	return count == 0;
}

bool
route_takes(const struct channel *channel, const struct occurrence *occurrence,
    const struct subject *subject)
{
	return strncmp(occurrence->name, ROUTE_OWN, strlen(ROUTE_OWN)) != 0 &&
	    occurrence->severity >= channel->min_severity &&
	    route_kind_ok(json_object_get(channel->table, "kinds"),
		occurrence->kind) &&
	    route_job_ok(json_object_get(channel->table, "jobs"), subject);
}

uint32_t
route_fallback(const struct channels *channels, uint32_t index)
{
	/* A chain longer than all channels goes in a circle. */
	for (uint32_t i = 0; i < channels->count; i++) {
		index = channels->at[index].fallback;
		if (index == CHANNEL_NONE || !channels->at[index].closed)
			return index;
	}
	return CHANNEL_NONE;
}

uint32_t
route_mark(struct channels *channels, const struct occurrence *occurrence,
    const struct subject *subject)
{
	uint32_t marked = 0;

	for (uint32_t i = 0; i < channels->count; i++)
		channels->at[i].marked = false;
	for (uint32_t i = 0; i < channels->count; i++) {
		const struct channel *channel = &channels->at[i];
		uint32_t target = i;

		if (!route_takes(channel, occurrence, subject))
			continue;
		if (channel->closed)
			target = route_fallback(channels, i);
		if (target != CHANNEL_NONE && !channels->at[target].marked) {
			channels->at[target].marked = true;
			marked++;
		}
		if (!table_bool(channel->table, "continue"))
			break;
	}
	return marked;
}
