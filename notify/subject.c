/*
 * subject.c - see subject.h.
 */
#include "subject.h"

#include <stdlib.h>

#include "io.h"
#include "jobdir.h"

#define SUBJECT_STATUS_MAX (1024 * 1024)

int
subject_init(struct subject *subject, int dir, struct why *why)
{
	*subject = (struct subject){ 0 };
	subject->identity = jobdir_identity(dir, why);
	if (subject->identity == NULL)
		return -1;
	if (subject_text(subject, "id") != NULL)
		return 0;
	subject_release(subject);
	return why_set(why, "job.json has no id");
}

void
subject_release(struct subject *subject)
{
	json_decref(subject->identity);
	json_decref(subject->status);
	*subject = (struct subject){ 0 };
}

void
subject_refresh(struct subject *subject, int dir)
{
	size_t length;
	char *text = io_load(dir, "status.json", SUBJECT_STATUS_MAX, &length);

	json_decref(subject->status);
	subject->status = text == NULL ? NULL
				       : json_loadb(text, length, 0, NULL);
	free(text);
}

const char *
subject_text(const struct subject *subject, const char *key)
{
	return json_string_value(json_object_get(subject->identity, key));
}

const char *
subject_uid(const struct subject *subject)
{
	const char *uid = subject_text(subject, "uid");

	return uid == NULL ? subject_text(subject, "id") : uid;
}
