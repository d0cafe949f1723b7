/*
 * policy_shown.c - a policy as people may see it: no secret in it.
 */
#include <string.h>

#include "policy.h"
#include "policy_schema.h"
#include "policy_tree.h"
#include "secret.h"

#define HIDDEN "***"

/* Scheme and host stay, so that one sees where messages go; what is before
 * the '@' and behind the host is what makes an address a key. */
static json_t *
url_hidden(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path, *at;

	if (host == NULL)
		return json_string(HIDDEN);
	host += 3;
	path = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(path - host));
	return json_sprintf("%.*s%s%.*s%s", (int)(host - url), url,
	    at != NULL ? HIDDEN "@" : "",
	    (int)(at != NULL ? path - at - 1 : path - host),
	    at != NULL ? at + 1 : host,
	    path[0] == '\0' || path[1] == '\0' ? path : "/" HIDDEN);
}

/* Hides the row's value in one table; 1 when there was what to hide. */
static int
row_hide(json_t *table, const struct policy_row *row)
{
	const char *text = json_string_value(json_object_get(table, row->key));
	json_t *hidden;
	int changed;

	if (text == NULL || secret_is_reference(text))
		return 0;
	hidden = row->type == POLICY_TYPE_URL ? url_hidden(text)
					      : json_string(HIDDEN);
	changed = hidden == NULL || strcmp(json_string_value(hidden), text);
	if (hidden == NULL || json_object_set_new(table, row->key, hidden))
		json_object_del(table, row->key);
	return changed != 0;
}

json_t *
policy_shown(const struct policy *policy, int *hidden)
{
	json_t *root = json_deep_copy(policy->root), *table;
	int count = 0;
	size_t i;

	for (const struct policy_row *row = policy_rows;
	     root != NULL && row->section != NULL; row++) {
		json_t *place = policy_tree_section(root,
		    policy_section_find(row->section));

		if (row->type != POLICY_TYPE_SECRET &&
		    row->type != POLICY_TYPE_URL)
			continue;
		if (json_is_object(place))
			count += row_hide(place, row);
		json_array_foreach (place, i, table)
			count += row_hide(table, row);
	}
	if (hidden != NULL)
		*hidden = count;
	return root;
}
