/*
 * registry.c - see registry.h.
 */
#include "registry.h"

#include <string.h>

const struct registry_row registry_rows[EVENT_COUNT] = {
#define REGISTRY_ROW(id, name, severity, keys, summary) \
	[EVENT_##id] = { name, SEVERITY_##severity, keys, summary },
	REGISTRY_EVENTS(REGISTRY_ROW)
#undef REGISTRY_ROW
};

int
registry_find(const char *name)
{
	for (int i = 0; i < EVENT_COUNT; i++)
		if (strcmp(registry_rows[i].name, name) == 0)
			return i;
	return -1;
}

int
registry_allows(enum registry_event event, const char *key)
{
	const char *keys = registry_rows[event].keys;
	size_t n = strlen(key);

	if (n == 0 || strchr(key, ' ') != NULL)
		return 0; /* from a job's own records: anything may come */
	for (const char *p = keys; (p = strstr(p, key)) != NULL; p += n) {
		int starts = p == keys || p[-1] == ' ';
		int ends = p[n] == '\0' || p[n] == ' ';

		if (starts && ends)
			return 1;
	}
	return 0;
}

void
registry_print(FILE *out)
{
	fputs("| event | severity | data keys | meaning |\n"
	      "|---|---|---|---|\n",
	    out);
	for (int i = 0; i < EVENT_COUNT; i++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", registry_rows[i].name,
		    severity_name(registry_rows[i].severity),
		    registry_rows[i].keys, registry_rows[i].summary);
}
