/*
 * policy_text.h - checks of values that are words.
 *
 * The value is a JSON string. 0, or -1: why.
 */
#ifndef JOBS_CORE_POLICY_TEXT_H
#define JOBS_CORE_POLICY_TEXT_H

#include <jansson.h>

#include "policy_schema.h"
#include "why.h"

int policy_text_secret(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_id(const struct policy_row *row, const json_t *value,
    struct why *why); /* an integer will do, too */
int policy_text_name(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_job_name(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_event_name(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_url(const struct policy_row *row, const json_t *value,
    struct why *why);
/* The same for one that is no reference. */
int policy_text_address(const char *text, struct why *why);
int policy_text_path(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_enum(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_signal(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_hours(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_text_umask(const struct policy_row *row, const json_t *value,
    struct why *why);

#define POLICY_CHOICES_MAX (WHY_MAX / 2)
/* "a", "b" or "c": what an enum's row takes. */
void policy_text_choices(const struct policy_row *row, char *out, size_t cap);

/* "23:00-07:00" as minutes after midnight. 0, or -1. */
int policy_hours_parse(const char *text, int *from, int *to);

#endif
